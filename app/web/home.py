"""The first page: is everything arriving, and on the first day how to send something."""

import socket
from datetime import date
from itertools import chain
from typing import Any

from flask import Blueprint, current_app, request
from flask_login import current_user

from app.operations import alarms
from app.queries import activity, arrived
from app.queries.glance import glance
from app.reception import configuration, seen
from app.remembered import remembered
from app.settings import LISTENER, Settings
from app.web.pages import page

EVERY_ADDRESS = ("", "0.0.0.0", "::")

bp = Blueprint("home", __name__)


@bp.get("/")
def index():
    """How each room sends, what arrived lately and what is queued; or how to send the first object."""
    settings: Settings = current_app.config["SETTINGS"]
    rooms = _rooms(settings)
    told = {"settings": settings, "alarms": _alarms(settings)} | _raised()
    if not rooms:
        first = configuration.listeners()[0]
        return page("home/first_day.html", "waiting", listener=first, address=reached_at(first.host), **told)
    arrivals, failures = arrived.latest(), arrived.failures()
    lately = {"arrivals": arrivals, "failures": failures, "glance": glance(chain(*rooms.values()), arrivals, failures)}
    response = page("home/index.html", "home", rooms=rooms, **lately, **told)
    if request.headers.get("HX-Target") == "waiting":
        response.headers["HX-Refresh"] = "true"  # the first day is over, and the bar has tabs now
    return response


def _alarms(settings: Settings) -> list[str]:
    """What is wrong with the listeners, for who can do something about it."""
    running = seen.running(settings) if current_user.may("admin") else None
    return [] if running is None else seen.alarms(running)


def _raised() -> dict[str, Any]:
    """What else is wrong, and whether mails tell of it; what listeners do is told as it is this moment, above."""
    if not current_user.may("admin"):
        return {"raised_alarms": []}
    others = [alarm for alarm in alarms.open_now() if alarm.kind != LISTENER]
    return {"raised_alarms": others, "mail_error": alarms.mail_error() if others else ""}


def _rooms(settings: Settings) -> dict[str, list[activity.Room]]:
    today = date.today()
    name = f"rooms {today} {settings.home_days}"
    return activity.rooms(remembered(name, lambda: activity.figures(settings.home_days, today)), today)


def reached_at(host: str) -> str:
    """Where modalities reach a listener: where it is told to be, or where this machine is on its network."""
    if host not in EVERY_ADDRESS:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737); nothing is sent
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()
