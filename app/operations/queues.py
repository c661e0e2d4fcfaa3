"""The queues and who works on them, as the queue's server has it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry

from app import queue
from app.settings import Settings

SILENT = timedelta(seconds=90)  # a worker that waits tells every half minute that it lives, one that works more often
WORKERS, WORKER = "rq:workers", "rq:worker:"


@dataclass(frozen=True)
class Extent:
    """How much one queue has to do."""

    name: str
    waiting: int
    running: int
    failed: int  # lately, and not tried again
    oldest: datetime | None  # since when the first of those that wait does, UTC

    @property
    def seconds(self) -> float:
        """How long the first of those that wait does; 0 where none does."""
        return max(0.0, (datetime.now(UTC) - self.oldest).total_seconds()) if self.oldest else 0.0


@dataclass(frozen=True)
class Worker:
    """One process that works."""

    name: str
    host: str
    pid: int
    queues: tuple[str, ...]
    state: str  # idle, busy, started, suspended
    job_id: str  # of what it does; empty where it waits
    since: datetime | None  # it runs, UTC
    heard: datetime | None  # the last time, UTC
    done: int  # jobs since it runs
    failed: int

    @property
    def alive(self) -> bool:
        """Whether it was heard lately."""
        return self.heard is not None and datetime.now(UTC) - self.heard < SILENT


def extents(settings: Settings) -> list[Extent]:
    """Each queue. Raises QueueAway."""
    return [_extent(settings, name) for name in queue.TIMEOUT_SECONDS]


def workers(settings: Settings) -> list[Worker]:
    """Who works, those that run longest first. Raises QueueAway."""
    redis = queue.shared_connection(settings.redis_url)
    names: Any = redis.smembers(WORKERS)
    with redis.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.hgetall(name)
        told = pipeline.execute()
    found = [_worker(name, one) for name, one in zip(names, told, strict=True) if one]
    return sorted(found, key=lambda worker: (worker.since or datetime.now(UTC), worker.name))


def failed_since(settings: Settings, name: str, since: timedelta) -> int:
    """How much of a queue has failed so lately. Raises QueueAway."""
    ours = queue.queue_of(settings, name)
    latest = int(time.time()) + queue.FAILURES_KEPT_SECONDS - int(since.total_seconds())
    redis: Any = ours.connection
    return redis.zcount(FailedJobRegistry(queue=ours).key, latest, "+inf")


def trace_of(job: Any) -> str:
    """What the worker keeps of why the job failed, from where our own words begin."""
    told = (result.exc_string or "") if (result := job.latest_result()) else ""
    return told.rpartition("JobFailed: ")[2].strip()


def _extent(settings: Settings, name: str) -> Extent:
    ours = queue.queue_of(settings, name)
    redis: Any = ours.connection
    with redis.pipeline() as pipeline:
        pipeline.llen(ours.key)
        pipeline.lrange(ours.key, 0, 0)
        pipeline.zcount(StartedJobRegistry(queue=ours).key, int(time.time()), "+inf")
        pipeline.zcount(FailedJobRegistry(queue=ours).key, int(time.time()), "+inf")
        waiting, first, running, failed = pipeline.execute()
    since = redis.hget(Job.key_for(first[0].decode()), "enqueued_at") if first else None
    return Extent(name, waiting, running, failed, _moment(since))


def _worker(key: bytes, told: Mapping[bytes, bytes]) -> Worker:
    texts = {name.decode(): value.decode(errors="replace") for name, value in told.items() if name != b"ip_address"}
    return Worker(
        name=key.decode().removeprefix(WORKER),
        host=texts.get("hostname", ""),
        pid=int(texts.get("pid") or 0),
        queues=tuple(filter(None, texts.get("queues", "").split(","))),
        state=texts.get("state", ""),
        job_id=texts.get("current_job", ""),
        since=_moment(told.get(b"birth")),
        heard=_moment(told.get(b"last_heartbeat")),
        done=int(texts.get("successful_job_count") or 0),
        failed=int(texts.get("failed_job_count") or 0),
    )


def _moment(text: bytes | None) -> datetime | None:
    """The moment that RQ wrote."""
    if not text:
        return None
    moment = datetime.fromisoformat(text.decode())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
