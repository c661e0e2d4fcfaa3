"""Objects whose reading broke off, by a fault of ours, the disk or the database: they lie in the spool, untouched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rq.job import Job
from rq.registry import FailedJobRegistry

from app import audit, queue
from app.operations.queues import trace_of
from app.settings import Settings

MOST_SHOWN = 20


@dataclass(frozen=True)
class Broken:
    """One such object."""

    file: str  # its name in the spool
    at: datetime | None  # it was read the last time, UTC
    trace: str  # where it broke off; no patient


def broken(settings: Settings, most: int = MOST_SHOWN) -> tuple[int, Sequence[Broken]]:
    """How many there are, and the last of them. Raises QueueAway."""
    registry = _registry(settings)
    ids = registry.get_job_ids(-most, -1)
    jobs = [job for job in Job.fetch_many(ids, connection=registry.connection) if job]
    return registry.count, [Broken(_path(job).name, job.ended_at, trace_of(job)) for job in reversed(jobs)]


def read_again(settings: Settings) -> int:
    """Ask for all of them to be read again; gives how many there were. Raises QueueAway."""
    registry = _registry(settings)
    jobs = [job for job in Job.fetch_many(registry.get_job_ids(), connection=registry.connection) if job]
    paths = [path for path in map(_path, jobs) if path.exists() or not path.is_absolute()]  # a key
    queue.forget(settings, [_path(job) for job in jobs])
    queue.enqueue_ingests(settings, paths)
    if paths:
        audit.note(audit.RETRY_OBJECTS, f"{len(paths):,} objects whose reading broke off", outcome=audit.ASKED)
    return len(paths)


def _registry(settings: Settings) -> FailedJobRegistry:
    return FailedJobRegistry(queue=queue.queue_of(settings, queue.INGEST))


def _path(job: Job) -> Path:
    return Path(job.args[0])
