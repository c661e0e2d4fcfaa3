"""Reads kept objects again after an upgrade: in the queue, in slices, so that nothing else waits long."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select

from app import audit, remembered
from app.extensions import db
from app.ingest.reread import CHANGED, reread
from app.jobs import control, slices
from app.jobs.clock import now
from app.jobs.progress import Aborted, Progress, advance
from app.models import Equipment, Job, Original, Report, Study
from app.models.job import REREAD

MOST_TOLD = 1000  # studies that a job remembers as changed
FAULT = "The database failed meanwhile, and the log says how. What was read again stays so; start it again."


def job_for(study: str = "", device: str = "", since: date | None = None) -> Job:
    """A job that reads what matches."""
    query = {"study": study, "device": device, "since": since and since.isoformat()}
    title = " ".join(filter(None, ("Read again", study, device, since and f"received since {since}")))
    total = db.session.scalar(_matching(query).with_only_columns(func.count()).order_by(None))
    return Job(kind=REREAD, title=title, query=query, total=total)


def read_slice(job_id: str, after: int = 0) -> None:
    """Read on behind the report with this number, as long as a slice lasts; the queue hears of what is left."""
    slices.work(job_id, partial(_read, job_id, after), FAULT)


def asked(job: Job) -> Callable[[], None]:
    """Writes down that somebody has stored objects read again."""
    return control.asking(audit.REREAD, job.title, query=job.query)


def read_all(job: Job) -> str:
    """Read everything here and now; gives the job's id."""
    job_id = control.remember(job, asked(job))
    slices.begin(job_id)
    _read(job_id, 0, until=None)
    remembered.forget()
    return job_id


def in_words(counts: dict[str, int]) -> str:
    """What came of it: 12 read again: 1 changed, 11 as before."""
    total = sum(counts.values())
    parts = ", ".join(f"{count:,} {result}" for result, count in sorted(counts.items()))
    return f"{total:,} read again: {parts}." if total else "There was nothing to read again."


def _read(job_id: str, after: int, until: float | None) -> slices.Rest | None:
    """The number of the last report that was read, where others are left."""
    job = db.session.get_one(Job, job_id)
    query, done = dict(job.query), job.done
    counts: Counter[str] = Counter(query.get("counts", {}))
    changed, progress = list(query.get("changed", ())), Progress(job_id)
    ids = list(db.session.scalars(_matching(query).where(Report.id > after)))
    db.session.rollback()  # returns the connection; reading takes one of its own
    for id in ids:
        outcome = reread(id, current_app.config["SETTINGS"].identity)
        counts[outcome.result] += 1
        if outcome.result == CHANGED and outcome.study_instance_uid not in changed:
            changed = [*changed, outcome.study_instance_uid][:MOST_TOLD]
        done += 1
        progress(done)
        if until is not None and time.monotonic() > until and id != ids[-1]:
            _note(job_id, query, done, counts, changed, state="running")
            return (id,)
    _note(job_id, query, done, counts, changed, state="ready", finished_at=now(), message=in_words(counts))
    return None


def _note(
    job_id: str, query: dict[str, Any], done: int, counts: Counter[str], changed: list[str], **state: Any
) -> None:
    query |= {"counts": dict(counts), "changed": changed}
    if not advance(job_id, "running", query=query, done=done, **state):
        raise Aborted


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
