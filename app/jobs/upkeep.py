"""Keeps files in order: drops what was kept long enough, brings refused files and their rows together again."""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, select

from app import queue
from app.exports import place
from app.extensions import db
from app.ingest import names
from app.ingest.receive import FAILED, IGNORED, NOT_A_DOSE_OBJECT
from app.jobs import arrivals, control, quarantine, retention
from app.jobs.clock import now
from app.jobs.ingest import ingest
from app.jobs.place import storage_here
from app.models import Job, Refusal
from app.models.job import FINISHED, SIZES, WITHOUT_FILE
from app.operations import overdue
from app.settings import Settings

UNKNOWN = timedelta(days=1)  # how long what no job knows stays: a database that was restored may be exchanged again
SWEEPING_SECONDS = 60  # of each hour, at most
TEND = "app.jobs.upkeep.tend"  # as the queue has it
JUST_NOW = timedelta(minutes=10)  # a worker writes the row a moment before it moves the file

log = logging.getLogger(__name__)


def ask() -> None:
    """Ask for all of it where it is time: each piece is a job of its own, so that none stands in the way of another.

    Workers of every machine do, and one has the turn. What failed, or was lost with its worker, hinders nothing.
    """
    settings: Settings = current_app.config["SETTINGS"]
    with suppress(queue.QueueAway):
        if overdue.is_our_turn(settings):
            for piece in overdue.PIECES:
                queue.enqueue_anew(settings, queue.EXPORT, TEND, piece, job_id=overdue.job_id(piece))


def tend(*pieces: str) -> None:
    """Do these pieces, or all. Harmless to repeat."""
    for piece in pieces or WORK:
        WORK[piece]()
        with suppress(queue.QueueAway):
            overdue.note_done(current_app.config["SETTINGS"], piece)


def tidy_files() -> None:
    """Take away what is only half there."""
    storage_here().tidy()


def drop_old() -> int:
    """Delete what the site does not want to keep any longer; gives how many there were."""
    settings: Settings = current_app.config["SETTINGS"]
    kept_days = {
        NOT_A_DOSE_OBJECT: settings.keep_refused_days,
        IGNORED: settings.keep_refused_days,
        FAILED: settings.keep_failed_days,
    }
    return _logged("dropped as old", (_delete(Refusal.result == one, days) for one, days in kept_days.items() if days))


def drop_old_exports() -> int:
    """Delete exports that ended longer ago than the site keeps them; gives how many there were."""
    days = current_app.config["SETTINGS"].keep_exports_days
    ended = select(Job).where(Job.kind.not_in(WITHOUT_FILE), Job.state.in_(FINISHED))
    old = list(db.session.scalars(ended.where(Job.finished_at < now() - timedelta(days=days)))) if days else []
    dropped = sum(control.discard(job) for job in old)
    if dropped:
        log.info("exports: %d deleted as old", dropped)
    return dropped


def sweep_exports() -> int:
    """Delete what lies among the exports and no job knows; gives how many files there were.

    A worker was killed while it tidied up, or the database is older than the files: it was restored.
    """
    settled = now() - UNKNOWN
    store = storage_here()
    old = [one for one in place.found(store) if one.changed_at < settled]
    exports = select(Job.id).where(Job.kind.not_in(WITHOUT_FILE))  # after the files: a job is there before its file
    going_on = _beginnings(exports.where(Job.state.not_in(FINISHED)))
    ready = _beginnings(exports.where(Job.state == "ready"))
    strays = [one for one in old if one.id not in going_on and not (one.is_whole and one.id in ready)]
    for one in strays:
        place.sweep(store, one)
    if strays:
        log.info("exports: %d files deleted that no job knows", len(strays))
    return len(strays)


def sweep_names() -> int:
    """Delete texts that no study uses any more; gives how many there were. What is left has its turn the next time."""
    swept = names.sweep(db.engine, SWEEPING_SECONDS)
    if swept:
        log.info("texts: %d deleted that no study uses", swept)
    return swept


def _beginnings(ids: Select) -> set[str]:
    return {id[:8] for id in db.session.scalars(ids)}


def drop_old_size_imports() -> int:
    """Delete the records of imports that ended so long ago, with their logs; gives how many there were."""
    days = current_app.config["SETTINGS"].keep_size_imports_days
    ended = select(Job).where(Job.kind == SIZES, Job.state.in_(FINISHED))
    old = list(db.session.scalars(ended.where(Job.finished_at < now() - timedelta(days=days)))) if days else []
    return sum(control.discard(job) for job in old)


def forget_lost() -> int:
    """Forget refusals whose file is gone; gives how many there were."""
    settled = select(Refusal.id, Refusal.file).where(Refusal.kept, Refusal.refused_at < now() - JUST_NOW)
    rows = db.session.execute(settled).all()
    there = {one.key for one in storage_here().below(quarantine.FOLDER)} if rows else set()
    lost = [row.id for row in rows if row.file not in there]
    quarantine.forget(lost)
    return _logged("forgotten whose file was gone", [len(lost)])


def read_strays() -> int:
    """Read files anew that nobody knows the refusal of; gives how many there were."""
    files = [one.key for one in storage_here().below(quarantine.FOLDER) if one.key.endswith(".dcm")]
    known = set(db.session.scalars(select(Refusal.file)))  # after the files: a row is there before its file
    strays = [key for key in files if key not in known]
    for key in strays:
        ingest(key)
    return _logged("found again", [len(strays)])


def _logged(what: str, numbers: Iterable[int]) -> int:
    if number := sum(numbers):
        log.info("refused objects: %d %s", number, what)
    return number


def _delete(clause: ColumnElement[bool], days: int) -> int:
    old = select(Refusal.id).where(clause, Refusal.received_at < now() - timedelta(days=days))
    return quarantine.remove(list(db.session.scalars(old)))


WORK: dict[str, Callable[[], object]] = {
    "files": tidy_files,
    "uploads": arrivals.drop_old,
    "exports": drop_old_exports,
    "stray-exports": sweep_exports,
    "size-imports": drop_old_size_imports,
    "texts": sweep_names,
    "jobs": retention.drop_old_jobs,
    "objects": retention.drop_old_objects,
    "alarms": retention.drop_old_alarms,
    "refused": drop_old,
    "lost-refused": forget_lost,
    "stray-refused": read_strays,
}
