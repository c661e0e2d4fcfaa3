"""The queue carries work by name; what became of it is remembered elsewhere. Knows Redis and RQ, and no job."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as ConnectionRetry
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.job import Job

from app.settings import Settings

INGEST = "ingest"
EXPORT = "export"
TIMEOUT_SECONDS = {INGEST: 120, EXPORT: 3600}  # the queues there are, and how long one job of each may take
TRIES_AGAIN = {INGEST: 1}  # a worker may be killed or the database busy, and reading twice is harmless
FAILURES_KEPT_SECONDS = 3 * 24 * 3600

QueueAway = RedisError  # what callers catch who can go on without the queue


def connect(redis_url: str) -> Redis:
    """A connection of one's own, that says at once when the queue is away."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=2,
        socket_timeout=5,  # a worker, which waits for jobs, makes it longer on its own connection
        retry=ConnectionRetry(NoBackoff(), 0),
    )


_shared_connection = lru_cache(connect)


def enqueue(settings: Settings, queue_name: str, dotted_name: str, *args, job_id: str | None = None) -> bool:
    """Whether the work is new to the queue; work with a job_id that waits, runs or failed lately is not added again."""
    queue = Queue(queue_name, connection=_shared_connection(settings.redis_url))
    tries_again = TRIES_AGAIN.get(queue_name)
    try:
        queue.enqueue(
            dotted_name,
            args=args,
            job_id=job_id,
            unique=job_id is not None,
            job_timeout=TIMEOUT_SECONDS[queue_name],
            retry=Retry(max=tries_again) if tries_again else None,
            result_ttl=0,
            failure_ttl=FAILURES_KEPT_SECONDS,
            description=dotted_name,  # RQ would write the arguments here, and from here into logs
        )
    except DuplicateJobError:
        return False
    return True


def enqueue_ingest(settings: Settings, path: Path) -> bool:
    """Ask for one file of the spool to be read; asking twice is harmless."""
    return enqueue(settings, INGEST, "app.jobs.ingest.ingest", str(path), job_id=ingest_job_id(path))


def ingest_job_id(path: Path) -> str:
    """The job of a file, from its name; RQ takes letters, digits, dashes and underscores only."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", path.stem)


def unheard_of(settings: Settings, paths: Sequence[Path]) -> list[Path]:
    """Those files of the spool that the queue has no job for."""
    pipeline = _shared_connection(settings.redis_url).pipeline(transaction=False)
    for path in paths:
        pipeline.exists(Job.key_for(ingest_job_id(path)))
    return [path for path, known in zip(paths, pipeline.execute(), strict=True) if not known]
