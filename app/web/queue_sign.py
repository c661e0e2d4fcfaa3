"""The quiet sign in the bar: what waits and runs, in a number and a bar, asked for while there is something."""

from dataclasses import dataclass

from flask import current_app
from flask_login import current_user

from app import queue
from app.queries import jobs


@dataclass(frozen=True)
class Sign:
    """What is going on, as far as it is the person's business."""

    jobs: jobs.Waiting
    objects: int | None  # received and not read yet; none where the queue does not answer

    @property
    def anything(self) -> bool:
        """Whether there is something to show."""
        return bool(self.jobs.all_jobs or self.objects)


def sign(waiting: jobs.Waiting | None = None) -> Sign:
    """The sign as it is now."""
    return Sign(waiting or jobs.waiting(current_user), objects())


def objects() -> int | None:
    """How many received objects are not read yet; none where the queue does not answer."""
    settings = current_app.config["SETTINGS"]
    extent = queue.answer(settings.redis_url, lambda: queue.ingest_extent(settings))
    return None if extent is None else sum(extent)
