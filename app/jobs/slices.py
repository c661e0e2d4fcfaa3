"""Long work in slices: when one is done the queue hears of the next, so that nothing else waits long."""

from flask import current_app

from app import queue
from app.extensions import db
from app.jobs.clock import now
from app.jobs.kinds import kind_of
from app.jobs.progress import advance
from app.models import Job

SLICE_SECONDS = 20  # then others may have their turn


def begin(job_id: str) -> bool:
    """Begin with the job, or with its next slice. Gives whether it is still wanted."""
    if advance(job_id, "waiting", state="running", started_at=now()):
        return True
    return advance(job_id, "running", state="running")


def go_on(job_id: str, *args: object) -> None:
    """Ask for the next slice; the queue has it before the job names it, or it would seem lost for a moment."""
    job = db.session.get_one(Job, job_id)
    work, query = kind_of(job).work, job.query | {"slice": job.query.get("slice", 0) + 1}
    db.session.rollback()
    queue.enqueue(
        current_app.config["SETTINGS"], queue.EXPORT, work, job_id, *args, job_id=f"{job_id}-{query['slice']}"
    )
    advance(job_id, "running", query=query)
