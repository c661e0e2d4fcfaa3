"""The first page: is everything arriving, and on the first day how to send something."""

import socket

from flask import Blueprint, current_app, request

from app.queries import home as queries
from app.settings import Settings
from app.web.pages import page

EVERY_ADDRESS = ("", "0.0.0.0", "::")

bp = Blueprint("home", __name__)


@bp.get("/")
def index():
    """The rooms of each modality, or how to send the first object."""
    rooms = queries.rooms()
    if not rooms:
        settings = current_app.config["SETTINGS"]
        return page("home/first_day.html", "waiting", settings=settings, address=_address(settings))
    response = page("home/index.html", "rooms", rooms=rooms, settings=current_app.config["SETTINGS"])
    if "HX-Request" in request.headers:
        response.headers["HX-Refresh"] = "true"  # the first day is over, and the bar has tabs now
    return response


def _address(settings: Settings) -> str:
    """Where modalities reach the listener: where it is told to be, or where this machine is on its network."""
    if settings.store_host not in EVERY_ADDRESS:
        return settings.store_host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737); nothing is sent
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()
