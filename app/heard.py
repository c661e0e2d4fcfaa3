"""What listeners tell of themselves, through Redis: who sends, what becomes of it, whether they run.

All of it is for people who look, and may be lost. A `Teller` never delays the listener and never fails.
"""

import json
import logging
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from app.queue import QueueAway, shared_connection
from app.settings import Settings

T = TypeVar("T")

# What becomes of an object; each of the last five has a DICOM status of its own.
KEPT = "kept"
FULL = "disk full"
NOT_ACCEPTED = "class not accepted"
MISMATCH = "not of its class"
NOT_UNDERSTOOD = "not understood"
FAILED = "failed"
OUTCOMES = (KEPT, FULL, NOT_ACCEPTED, MISMATCH, NOT_UNDERSTOOD, FAILED)

# How an association ends.
RELEASED = "released"
REJECTED = "rejected"
ABORTED = "aborted"

HEARTBEAT_SECONDS = 5
GONE_SECONDS = 20  # a listener that was not heard for so long does not run
MOST_ASSOCIATIONS = 1000
MOST_SENDERS = 1000
MOST_LINES = 1000
HOURS_KEPT = 8 * 24
WAITING = 2000  # of each kind that wait for Redis at most
TELL_SECONDS = 1.0

_LISTENER = "openrem:store:listener:"
_ASSOCIATIONS = "openrem:store:associations"
_HOUR = "openrem:store:hour:"
_SENDERS = "openrem:store:senders"
_LOG = "openrem:store:log"
_TOTALS = "openrem:store:totals"


@dataclass(frozen=True)
class Running:
    """One port of a listener, as it is now."""

    name: str  # of the Endpoint
    ae_title: str
    host: str
    port: int
    tls: bool
    since: float | None  # it listens, in seconds since 1970; none where it does not
    error: str  # why it does not listen, or not as it was told to
    associations: int  # open now


@dataclass(frozen=True)
class Heartbeat:
    """One process that listens, a few seconds ago at most."""

    host: str  # name of its machine
    pid: int
    since: float  # it runs, in seconds since 1970
    at: float  # it said so
    version: int  # of the Store in use
    endpoints: tuple[Running, ...]
    error: str  # why it does not do what was published; empty where it does
    free_mb: int  # where the spool lies
    least_free_mb: int
    full: bool  # so that nothing is taken
    spool_files: int  # that wait for a worker
    spool_mb: int
    storage: str | None = None  # its STORAGE_URL; none of a listener that does not tell
    disk: str = ""  # where the spool lies, as disk.name_of has it; empty where that is not known
    address: str = ""  # of its machine on its network


@dataclass(frozen=True)
class Association:
    """An association that ended, or never came to be."""

    began: float  # seconds since 1970
    seconds: float
    ae_title: str  # what the sender calls itself
    called: str  # what it calls us
    address: str  # its IP address
    endpoint: str  # name of ours
    outcome: str  # RELEASED, REJECTED or ABORTED
    reason: str  # why it was rejected or aborted; empty for released ones
    known: bool  # it is a sender of ours
    tls: bool
    objects: dict[str, int] = field(default_factory=dict)  # by outcome
    bytes: int = 0  # of the objects kept


@dataclass(frozen=True)
class LastObject:
    """When a sender's last object was kept."""

    ae_title: str
    address: str
    at: float  # seconds since 1970


@dataclass(frozen=True)
class Line:
    """A line of the listeners' log; it names no patient."""

    at: float  # seconds since 1970
    host: str
    level: str  # INFO, WARNING, ERROR
    text: str


def own_address() -> str:
    """Where this machine is on its network; its name where it is on none."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737); nothing is sent
            return probe.getsockname()[0]
    except OSError:
        return socket.gethostname()


def listeners(settings: Settings) -> list[Heartbeat]:
    """The listeners that run, those that run longest first. Raises QueueAway."""
    redis = shared_connection(settings.redis_url)
    keys = list(redis.scan_iter(f"{_LISTENER}*", count=1000))
    told = [json.loads(text) for text in redis.mget(keys) if text] if keys else []
    return sorted((_heartbeat(one) for one in told), key=lambda heartbeat: heartbeat.since)


def associations(settings: Settings, most: int = 100) -> list[Association]:
    """The last associations of all listeners, the newest first. Raises QueueAway."""
    return [_made(Association, one) for one in _newest(settings, _ASSOCIATIONS, most)]


def log_lines(settings: Settings, most: int = 200) -> list[Line]:
    """The last lines of all listeners' log, the newest first. Raises QueueAway."""
    return [_made(Line, one) for one in _newest(settings, _LOG, most)]


def objects_by_hour(settings: Settings, hours: int = 24) -> list[tuple[float, dict[str, int]]]:
    """The last hours, the present one last: when each began, and how many objects met which outcome. Raises QueueAway.

    Times are seconds since 1970; an hour without objects has an empty dictionary.
    """
    redis = shared_connection(settings.redis_url)
    now = _hour(time.time())
    wanted = range(now - min(hours, HOURS_KEPT) + 1, now + 1)
    with redis.pipeline(transaction=False) as pipeline:
        for hour in wanted:
            pipeline.hgetall(f"{_HOUR}{hour}")
        told = pipeline.execute()
    counts = [{outcome.decode(): int(count) for outcome, count in one.items()} for one in told]
    return [(hour * 3600.0, count) for hour, count in zip(wanted, counts, strict=True)]


def totals(settings: Settings) -> dict[str, dict[str, int]]:
    """Since anybody counts: “associations” by how they ended, “objects” by what became of them. Raises QueueAway."""
    told: Any = shared_connection(settings.redis_url).hgetall(_TOTALS)
    found: dict[str, dict[str, int]] = {"associations": {}, "objects": {}}
    for name, count in told.items():
        what, _, outcome = name.decode().partition(":")
        found.setdefault(what, {})[outcome] = int(count)
    return found


def last_objects(settings: Settings) -> list[LastObject]:
    """Each sender's last object, the newest first. Raises QueueAway."""
    redis = shared_connection(settings.redis_url)
    told: Any = redis.zrange(_SENDERS, 0, -1, desc=True, withscores=True)
    return [
        LastObject(ae_title, address, at)
        for (ae_title, address), at in ((json.loads(member), at) for member, at in told)
    ]


class Teller(logging.Handler):
    """Tells Redis what a listener hands it, a second later and all at once; as a handler, also its log."""

    def __init__(self, settings: Settings, host: str, pid: int):
        super().__init__(logging.INFO)
        self.settings, self.host, self.pid = settings, host, pid
        self.heartbeat: Callable[[], Heartbeat] | None = None  # what makes one
        self._associations: deque[Association] = deque(maxlen=WAITING)
        self._lines: deque[Line] = deque(maxlen=WAITING)
        self._counts: Counter[tuple[int, str]] = Counter()
        self._last: dict[tuple[str, str], float] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tell", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """Tell what is left, that this listener is gone, and end."""
        self._stopping.set()
        self._thread.join()

    def association(self, association: Association) -> None:
        """An association has ended."""
        with self._guard:
            self._associations.append(association)

    def object(self, outcome: str, ae_title: str, address: str) -> None:
        """An object was answered."""
        now = time.time()
        with self._guard:
            self._counts[_hour(now), outcome] += 1
            if outcome == KEPT and (len(self._last) < WAITING or (ae_title, address) in self._last):
                self._last[ae_title, address] = now

    def emit(self, record: logging.LogRecord) -> None:
        """A line of the log, without traceback."""
        line = Line(record.created, self.host, record.levelname, record.getMessage())
        with self._guard:
            self._lines.append(line)

    def _run(self) -> None:
        told = float("-inf")
        while not self._stopping.wait(TELL_SECONDS):
            due = time.monotonic() - told >= HEARTBEAT_SECONDS
            if self._tell(due):
                told = time.monotonic() if due else told
            else:
                self._stopping.wait(HEARTBEAT_SECONDS)  # a server that is away is asked less often
        self._tell(due=False, gone=True)

    def _tell(self, due: bool, gone: bool = False) -> bool:
        """Whether Redis took it; what it did not is told later, as much as fits."""
        associations, lines, counts, last = self._take()
        try:
            with shared_connection(self.settings.redis_url).pipeline(transaction=False) as pipeline:
                _push(pipeline, _ASSOCIATIONS, associations, MOST_ASSOCIATIONS)
                _push(pipeline, _LOG, lines, MOST_LINES)
                for (hour, outcome), count in counts.items():
                    pipeline.hincrby(f"{_HOUR}{hour}", outcome, count)
                    pipeline.hincrby(_TOTALS, f"objects:{outcome}", count)
                    pipeline.expire(f"{_HOUR}{hour}", (HOURS_KEPT + 1) * 3600)
                for outcome, count in Counter(one.outcome for one in associations).items():
                    pipeline.hincrby(_TOTALS, f"associations:{outcome}", count)
                if last:
                    pipeline.zadd(_SENDERS, {json.dumps(sender): at for sender, at in last.items()})
                    pipeline.zremrangebyrank(_SENDERS, 0, -MOST_SENDERS - 1)
                self._beat(pipeline, due, gone)
                if len(pipeline):
                    pipeline.execute()
        except QueueAway:
            self._put_back(associations, lines, counts, last)
            return False
        return True

    def _beat(self, pipeline: Any, due: bool, gone: bool) -> None:
        key = f"{_LISTENER}{self.host}:{self.pid}"
        if gone:
            pipeline.delete(key)
        elif due and self.heartbeat:
            pipeline.set(key, json.dumps(asdict(self.heartbeat())), ex=GONE_SECONDS)

    def _take(self):
        with self._guard:
            taken = list(self._associations), list(self._lines), self._counts, self._last
            self._associations.clear()
            self._lines.clear()
            self._counts, self._last = Counter(), {}
        return taken

    def _put_back(self, associations, lines, counts, last):
        with self._guard:
            self._associations = deque([*associations, *self._associations], WAITING)
            self._lines = deque([*lines, *self._lines], WAITING)
            self._counts.update(counts)
            self._last = last | self._last


def _push(pipeline: Any, key: str, told: list, most: int) -> None:
    if told:
        pipeline.lpush(key, *(json.dumps(asdict(one)) for one in told))
        pipeline.ltrim(key, 0, most - 1)


def _newest(settings: Settings, key: str, most: int) -> list[dict]:
    return [json.loads(text) for text in shared_connection(settings.redis_url).lrange(key, 0, most - 1)]


def _heartbeat(told: dict) -> Heartbeat:
    return _made(Heartbeat, told | {"endpoints": tuple(_made(Running, one) for one in told["endpoints"])})


def _made(kind: type[T], told: dict) -> T:
    """What was told, without what only a newer listener knows to tell."""
    return kind(**{name: told[name] for name in kind.__dataclass_fields__ if name in told})  # type: ignore[attr-defined]


def _hour(seconds: float) -> int:
    return int(seconds // 3600)
