"""The disks of every machine, and its way to the files: each tells of its own through Redis, which nobody else sees."""

import json
import shutil
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from app import disk, heard, queue, storage
from app.settings import Settings
from app.storage import StorageAway

MEGABYTE = 1_000_000  # as the listeners and flask doctor count
EVERY_SECONDS = 45  # one process of each machine tells so often
KEPT_SECONDS = 3600  # a machine that tells nothing for longer is gone; one that starts anew is not
_MACHINE, _TURN = "openrem:machine:", "openrem:machine-turn:"  # keys in Redis, which end with the machine's name


@dataclass(frozen=True)
class Disk:
    """A disk, as one machine sees it."""

    name: str  # is the same for whoever sees this disk
    host: str
    folder: str  # of ours, which lies there
    free_mb: int
    at: float  # when it was seen, in seconds since 1970
    of_listener: bool = False  # who told: listeners may come and go

    @property
    def where(self) -> str:
        """Where it is, in words."""
        return f"the {self.folder} folder lies on {self.host}"


@dataclass(frozen=True)
class Machine:
    """What one machine tells."""

    host: str
    disks: Sequence[Disk]
    away: str  # why it can't reach the files that machines share; empty where it can


def folders(settings: Settings) -> dict[str, Path]:
    """What of ours is on a disk of this machine, by its name."""
    return {"media": settings.media_root, "instance": settings.instance, "spool": settings.spool}


def here(settings: Settings) -> Machine:
    """This one."""
    host = socket.gethostname()
    disks: dict[str, Disk] = {}
    for folder, path in folders(settings).items():
        with suppress(OSError):
            name, free = disk.name_of(path), shutil.disk_usage(path).free
            disks.setdefault(name, Disk(name, host, folder, free // MEGABYTE, time.time()))
    return Machine(host, tuple(disks.values()), _why_away(settings))


def tell(settings: Settings) -> None:
    """Tell of this one, unless another of its processes did a moment ago, or the queue's server is away."""
    with suppress(queue.QueueAway):
        redis, host = queue.shared_connection(settings.redis_url), socket.gethostname()
        if redis.set(f"{_TURN}{host}", "taken", nx=True, ex=EVERY_SECONDS):
            redis.set(f"{_MACHINE}{host}", json.dumps(asdict(here(settings))), ex=KEPT_SECONDS)


def others(settings: Settings, host: str) -> list[Machine]:
    """Those that have told, but for this one. Raises QueueAway."""
    redis: Any = queue.shared_connection(settings.redis_url)
    keys = [key for key in redis.scan_iter(f"{_MACHINE}*", count=1000) if key != f"{_MACHINE}{host}".encode()]
    told = [json.loads(text) for text in redis.mget(keys) if text] if keys else []
    return [Machine(one["host"], [Disk(**about) for about in one["disks"]], one["away"]) for one in told]


def of_listeners(settings: Settings) -> Iterator[Disk]:
    """The disks where listeners' spools lie. Raises QueueAway."""
    for one in heard.listeners(settings):
        yield Disk(one.disk or f"spool of {one.host}", one.host, "spool", one.free_mb, one.at, of_listener=True)


def distinct(disks: Sequence[Disk]) -> Iterator[Disk]:
    """Each disk once, as it was seen last, by the name that it has for all who look: several may see the same one."""
    for name in dict.fromkeys(one.name for one in disks):
        seen = [one for one in disks if one.name == name]
        newest = max(seen, key=lambda one: one.at)
        named = min(seen, key=lambda one: (one.of_listener, one.host))
        yield Disk(name, named.host, named.folder, newest.free_mb, newest.at)


def all_disks(machines: Sequence[Machine]) -> list[Disk]:
    """Of these machines."""
    return list(chain.from_iterable(one.disks for one in machines))


def _why_away(settings: Settings) -> str:
    try:
        if storage.is_elsewhere(settings):
            storage.of(settings).reach()
    except StorageAway as reason:
        return str(reason)
    return ""
