"""Finds jobs that nobody works on any more: their worker was killed, or the queue forgot them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from flask import current_app
from rq.job import Job as QueuedJob
from rq.job import JobStatus
from sqlalchemy import select

from app.exports.place import file_of, forget
from app.extensions import db
from app.jobs import batches
from app.jobs.clock import now
from app.jobs.place import storage_here
from app.models import Job
from app.models.job import FINISHED
from app.queue import QueueAway, connect
from app.transactions import writing

JUST_NOW = timedelta(seconds=10)  # a job is in the table a moment before it is in the queue
SILENCE = timedelta(seconds=30)  # a worker gives a sign of life every five seconds
GIVEN_UP = (JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)
LOST = "The worker was stopped before it was done. Try again."

_connection = lru_cache(connect)


def settle() -> None:
    """Let jobs fail that nobody works on, so that people do not wait for them for ever."""
    unfinished = list(db.session.scalars(select(Job).where(Job.state.not_in(FINISHED))))
    try:
        for job_id in list(_given_up(unfinished)):
            _fail(job_id)
    except QueueAway:
        pass  # it may come back with everything in it


def _given_up(jobs: Sequence[Job]) -> Iterator[str]:
    """Those of the jobs that the queue does not have, or has given up, or whose worker is silent."""
    connection = _connection(current_app.config["SETTINGS"].redis_url)
    queued = QueuedJob.fetch_many([job.queued_as for job in jobs], connection=connection)
    for job, in_queue in zip(jobs, queued, strict=True):
        if in_queue is None:
            if now() - (job.started_at or job.created_at) > JUST_NOW:
                yield job.id
        elif in_queue.get_status(refresh=False) in GIVEN_UP or _is_silent(in_queue):
            yield job.id


def _is_silent(job: QueuedJob) -> bool:
    heard: datetime | None = job.last_heartbeat
    started = job.get_status(refresh=False) == JobStatus.STARTED
    return started and heard is not None and now() - heard.replace(tzinfo=None) > SILENCE


def _fail(job_id: str) -> None:
    with writing():
        job = db.session.scalar(select(Job).where(Job.id == job_id, Job.state.not_in(FINISHED)))
        if job is not None:
            if job.makes_file:
                store = storage_here()
                forget(store, file_of(store.desk, job))
            job.state, job.message = ("aborted", None) if job.state == "aborting" else ("failed", LOST)
            job.finished_at = now()
            kind, query = job.kind, job.query
    if job is not None:
        batches.forget_source(kind, query)
