"""Help: what the quantities mean that pages show."""

from flask import Blueprint

from app.queries.explained import chapters, hover
from app.queries.meanings import meaning
from app.web.pages import page

bp = Blueprint("help", __name__, url_prefix="/help")


@bp.get("/quantities")
def quantities():
    """Every quantity that is stored: what it is, its unit, where it comes from, why it may be missing."""
    return page("help/quantities.html", "quantities", chapters=chapters())


@bp.app_template_filter()
def about(name, title):
    """What people are told who point at the quantity."""
    return hover(name, title) or ""


bp.app_template_filter("meaning")(meaning)
