"""What people ask of jobs: do one, stop it, do it again, take it away."""

import uuid

from flask import current_app
from sqlalchemy import delete, update

from app import queue
from app.exports.kinds import Kind
from app.exports.place import file_of, remove
from app.extensions import db
from app.jobs.clock import now
from app.models import Job
from app.models.job import FINISHED
from app.queries.selection import Selection
from app.transactions import writing

EXPORT = "app.jobs.export.export"
QUEUE_AWAY = "The queue does not answer, so no worker hears of it. Try again once it runs."


def request(kind: Kind, selection: Selection, owner_id: int) -> None:
    """Ask for an export of the selection."""
    submit(Job(kind=kind.name, owner_id=owner_id, title=selection.words, query=selection.but().query), EXPORT)


def abort(job: Job) -> None:
    """Stop the job: at once where it waits, else as soon as its worker hears of it."""
    waiting, running = (update(Job).where(Job.id == job.id, Job.state == state) for state in ("waiting", "running"))
    with writing():
        db.session.execute(waiting.values(state="aborted", finished_at=now()))
        db.session.execute(running.values(state="aborting"))


def retry(job: Job) -> None:
    """Ask again for what has failed or was aborted, in place of it."""
    again = Job(kind=job.kind, owner_id=job.owner_id, title=job.title, query=job.query)
    if discard(job):
        submit(again, EXPORT)


def discard(job: Job) -> bool:
    """Take a finished export and its file away. Gives whether it was finished and there."""
    file = file_of(current_app.config["SETTINGS"].media_root, job)
    gone = delete(Job).where(Job.id == job.id, Job.state.in_(FINISHED)).returning(Job.id)
    with writing():
        deleted = db.session.scalar(gone)
    if deleted:
        remove(file)
    return deleted is not None


def submit(job: Job, work: str) -> None:
    """Remember the job, then tell the queue what to call: a worker that is quick must find it."""
    job.id, job.created_at, job.state, job.done = str(uuid.uuid4()), now(), "waiting", 0
    job_id = job.id
    with writing():
        db.session.add(job)
    try:
        queue.enqueue(current_app.config["SETTINGS"], queue.EXPORT, work, job_id, job_id=job_id)
    except queue.QueueAway:
        with writing():
            failed = {"state": "failed", "message": QUEUE_AWAY, "finished_at": now()}
            db.session.execute(update(Job).where(Job.id == job_id).values(**failed))
