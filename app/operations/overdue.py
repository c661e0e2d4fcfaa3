"""The pieces of upkeep: whose turn it is to ask for them, which have failed, and which are overdue."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rq.job import Job, JobStatus

from app import queue
from app.operations.queues import trace_of
from app.settings import Settings

PIECES = {  # what is to be put in order, in words for people
    "files": "halves of files in the shared folder",
    "uploads": "old uploads",
    "exports": "old exports",
    "stray-exports": "files of exports that no job knows",
    "size-imports": "old imports of sizes",
    "texts": "texts that no study uses",
    "jobs": "old jobs",
    "objects": "old objects",
    "alarms": "old alarms",
    "refused": "old refused objects",
    "lost-refused": "refused objects whose file is gone",
    "stray-refused": "refused objects that nobody knows",
}
EVERY_SECONDS = 3600
SOON_SECONDS = 300  # after a queue's server was seen that is new, or has lost everything
LATE_SECONDS = 3 * EVERY_SECONDS  # two turns in which a piece was not done
NO_REASON = (" ", "File ", "Traceback ")  # how lines begin that say where, not what
STOPPED = "its worker was stopped"
# Keys in Redis: the turn of whoever asks, and since when each piece was not done.
TURN, SINCE = "openrem:upkeep:turn", "openrem:upkeep:since"


@dataclass(frozen=True)
class Failure:
    """A piece that failed, and has its turn again within the hour."""

    words: str
    at: datetime | None  # UTC
    trace: str  # where; no patient

    @property
    def reason(self) -> str:
        """What went wrong, in a line."""
        return next((line for line in self.trace.splitlines() if not line.startswith(NO_REASON)), STOPPED)


@dataclass(frozen=True)
class Overdue:
    """What was not done for too long."""

    pieces: Sequence[str]  # in words
    seconds: float  # for which the first was not
    reason: str  # why, the last time; empty where nothing has failed


def job_id(piece: str) -> str:
    """The queue's name of it."""
    return f"upkeep-{piece}"


def is_our_turn(settings: Settings) -> bool:
    """Whether it is time to ask, which one worker of all hears. Raises QueueAway."""
    redis = queue.shared_connection(settings.redis_url)
    is_new = not redis.exists(SINCE)
    if not redis.set(TURN, "taken", nx=True, ex=SOON_SECONDS if is_new else EVERY_SECONDS):
        return False
    with redis.pipeline() as pipeline:
        for piece in PIECES:
            pipeline.hsetnx(SINCE, piece, time.time())
        pipeline.execute()
    return not is_new


def note_done(settings: Settings, piece: str) -> None:
    """Remember that the piece was done now. Raises QueueAway."""
    queue.shared_connection(settings.redis_url).hset(SINCE, piece, time.time())


def overdue(settings: Settings) -> Overdue | None:
    """What was not done for too long, whatever the reason; none where all was. Raises QueueAway."""
    told: Any = queue.shared_connection(settings.redis_url).hgetall(SINCE)
    ages = {name.decode(): time.time() - float(since) for name, since in told.items()}
    late = [piece for piece in PIECES if ages.get(piece, 0) > LATE_SECONDS]
    if not late:
        return None
    reason = next((one.reason for one in failures(settings, late)), "")
    return Overdue([PIECES[piece] for piece in late], max(ages[piece] for piece in late), reason)


def failures(settings: Settings, pieces: Sequence[str] = tuple(PIECES)) -> Sequence[Failure]:
    """Those of the pieces that failed when they were asked for the last time. Raises QueueAway."""
    jobs = Job.fetch_many([job_id(piece) for piece in pieces], queue.shared_connection(settings.redis_url))
    return [
        Failure(PIECES[piece], job.ended_at, trace_of(job))
        for piece, job in zip(pieces, jobs, strict=True)
        if job and job.get_status(refresh=False) == JobStatus.FAILED
    ]
