"""Jobs that nobody works on though they are held to be under way, and files that the queue has not heard of."""

import time
from collections.abc import Collection, Sequence, Set
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry

from app.queue import FAILURES_KEPT_SECONDS, INGEST, enqueue_ingest, forget, ingest_job_id, job_of, queue_of
from app.settings import Settings

LATELY_SECONDS = 600  # a file whose reading failed is left alone so long: the fault may be ours, and pass
ALIVE_SECONDS = 6  # for which a worker that was heard of is held to live
BEAT_SECONDS = 2  # how often it is heard of

# After which nobody begins any more with a job that was handed out and not begun: the connection that it was handed to
# has timed out by then, see WAKES_SECONDS of workers.
ASTRAY_SECONDS = 30
# Puts a job in front of its queue again, unless somebody else has just done so or begun with it.
BRING_BACK = "return redis.call('lrem', KEYS[1], 1, ARGV[1]) > 0 and redis.call('lpush', KEYS[2], ARGV[1])"


def tell_alive(connection: Redis, worker_name: str) -> None:
    """Say that the worker of this name lives. Raises QueueAway.

    RQ holds a job to be under way until its time is up, for it hears nothing of a worker that does the work itself.
    The server forgets by its own clock, so that none of ours counts.
    """
    connection.set(_alive(worker_name), 1, ex=ALIVE_SECONDS)


def cared_for(settings: Settings) -> Set[bytes]:
    """The jobs of files that wait, are at a worker that lives, or failed lately. Raises QueueAway."""
    queue = queue_of(settings, INGEST)
    started, failed = StartedJobRegistry(queue=queue).key, FailedJobRegistry(queue=queue).key
    now = int(time.time())
    with queue.connection.pipeline() as pipeline:  # a transaction: no job can move from one list to another meanwhile
        pipeline.lrange(queue.key, 0, -1)
        pipeline.zrangebyscore(started, now, "+inf")  # scored with the time at which the job must have ended
        pipeline.zrangebyscore(failed, now + FAILURES_KEPT_SECONDS - LATELY_SECONDS, "+inf")
        waiting, running, failed_lately = pipeline.execute()
    return {*waiting, *failed_lately, *map(job_of, _held(queue.connection, running))}


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
    with queue_of(settings, INGEST).connection.pipeline(transaction=False) as pipeline:
        for path in paths:
            pipeline.exists(Job.key_for(ingest_job_id(path)))
        known = pipeline.execute()
    unheard = [path for path, is_known in zip(paths, known, strict=True) if not is_known]
    asked = [path for path, is_known in zip(paths, known, strict=True) if is_known]
    return unheard, [path for path in asked if ingest_job_id(path).encode() not in cared]


def ask_again(
    settings: Settings, unheard: Sequence[Path], astray: Sequence[Path], doubted: Collection[Path]
) -> list[Path]:
    """Have read what the queue has not heard of, and what is astray and was doubted; gives the latter.

    A worker that is just taking a job looks for a moment as if the job were astray: whoever finds one doubts it first.
    Raises QueueAway.
    """
    again = [path for path in astray if path in doubted]
    if again:
        forget(settings, again)
    for path in [*unheard, *again]:
        enqueue_ingest(settings, path)
    return again


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


def _alive(worker_name: str) -> str:
    return f"openrem:alive:{worker_name}"
