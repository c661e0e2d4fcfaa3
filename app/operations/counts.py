"""What is counted while the site runs, by all its processes together: in Redis, a moment later and at no cost to pages.

The counts are for people who watch, and may be lost.
"""

import json
import os
import threading
from collections import defaultdict
from functools import lru_cache
from typing import Any

from app import queue
from app.settings import Settings

KEY = "openrem:counts:"
REQUESTS, REQUEST_SECONDS = "requests", "request_seconds"
IMPORTS, JOBS, JOB_SECONDS = "imports", "jobs", "job_seconds"
NAMES = (REQUESTS, REQUEST_SECONDS, IMPORTS, JOBS, JOB_SECONDS)
TELL_SECONDS = 2.0
MOST_WAITING = 10_000  # different counts, while Redis is away

Labels = tuple[str, ...]


class Counts:
    """Counts of one process that wait to be told."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._waiting: defaultdict[tuple[str, Labels], float] = defaultdict(float)

    def add(self, name: str, *labels: str, by: float = 1) -> None:
        """Count it, where anybody may ask for it."""
        if not self._settings.measures:
            return
        with self._guard:
            if len(self._waiting) < MOST_WAITING or (name, labels) in self._waiting:
                self._waiting[name, labels] += by
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="counts", daemon=True)
                self._thread.start()

    def tell(self) -> None:
        """Tell now what waits: this process ends."""
        with self._guard:
            told, self._waiting = self._waiting, defaultdict(float)
        if told and queue.answer(self._settings.redis_url, lambda: self._tell(told)) is None:
            with self._guard:
                for what, count in told.items():
                    self._waiting[what] += count

    def _run(self) -> None:
        while not self._stop.wait(TELL_SECONDS):
            self.tell()

    def _tell(self, told: dict[tuple[str, Labels], float]) -> bool:
        with queue.shared_connection(self._settings.redis_url).pipeline(transaction=False) as pipeline:
            for (name, labels), count in told.items():
                pipeline.hincrbyfloat(f"{KEY}{name}", json.dumps(labels), count)
            pipeline.execute()
        return True


def counts(settings: Settings) -> Counts:
    """The counts of this process; a fork has none yet, and a thread of its own."""
    return _counts(settings, os.getpid())


@lru_cache(maxsize=8)
def _counts(settings: Settings, _pid: int) -> Counts:
    return Counts(settings)


def told(settings: Settings, name: str) -> dict[Labels, float]:
    """What all processes have counted under the name, by its labels. Raises QueueAway."""
    found: Any = queue.shared_connection(settings.redis_url).hgetall(f"{KEY}{name}")
    return {tuple(json.loads(labels)): float(count) for labels, count in found.items()}
