"""Exports."""

from flask import Blueprint

from app.web.access import needs

bp = Blueprint("exports", __name__, url_prefix="/exports")


@bp.get("/")
@needs("export")
def index():
    """Soon."""
    return "Exports"
