"""What people ask of jobs: do one, stop it, do it again, take it away."""

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import delete, update

from app import audit, queue
from app.exports.kinds import Kind
from app.exports.options import joined
from app.exports.place import file_of, forget
from app.extensions import db
from app.jobs import batches
from app.jobs.clock import now
from app.jobs.kinds import kind_of
from app.jobs.place import storage_here
from app.jobs.progress import advance, did
from app.models import Job
from app.models.job import FINISHED, SIZES
from app.queries.selection import Selection
from app.transactions import writing

QUEUE_AWAY = "The queue does not answer, so no worker hears of it. Try again once it runs."
DELETIONS = {SIZES: audit.DELETE_SIZES}
NOTED = {"slice", "counts", "changed"}  # what work in slices writes beside what was asked


def request(kind: Kind, selection: Selection, owner_id: int, answers: Mapping[str, str] | None = None) -> None:
    """Ask for an export of the selection, with what was answered to its questions."""
    query = joined(selection.but().query, answers or {})
    asked = asking(audit.EXPORT, f"{kind.title}: {selection.words}", kind=kind.name, query=query)
    submit(Job(kind=kind.name, owner_id=owner_id, title=selection.words, query=query), asked)


def abort(job: Job) -> None:
    """Stop the job: at once where it waits, else as soon as its worker hears of it.

    Making a file does not hear everything, least of all while a workbook is packed: its process is killed.
    """
    job_id, kind, query, kills, title = job.id, job.kind, job.query, job.makes_file, job.title
    waiting, running = (update(Job).where(Job.id == job.id, Job.state == state) for state in ("waiting", "running"))
    with writing():
        is_waiting = did(waiting.values(state="aborted", finished_at=now()))
        is_running = did(running.values(state="aborting"))
        if is_waiting or is_running:
            audit.record(audit.STOP_JOB, title, details={"job": job_id, "kind": kind})
    if not is_running:
        batches.forget_source(kind, query)
    elif kills:
        queue.stop(current_app.config["SETTINGS"], job_id)


def retry(job: Job) -> str:
    """Ask again for what has failed or was aborted, in place of it; gives the id of the job that people see now."""
    asked = {name: value for name, value in job.query.items() if name not in NOTED}
    again, job_id = Job(kind=job.kind, owner_id=job.owner_id, title=job.title, query=asked, total=job.total), job.id
    told = asking(audit.REPEAT_JOB, job.title, kind=job.kind, before=job.id)
    return submit(again, told) if discard(job) else job_id


def discard(job: Job) -> bool:
    """Take a finished job away, and the file where it made one. Gives whether it was finished and there."""
    file = file_of(storage_here().desk, job) if job.makes_file else None
    gone = delete(Job).where(Job.id == job.id, Job.state.in_(FINISHED))
    what, action = job.title, audit.DELETE_EXPORT if job.result else DELETIONS.get(job.kind)
    details, results = {"job": job.id, "kind": job.kind}, partial(batches.remove_results, job.kind, job.id)
    with writing():
        deleted = did(gone)
        if deleted and action:
            audit.record(action, what, details=details)
    if deleted:
        results()
    if deleted and file:
        forget(storage_here(), file)
    return deleted


def asking(action: str, what: str, **details: Any) -> Callable[[], None]:
    """Writes down that somebody asked for it."""
    return partial(audit.record, action, what, outcome=audit.ASKED, details=details)


def submit(job: Job, asked: Callable[[], None] | None = None) -> str:
    """Remember the job, then tell the queue: a worker that is quick must find it. Gives the job's id.

    Who asks is written down together with the job.
    """
    work, kind, query = kind_of(job).work, job.kind, job.query
    job_id = remember(job, asked)
    try:
        queue.enqueue(current_app.config["SETTINGS"], queue.EXPORT, work, job_id, job_id=job_id)
    except queue.QueueAway:
        advance(job_id, "waiting", state="failed", message=QUEUE_AWAY, finished_at=now())
        batches.forget_source(kind, query)
    return job_id


def remember(job: Job, asked: Callable[[], None] | None = None) -> str:
    """Put the job into the table, where it waits; gives its id."""
    job.id, job.created_at, job.state, job.done = str(uuid.uuid4()), now(), "waiting", 0
    job_id = job.id
    with writing():
        db.session.add(job)
        if asked:
            asked()
    return job_id
