"""Objects that fail for days by what looks like a fault of the disk or the database, while others are read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.extensions import db
from app.faults import passes
from app.jobs.clock import now
from app.jobs.place import storage_here
from app.models import Report

OLD = timedelta(days=3)  # it has been tried every ten minutes since
LATELY = timedelta(days=1)  # within which another object was stored: it is no fault of all

REASON = (
    f"Reading it has failed for {OLD.days} days ({{}}) while other objects were read: the disk can't read its file, or "
    "the database does not take what it says. The worker's log says more."
)


def is_stubborn(place: Path, error: Exception) -> bool:
    """Whether this object alone fails so, and the database answers: it would fail for ever, and nobody would know.

    A full disk and files that are away are everybody's fault. So is a database that can't be reached; but one that ends
    the connection does so, too, where it is told more than it takes at a time.
    """
    if passes(error) and not (isinstance(error, DBAPIError) and error.connection_invalidated):
        return False
    try:
        came = _came_at(place)
        return came is not None and came < now() - OLD and _others_are_stored()
    except (OSError, SQLAlchemyError):
        return False


def _came_at(place: Path) -> datetime | None:
    if place.is_absolute():
        return datetime.fromtimestamp(place.stat().st_mtime, UTC).replace(tzinfo=None)
    carried = storage_here().status(place.as_posix())
    return carried.changed_at if carried else None


def _others_are_stored() -> bool:
    latest = db.session.scalar(select(Report.received_at).order_by(Report.id.desc()).limit(1))
    db.session.rollback()  # returns the connection
    return latest is not None and latest > now() - LATELY
