"""The first page: is everything arriving, and on the first day how to send something."""

from collections.abc import Iterable
from datetime import date
from itertools import chain
from typing import Any

from flask import Blueprint, current_app, request
from flask_login import current_user

from app import heard
from app.heard import Heartbeat
from app.models import StoreListener
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
        address = reached_at(first, seen.running(settings) or (), settings)
        return page("home/first_day.html", "waiting", listener=first, address=address, **told)
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


def reached_at(listener: StoreListener, running: Iterable[Heartbeat], settings: Settings) -> str:
    """Where modalities reach a listener: as the site says, where it is told to be, or where its machine or ours is."""
    if settings.store_address or listener.host not in EVERY_ADDRESS:
        return settings.store_address or listener.host
    told = (one.address for one in running if any(port.port == listener.port for port in one.endpoints))
    return next(filter(None, told), "") or heard.own_address()
