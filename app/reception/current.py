"""What becomes of objects, for workers that read a hundred a second: the database is asked every few seconds."""

import time

from flask import current_app

from app.extensions import db
from app.ingest.policy import Policy
from app.reception import configuration

SECONDS = 3

_known: dict[str, tuple[float, Policy]] = {}  # by the address of the database


def policy() -> Policy:
    """What the site wants, as it was a few seconds ago at most."""
    url = current_app.config["SETTINGS"].database_url
    until, known = _known.get(url, (0.0, None))
    if known is None or time.monotonic() > until:
        known = configuration.policy()
        db.session.rollback()  # returns the connection
        _known[url] = (time.monotonic() + SECONDS, known)
    return known


def forget() -> None:
    """Ask anew: this process has changed it."""
    _known.clear()
