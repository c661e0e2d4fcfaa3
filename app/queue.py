"""The queue carries work by name; what became of it is remembered elsewhere. Knows Redis and RQ, and no job."""

import re
import time
from collections.abc import Callable, Sequence, Set
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
LATELY_SECONDS = 600  # a file whose reading failed is left alone so long: the fault may be ours, and pass

ALIVE_SECONDS = 6  # for which a worker that was heard of is held to live
BEAT_SECONDS = 2  # how often it is heard of

# After which nobody begins any more with a job that was handed out and not begun: the connection that it was handed to
# has timed out by then, see WAKES_SECONDS of workers.
ASTRAY_SECONDS = 30
# Puts a job in front of its queue again, unless somebody else has just done so or begun with it.
BRING_BACK = "return redis.call('lrem', KEYS[1], 1, ARGV[1]) > 0 and redis.call('lpush', KEYS[2], ARGV[1])"

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


def tell_alive(connection: Redis, worker_name: str) -> None:
    """Say that the worker of this name lives. Raises QueueAway.

    RQ holds a job to be under way until its time is up, for it hears nothing of a worker that does the work itself.
    The server forgets by its own clock, so that none of ours counts.
    """
    connection.set(_alive(worker_name), 1, ex=ALIVE_SECONDS)


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


def stop(settings: Settings, job_id: str) -> None:
    """Have the process that does the job killed, where there is one."""
    with suppress(NoSuchJobError, InvalidJobOperation, QueueAway):  # it has ended; or it must hear of it otherwise
        send_stop_job_command(shared_connection(settings.redis_url), job_id)


def enqueue_ingest(settings: Settings, path: Path) -> bool:
    """Ask for one file of the spool to be read; asking twice is harmless."""
    return enqueue(settings, INGEST, READ, str(path), job_id=ingest_job_id(path))


def enqueue_ingests(settings: Settings, paths: Sequence[Path]) -> None:
    """The same for files that the queue surely does not know, all in one go. Raises QueueAway."""
    queue = _ingest_queue(settings)
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


def cared_for(settings: Settings) -> Set[bytes]:
    """The jobs of files that wait, are at a worker that lives, or failed lately. Raises QueueAway."""
    queue = _ingest_queue(settings)
    started, failed = StartedJobRegistry(queue=queue).key, FailedJobRegistry(queue=queue).key
    now = int(time.time())
    with queue.connection.pipeline() as pipeline:  # a transaction: no job can move from one list to another meanwhile
        pipeline.lrange(queue.key, 0, -1)
        pipeline.zrangebyscore(started, now, "+inf")  # scored with the time at which the job must have ended
        pipeline.zrangebyscore(failed, now + FAILURES_KEPT_SECONDS - LATELY_SECONDS, "+inf")
        waiting, running, failed_lately = pipeline.execute()
    return {*waiting, *failed_lately, *map(_job_of, _held(queue.connection, running))}


def unheard_of(
    settings: Settings, paths: Sequence[Path], cared: Set[bytes] | None = None
) -> tuple[list[Path], list[Path]]:
    """Those files of the spool that the queue has no job for, and those whose job is astray.

    A job is astray that neither waits nor runs nor failed lately: its worker died, or it failed a while ago, or a
    worker takes it this very moment. RQ itself looks after the first late, and after the second never.
    """
    if not paths:
        return [], []
    cared = cared_for(settings) if cared is None else cared
    with _ingest_queue(settings).connection.pipeline(transaction=False) as pipeline:
        for path in paths:
            pipeline.exists(Job.key_for(ingest_job_id(path)))
        known = pipeline.execute()
    unheard = [path for path, is_known in zip(paths, known, strict=True) if not is_known]
    asked = [path for path, is_known in zip(paths, known, strict=True) if is_known]
    return unheard, [path for path in asked if ingest_job_id(path).encode() not in cared]


def bring_back(queue: Queue) -> int:
    """Have jobs wait again that nobody begins, for they were handed to a host that was cut off; gives how many.

    Redis hands a job to who has asked for one, though it be unreachable by now; RQ lets it fail after a minute.
    """
    between, brought = queue.intermediate_queue, 0
    for job_id in between.get_job_ids():
        between.set_first_seen(job_id)
        seen = between.get_first_seen(job_id)
        if seen and time.time() - seen.timestamp() > ASTRAY_SECONDS:
            brought += bool(queue.connection.eval(BRING_BACK, 2, between.key, queue.key, job_id))
            queue.connection.delete(between.get_first_seen_key(job_id))
    return brought


def ingest_extent(settings: Settings) -> tuple[int, int]:
    """How many received files wait to be read, and how many are read now. Raises QueueAway."""
    queue = _ingest_queue(settings)
    with queue.connection.pipeline() as pipeline:
        pipeline.llen(queue.key)
        pipeline.zcount(StartedJobRegistry(queue=queue).key, int(time.time()), "+inf")
        waiting, running = pipeline.execute()
    return waiting, running


def forget(settings: Settings, paths: Sequence[Path]) -> None:
    """Drop the jobs of these files, so that they can be asked for anew."""
    queue = _ingest_queue(settings)
    started, failed = StartedJobRegistry(queue=queue).key, FailedJobRegistry(queue=queue).key
    running: Any = queue.connection.zrange(started, 0, -1)
    job_ids = {ingest_job_id(path) for path in paths}
    with queue.connection.pipeline() as pipeline:
        for job_id in job_ids:
            pipeline.delete(Job.key_for(job_id))
            pipeline.lrem(queue.intermediate_queue_key, 0, job_id)
            pipeline.zrem(failed, job_id)
        for execution in running:
            if _job_of(execution).decode() in job_ids:
                pipeline.zrem(started, execution)
        pipeline.execute()


def queue_of(settings: Settings, name: str) -> Queue:
    """The queue of this name."""
    return Queue(name, connection=shared_connection(settings.redis_url))


def _held(connection: Redis, running: Sequence[bytes]) -> list[bytes]:
    """Those that run, each named by its job and itself, whose worker lives."""
    if not running:
        return []
    with connection.pipeline(transaction=False) as pipeline:
        for execution in running:
            pipeline.hget(f"rq:execution:{execution.decode()}", "worker_name")
        names = pipeline.execute()
    heard = connection.mget([_alive((name or b"").decode()) for name in names])
    return [execution for execution, is_heard in zip(running, heard, strict=True) if is_heard]


def _job_of(execution: bytes) -> bytes:
    return parse_composite_key(execution.decode())[0].encode()


def _alive(worker_name: str) -> str:
    return f"openrem:alive:{worker_name}"


def _ingest_queue(settings: Settings) -> Queue:
    return queue_of(settings, INGEST)
