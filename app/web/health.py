"""Whether this process lives, and whether the site can work: for load balancers and whoever watches it."""

from flask import Blueprint, current_app

from app.operations import ready
from app.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive():
    """This process answers, whatever else is broken."""
    return {"alive": True}


@bp.get("/readyz")
@public
def working():
    """Each part that pages need, in a word; 503 where one is missing."""
    parts = ready.parts(current_app._get_current_object())  # type: ignore[attr-defined]
    is_ready = all(word == ready.FINE for word in parts.values())
    return {"ready": is_ready, "parts": parts}, 200 if is_ready else 503
