"""What the site raises the alarm about, as it is now. The sentences name no patient."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app import heard, queue
from app.extensions import db
from app.models import Job, Refusal
from app.operations import machines
from app.operations.machines import Disk
from app.operations.overdue import overdue
from app.operations.queues import extents, failed_since, workers
from app.operations.silence import silences
from app.settings import ALARM_KINDS, DISK, FAILURES, LISTENER, QUEUE, ROOMS, Settings

RECOVERED = 1.1  # times the limit have to be free until the alarm is over
LATELY = timedelta(hours=1)
MANY_JOBS = 5  # that fail within an hour
WORK = {queue.INGEST: "reading objects", queue.EXPORT: "exports and other long work"}


@dataclass(frozen=True)
class Condition:
    """Something that somebody should look at."""

    kind: str
    key: str  # tells it from others of its kind, and is the same at each look
    words: str


def found(settings: Settings, kinds: Collection[str], open_keys: Collection[str] = ()) -> tuple[list[Condition], set]:
    """What of these kinds holds, and the kinds that were looked at whole: without the queue's server some can't be.

    `open_keys` are of conditions that held at the last look: these are over only where they clearly are.
    """
    looked: set[str] = set()
    conditions: list[Condition] = []
    for kind in ALARM_KINDS:
        if kind in kinds and kind in settings.alarms:
            with suppress(queue.QueueAway):
                for one in _LOOKS[kind](settings, open_keys):  # also what was found until it is away
                    conditions.append(one)
                looked.add(kind)
    return conditions, looked


def _queue(settings: Settings, _open: Collection[str]) -> Iterator[Condition]:
    try:
        alive, queues = [one for one in workers(settings) if one.alive], extents(settings)
    except queue.QueueAway:
        words = "The queue's server does not answer. What modalities send is kept in the spool until it does."
        yield Condition(QUEUE, "away", words)
        return
    for one in queues:
        work = WORK[one.name]
        serving = sum(one.name in worker.queues for worker in alive)
        if not serving:
            words = f"No worker is running for {work}; waiting: {one.waiting:,}."
            yield Condition(QUEUE, f"no worker {one.name}", words)
        elif one.seconds > settings.alarm_queue_minutes * 60:
            who = f"{serving} worker{'' if serving == 1 else 's'} for {work}"
            words = (
                f"The queue is stuck or too long: {who}; waiting: {one.waiting:,}, the first for {_long(one.seconds)}."
            )
            yield Condition(QUEUE, f"waits {one.name}", words)


def _disk(settings: Settings, open_keys: Collection[str]) -> Iterator[Condition]:
    """Of every machine, whoever looks; where the queue's server is away, of this one."""
    here = machines.here(settings)
    try:
        known = [here, *machines.others(settings, here.host)]
        disks = [*machines.all_disks(known), *machines.of_listeners(settings)]
    except queue.QueueAway:
        yield from _low(settings, open_keys, here.disks)
        raise
    yield from _low(settings, open_keys, disks)
    if cut_off := [one for one in known if one.away]:
        hosts = ", ".join(sorted(one.host for one in cut_off))
        words = f"The files that machines share can't be reached from {hosts}; what modalities send waits in spools"
        yield Condition(DISK, "store", f"{words}: {cut_off[0].away}.")
    for listener in heard.listeners(settings):
        if listener.full:
            words = f"The listener on {listener.host} takes nothing: {listener.free_mb:,} MB of disk are free there."
            yield Condition(DISK, f"listener {listener.host}", words)


def _low(settings: Settings, open_keys: Collection[str], disks: Sequence[Disk]) -> Iterator[Condition]:
    for one in machines.distinct(disks):
        key = f"{one.folder} {one.host}"
        if one.free_mb < settings.alarm_disk_mb * (RECOVERED if key in open_keys else 1):
            words = (
                f"Only {one.free_mb:,} MB of disk are free where {one.where}; {settings.alarm_disk_mb:,} MB should be. "
                "Exports, refused objects and logs are what grows."
            )
            yield Condition(DISK, key, words)


def _listener(settings: Settings, _open: Collection[str]) -> Iterator[Condition]:
    running = heard.listeners(settings)
    if not running:
        yield Condition(LISTENER, "none", "No DICOM listener runs: nothing that modalities send is taken.")
    for one in running:
        if one.error:
            yield Condition(LISTENER, f"told {one.host}", f"The listener on {one.host} can't do as told: {one.error}")
        for port in one.endpoints:
            if port.since is None or port.error:
                state = "does not listen" if port.since is None else "does not listen as told"
                words = f"Listener “{port.name}” on {one.host}, port {port.port}, {state}: {port.error}"
                yield Condition(LISTENER, f"port {port.name} {one.host}", words)


def _failures(settings: Settings, _open: Collection[str]) -> Iterator[Condition]:
    since = datetime.now(UTC).replace(tzinfo=None) - LATELY
    refused = select(func.count()).where(Refusal.result == "failed", Refusal.refused_at > since)
    objects = (db.session.scalar(refused) or 0) + failed_since(settings, queue.INGEST, LATELY)
    if objects >= settings.alarm_failures:
        yield Condition(FAILURES, "objects", f"{objects:,} objects could not be read in the last hour.")
    failed = select(func.count()).where(Job.state == "failed", Job.finished_at > since)
    if (jobs := db.session.scalar(failed) or 0) >= MANY_JOBS:
        yield Condition(FAILURES, "jobs", f"{jobs:,} jobs failed in the last hour.")
    if late := overdue(settings):
        why = f" The last time: {late.reason}." if late.reason else ""
        words = f"Workers have not put everything in order for {_long(late.seconds)}: {', '.join(late.pieces)}.{why}"
        yield Condition(FAILURES, "upkeep", words)


def _rooms(settings: Settings, _open: Collection[str]) -> Iterator[Condition]:
    for one in silences(datetime.now(), settings.alarm_room_days):
        words = f"“{one.name}” has sent nothing for {_days(one.days)}; it is usually not silent for {_days(one.usual)}."
        yield Condition(ROOMS, f"room {one.id}", words)


def _long(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.0f} h"


def _days(days: float) -> str:
    return "1 working day" if 0.95 <= days < 1.05 else f"{days:.1f} working days"


_LOOKS: dict[str, Callable[[Settings, Collection[str]], Iterator[Condition]]] = {
    QUEUE: _queue,
    DISK: _disk,
    LISTENER: _listener,
    FAILURES: _failures,
    ROOMS: _rooms,
}
