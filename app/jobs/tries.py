"""How often reading an object was begun and never ended: its worker was killed each time."""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from flask import current_app
from redis import Redis

from app import storage
from app.queue import QueueAway, shared_connection

KEPT_SECONDS = 7 * 24 * 3600


class Tries(Protocol):
    """Such a count, which outlives its process."""

    def count(self) -> int:
        """How many there were."""

    def add(self) -> None:
        """One begins."""

    def forget(self) -> None:
        """It came to an end, whichever."""


def tries_of(file: Path) -> Tries:
    """Those of the object: what is a copy of our own has nothing beside it that lasts."""
    is_copy = storage.is_elsewhere(current_app.config["SETTINGS"])
    return Counted(file.name) if is_copy else Beside(file)


class Beside:
    """A byte for each, beside the file."""

    def __init__(self, file: Path):
        self._mark = file.with_suffix(".tries")

    def count(self) -> int:
        """How many there were."""
        return self._mark.stat().st_size if self._mark.exists() else 0

    def add(self) -> None:
        """One begins."""
        with self._mark.open("ab") as mark:
            mark.write(b".")

    def forget(self) -> None:
        """It came to an end, whichever."""
        self._mark.unlink(missing_ok=True)


class Counted:
    """In Redis, where every machine sees it; while that is away, nobody is told to read anything."""

    def __init__(self, name: str):
        self._key = f"openrem:tries:{name}"

    def count(self) -> int:
        """How many there were."""
        with suppress(QueueAway):
            return int(self._redis.get(self._key) or 0)
        return 0

    def add(self) -> None:
        """One begins."""
        with suppress(QueueAway), self._redis.pipeline() as pipeline:
            pipeline.incr(self._key)
            pipeline.expire(self._key, KEPT_SECONDS)
            pipeline.execute()

    def forget(self) -> None:
        """It came to an end, whichever."""
        with suppress(QueueAway):
            self._redis.delete(self._key)

    @property
    def _redis(self) -> Redis:
        return shared_connection(current_app.config["SETTINGS"].redis_url)
