"""Tells a syslog server of audit entries once they are committed, each in its order; what can't be sent waits."""

import logging
import threading
from collections.abc import Sequence

from sqlalchemy import func, select, update

from app.extensions import db
from app.models import AuditEntry, AuditSent
from app.settings import Settings
from app.trail import dicom, syslog
from app.trail.syslog import Server
from app.transactions import writing

AT_A_TIME = 100  # entries
LOOK_SECONDS = 1.0  # between two looks for new ones
PAUSES = (1, 2, 5, 10, 30, 60)  # seconds, while the server is away

log = logging.getLogger(__name__)


def forward(settings: Settings, stop: threading.Event) -> None:
    """Send what is new, and go on until told to stop."""
    failures = 0
    _begin()
    while not stop.is_set():
        try:
            with Server(settings) as server:
                if failures:
                    log.info("the syslog server answers again")
                failures = 0
                while not stop.is_set():
                    if not send_some(server):
                        stop.wait(LOOK_SECONDS)
        except OSError as error:
            if not failures:
                log.warning("the syslog server can't be reached; entries wait: %s", error)
            stop.wait(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1


def send_some(server: Server) -> int:
    """Send the next entries; gives how many there were. Raises OSError where not all of them could be sent."""
    db.session.rollback()
    last = db.session.scalar(select(AuditSent.number)) or 0
    waiting = select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(AT_A_TIME)
    return _send(server, db.session.scalars(waiting).all())


def waiting() -> int:
    """How many entries the server has not heard of."""
    newest = db.session.scalar(select(func.max(AuditEntry.id))) or 0
    return newest - (db.session.scalar(select(AuditSent.number)) or 0)


def _send(server: Server, entries: Sequence[AuditEntry]) -> int:
    sent = 0
    try:
        for entry in entries:
            for message in dicom.messages(entry, syslog.source()):
                server.send(syslog.written(message, entry.at, entry.outcome not in dicom.OUTCOMES))
            sent = entry.id
    finally:
        if sent:
            with writing():
                db.session.execute(update(AuditSent).values(number=sent))
    return len(entries)


def _begin() -> None:
    with writing():
        if db.session.get(AuditSent, 1) is None:
            db.session.add(AuditSent(id=1, number=0))
