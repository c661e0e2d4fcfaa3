"""The first page: is everything arriving, and on the first day how to send something."""

import socket

from flask import Blueprint, current_app

from app.extensions import db
from app.queries import home as queries
from app.web.pages import page

bp = Blueprint("home", __name__)


@bp.get("/")
def index():
    """The rooms of each modality, or how to send the first object."""
    settings = current_app.config["SETTINGS"]
    rooms = queries.rooms(db.session())
    return page("home/index.html", "rooms", rooms=rooms, settings=settings, address=_own_address())


def _own_address() -> str:
    """This machine's address on the network that leads outwards; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737)
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()
