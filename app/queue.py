"""The queue carries work by name; what became of it is remembered elsewhere. Knows Redis and RQ, and no job."""

import re
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as ConnectionRetry
from rq import Queue, Retry, Worker
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.utils import parse_composite_key

from app.settings import Settings

INGEST = "ingest"
EXPORT = "export"
READ = "app.jobs.ingest.ingest"  # what a worker does with a file of the spool
TIMEOUT_SECONDS = {INGEST: 120, EXPORT: 3600}  # the queues there are, and how long one job of each may take
TRIES_AGAIN = {INGEST: 1}  # a worker may be killed or the database busy, and reading twice is harmless
FAILURES_KEPT_SECONDS = 3 * 24 * 3600
FORGOTTEN_SECONDS = 5  # after which a finished job is; to delete it at once costs the queue ten times as much

AWAY_SECONDS = 10  # for which a server that did not answer is left alone by those who can do without: pages are quick

T = TypeVar("T")

QueueAway = RedisError  # what callers catch who can go on without the queue


def connect(redis_url: str) -> Redis:
    """A connection of one's own, that says at once when the queue is away."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=2,
        socket_timeout=5,  # a worker, which waits for jobs, makes it longer on its own connection
        retry=ConnectionRetry(NoBackoff(), 0),
    )


shared_connection = lru_cache(connect)

_away_until: dict[str, float] = {}  # by address


def answer(redis_url: str, ask: Callable[[], T]) -> T | None:
    """What the server answers; none where it is away, or was a moment ago."""
    if time.monotonic() < _away_until.get(redis_url, 0):
        return None
    try:
        return ask()
    except QueueAway:
        _away_until[redis_url] = time.monotonic() + AWAY_SECONDS
        return None


def workers(settings: Settings) -> int:
    """How many workers there are; one that was killed counts for a minute. Raises QueueAway."""
    return Worker.count(connection=shared_connection(settings.redis_url))


def enqueue(settings: Settings, queue_name: str, dotted_name: str, *args, job_id: str | None = None) -> bool:
    """Whether the work is new to the queue; work with a job_id that waits, runs or failed lately is not added again."""
    queue = Queue(queue_name, connection=shared_connection(settings.redis_url))
    tries_again = TRIES_AGAIN.get(queue_name)
    try:
        queue.enqueue(
            dotted_name,
            args=args,
            job_id=job_id,
            unique=job_id is not None,
            job_timeout=TIMEOUT_SECONDS[queue_name],
            retry=Retry(max=tries_again) if tries_again else None,
            result_ttl=FORGOTTEN_SECONDS,
            failure_ttl=FAILURES_KEPT_SECONDS,
            description=dotted_name,  # RQ would write the arguments here, and from here into logs
        )
    except DuplicateJobError:
        return False
    return True


def enqueue_anew(settings: Settings, queue_name: str, dotted_name: str, *args, job_id: str) -> bool:
    """Have the work done again, whatever became of it before; not where it waits or runs. Raises QueueAway."""
    queue = queue_of(settings, queue_name)
    if not _is_under_way(queue, job_id):
        _drop(queue, {job_id})
    return enqueue(settings, queue_name, dotted_name, *args, job_id=job_id)


def _is_under_way(queue: Queue, job_id: str) -> bool:
    """Whether it waits, is handed out this moment, or is at a worker that was heard of lately."""
    with queue.connection.pipeline() as pipeline:  # a transaction: it can't move from one list to another meanwhile
        pipeline.lpos(queue.key, job_id)
        pipeline.lpos(queue.intermediate_queue_key, job_id)
        pipeline.zrangebyscore(StartedJobRegistry(queue=queue).key, int(time.time()), "+inf")
        waiting, taken, running = pipeline.execute()
    return waiting is not None or taken is not None or job_id.encode() in map(job_of, running)


def stop(settings: Settings, job_id: str) -> None:
    """Have the process that does the job killed, where there is one."""
    with suppress(NoSuchJobError, InvalidJobOperation, QueueAway):  # it has ended; or it must hear of it otherwise
        send_stop_job_command(shared_connection(settings.redis_url), job_id)


def enqueue_ingest(settings: Settings, path: Path) -> bool:
    """Ask for one file of the spool to be read; asking twice is harmless."""
    return enqueue(settings, INGEST, READ, str(path), job_id=ingest_job_id(path))


def enqueue_ingests(settings: Settings, paths: Sequence[Path]) -> None:
    """The same for files that the queue surely does not know, all in one go. Raises QueueAway."""
    queue = queue_of(settings, INGEST)
    queue.enqueue_many(
        [
            Queue.prepare_data(
                READ,
                args=(str(path),),
                job_id=ingest_job_id(path),
                timeout=TIMEOUT_SECONDS[INGEST],
                retry=Retry(max=TRIES_AGAIN[INGEST]),
                result_ttl=FORGOTTEN_SECONDS,
                failure_ttl=FAILURES_KEPT_SECONDS,
                description=READ,
            )
            for path in paths
        ]
    )


def ingest_job_id(path: Path) -> str:
    """The job of a file, from its name; RQ takes letters, digits, dashes and underscores only."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", path.stem)


def ingest_extent(settings: Settings) -> tuple[int, int]:
    """How many received files wait to be read, and how many are read now. Raises QueueAway."""
    queue = queue_of(settings, INGEST)
    with queue.connection.pipeline() as pipeline:
        pipeline.llen(queue.key)
        pipeline.zcount(StartedJobRegistry(queue=queue).key, int(time.time()), "+inf")
        waiting, running = pipeline.execute()
    return waiting, running


def forget(settings: Settings, paths: Sequence[Path]) -> None:
    """Drop the jobs of these files, so that they can be asked for anew."""
    _drop(queue_of(settings, INGEST), {ingest_job_id(path) for path in paths})


def _drop(queue: Queue, job_ids: Collection[str]) -> None:
    started, failed = StartedJobRegistry(queue=queue).key, FailedJobRegistry(queue=queue).key
    running: Any = queue.connection.zrange(started, 0, -1)
    with queue.connection.pipeline() as pipeline:
        for job_id in job_ids:
            pipeline.delete(Job.key_for(job_id))
            pipeline.lrem(queue.intermediate_queue_key, 0, job_id)
            pipeline.zrem(failed, job_id)
        for execution in running:
            if job_of(execution).decode() in job_ids:
                pipeline.zrem(started, execution)
        pipeline.execute()


def queue_of(settings: Settings, name: str) -> Queue:
    """The queue of this name."""
    return Queue(name, connection=shared_connection(settings.redis_url))


def job_of(execution: bytes) -> bytes:
    """The job, of what RQ calls one time of doing it."""
    return parse_composite_key(execution.decode())[0].encode()
