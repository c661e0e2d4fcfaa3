"""Reads kept objects again after an upgrade: in the queue, in slices, so that nothing else waits long."""

import logging
import time
import uuid
from collections import Counter
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select

from app import queue
from app.extensions import db
from app.ingest.reread import CHANGED, reread
from app.jobs.clock import now
from app.jobs.progress import Aborted, Progress, advance
from app.models import Equipment, Job, Original, Report, Study
from app.models.job import REREAD
from app.transactions import writing

WORK = "app.jobs.reread.read_slice"
SLICE_SECONDS = 20  # then others may have their turn
MOST_TOLD = 1000  # studies that a job remembers as changed
QUEUE_AWAY = "The queue does not answer, so no worker hears of it. Start it, or add --here."
FAULT = "The database failed meanwhile, and the log says how. What was read again stays so; start it again."

log = logging.getLogger(__name__)


def request(study: str = "", device: str = "", since: date | None = None) -> Job:
    """A job that reads what matches; a worker takes it where the queue answers."""
    query: dict[str, Any] = {
        "study": study,
        "device": device,
        "since": since and since.isoformat(),
        "slice": 0,
        "counts": {},
        "changed": [],
    }
    title = " ".join(filter(None, ("Read again", study, device, since and f"received since {since}")))
    job = Job(id=str(uuid.uuid4()), kind=REREAD, title=title, query=query, state="waiting", done=0, created_at=now())
    job.total = db.session.scalar(_matching(query).with_only_columns(func.count()).order_by(None))
    job_id = job.id
    with writing():
        db.session.add(job)
    return db.session.get_one(Job, job_id)


def enqueue(job_id: str) -> None:
    """Tell the queue of the job, which fails where that does not answer."""
    try:
        _enqueue(job_id, 0, after=0)
    except queue.QueueAway:
        advance(job_id, "waiting", state="failed", message=QUEUE_AWAY, finished_at=now())


def read_slice(job_id: str, after: int) -> None:
    """Read on behind the report with this number, as long as a slice lasts; the queue hears of what is left."""
    if not advance(job_id, "waiting", "running", state="running"):
        return
    try:
        last = _read(job_id, after, until=time.monotonic() + SLICE_SECONDS)
        if last is not None:
            _go_on(job_id, last)
    except Aborted:
        advance(job_id, "aborting", state="aborted", finished_at=now())
    except Exception:
        log.exception("reading again failed")
        advance(job_id, "running", state="failed", message=FAULT, finished_at=now())


def read_all(job_id: str) -> None:
    """Read everything here and now."""
    if advance(job_id, "waiting", state="running", started_at=now()):
        _read(job_id, 0, until=None)


def in_words(counts: dict[str, int]) -> str:
    """What came of it: 12 read again: 1 changed, 11 as before."""
    total = sum(counts.values())
    parts = ", ".join(f"{count:,} {result}" for result, count in sorted(counts.items()))
    return f"{total:,} read again: {parts}." if total else "There was nothing to read again."


def _read(job_id: str, after: int, until: float | None) -> int | None:
    """The number of the last report that was read, where others are left."""
    job = db.session.get_one(Job, job_id)
    query, done = dict(job.query), job.done
    counts: Counter[str] = Counter(query["counts"])
    changed, progress = list(query["changed"]), Progress(job_id)
    ids = list(db.session.scalars(_matching(query).where(Report.id > after)))
    db.session.rollback()  # returns the connection; reading takes one of its own
    for id in ids:
        outcome = reread(id)
        counts[outcome.result] += 1
        if outcome.result == CHANGED and outcome.study_instance_uid not in changed:
            changed = [*changed, outcome.study_instance_uid][:MOST_TOLD]
        done += 1
        progress(done)
        if until is not None and time.monotonic() > until and id != ids[-1]:
            _note(job_id, query, done, counts, changed, state="running")
            return id
    _note(job_id, query, done, counts, changed, state="ready", finished_at=now(), message=in_words(counts))
    return None


def _note(
    job_id: str, query: dict[str, Any], done: int, counts: Counter[str], changed: list[str], **state: Any
) -> None:
    query |= {"counts": dict(counts), "changed": changed}
    if not advance(job_id, "running", query=query, done=done, **state):
        raise Aborted


def _go_on(job_id: str, after: int) -> None:
    """Ask for the next slice; the queue has it before the job names it, or it would seem lost for a moment."""
    query = dict(db.session.get_one(Job, job_id).query)
    db.session.rollback()
    query["slice"] += 1
    _enqueue(job_id, query["slice"], after)
    advance(job_id, "running", query=query)


def _enqueue(job_id: str, number: int, after: int) -> None:
    settings = current_app.config["SETTINGS"]
    queue.enqueue(settings, queue.EXPORT, WORK, job_id, after, job_id=f"{job_id}-{number}")


def _matching(query: dict[str, Any]) -> Select[int]:
    """The reports whose objects were kept and match, in the order of their numbers."""
    found = select(Report.id).join(Original, Original.report_id == Report.id).where(Original.kept.is_not(None))
    if query["study"]:
        found = found.join(Study, Study.id == Report.study_id).where(Study.study_instance_uid == query["study"])
    if query["device"]:
        name = query["device"].casefold()
        names = (Equipment.display_name, Equipment.station_name, Equipment.serial_number)
        found = found.join(Equipment, Equipment.id == Report.equipment_id)
        found = found.where(
            func.lower(names[0]).in_([name]) | func.lower(names[1]).in_([name]) | (names[2] == query["device"])
        )
    if query["since"]:
        found = found.where(Report.received_at >= datetime.fromisoformat(query["since"]))
    return found.order_by(Report.id)
