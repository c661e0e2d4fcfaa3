"""Figures that are dear to work out, remembered in Redis for a time in proportion to what they cost.

    counts = remembered("studies", home.counts)

A figure that is worked out quickly is worked out each time: on a small site no number is ever old. One that takes 50
ms is kept for 10 s, one that takes 1 s for 200 s. Past that the old one is told once more, and worked out anew once
the answer is sent, so that nobody waits for it. Without Redis everything is worked out each time.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import after_this_request, current_app, has_request_context
from redis import Redis

from app import queue

DEAR_SECONDS = 0.03  # what takes less is never remembered
KEPT = 200  # times as long as it took
LONGEST_SECONDS = 900
STALE = 10  # times as long it may be told while it is worked out anew; an older one is waited for


@dataclass(frozen=True)
class Kept:
    """A figure as it was at a time, and the seconds that it took; no figure yet where it was dear only once."""

    figure: Any
    at: float
    cost: float

    @property
    def lasts(self) -> float:
        """For how many seconds it is good."""
        return min(self.cost * KEPT, LONGEST_SECONDS)

    def is_younger(self, times: int) -> bool:
        """Whether so many times as long as it is good are not over yet."""
        return self.figure is not None and time.time() < self.at + self.lasts * times


def remembered(name: str, work_out: Callable[[], Any]) -> Any:
    """The figure of this name: what `work_out` gives, now or a while ago.

    It has to be what JSON holds (dates as text, keys of dictionaries too), comes back as JSON has it (lists for
    tuples), and may depend on the database only: not on the person, nor on the request.
    """
    generation, kept = _read(name)
    if kept is None or not kept.is_younger(STALE):
        return _work_out(name, work_out, generation, was_dear=kept is not None)
    if not kept.is_younger(1) and has_request_context() and _is_ours(name, kept):
        _afterwards(lambda: _work_out(name, work_out, generation, was_dear=True))
    return kept.figure


def forget() -> None:
    """Let nothing be remembered of what was so far: somebody deleted studies, or changed a room."""
    with suppress(queue.QueueAway):
        _redis().incr(_key("generation"))


def _work_out(name: str, work_out: Callable[[], Any], generation: int, *, was_dear: bool) -> Any:
    begun = time.perf_counter()
    figure = json.loads(json.dumps(work_out()))
    cost = time.perf_counter() - begun
    if cost >= DEAR_SECONDS and not _is_nothing(figure):
        # The first time may have taken long for other reasons: a new connection, a cold cache.
        kept = Kept(figure if was_dear else None, time.time(), cost)
        said = json.dumps([generation, kept.figure, kept.at, kept.cost])
        _ask(lambda redis: redis.set(_key(name), said, ex=int(kept.lasts * STALE) + 1))
    return figure


def _is_nothing(figure: Any) -> bool:
    """Whether there is nothing yet: who waits for the first object should see it at once."""
    return not any(figure.values()) if isinstance(figure, dict) else figure == []


def _read(name: str) -> tuple[int, Kept | None]:
    """What is remembered of the figure, unless all was forgotten since; and the generation that counts."""
    found = _ask(lambda redis: redis.mget(_key("generation"), _key(name))) or (None, None)
    generation = int(found[0] or 0)
    of, *kept = json.loads(found[1]) if found[1] else (None,)
    return generation, Kept(*kept) if of == generation else None


def _is_ours(name: str, kept: Kept) -> bool:
    """Whether it is we who work the figure out anew: one process does, whoever else is asked for it meanwhile."""
    seconds = 10 + int(kept.cost * 10)
    return bool(_ask(lambda redis: redis.set(_key(f"{name} again"), "", nx=True, ex=seconds)))


def _afterwards(work: Callable[[], Any]) -> None:
    """Do the work once the answer is sent."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def do() -> None:
        with app.app_context():
            work()

    @after_this_request
    def _(response):
        response.call_on_close(do)
        return response


def _ask(command: Callable[[Redis], Any]) -> Any:
    """What the server answers; nothing where it is away."""
    return queue.answer(current_app.config["SETTINGS"].redis_url, lambda: command(_redis()))


def _redis() -> Redis:
    return queue.shared_connection(current_app.config["SETTINGS"].redis_url)


def _key(name: str) -> str:
    """Databases that share a server don't share figures."""
    database = sha256(current_app.config["SETTINGS"].database_url.encode()).hexdigest()[:12]
    return f"openrem:remembered:{database}:{name}"
