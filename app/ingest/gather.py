"""Each irradiation event and each administration once, however many objects of a study tell of it.

Objects are taken in the order in which they are believed, so the result does not depend on when they came. An event
is known by its UID, else by the images that were made of it, else by what it was: the same moment and nothing that
contradicts. What the most believed object leaves out the next one fills in.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations, count, product

from app.dicom.layout import Row
from app.dicom.reader import IMAGE, REPORT
from app.ingest.same import (
    is_another,
    is_repeated,
    is_synthetic,
    same_administration,
    same_device,
    same_exposure,
    same_scan,
)
from app.ingest.told import Told

Identity = tuple[str, str]


@dataclass
class Event:
    """One event as all objects together tell it."""

    row: Row
    told: Told  # the object that is believed most
    number: int  # its place in that object
    objects: set[str] = field(default_factory=set)  # digests of all that tell of it

    @property
    def told_by(self) -> str:
        """The digest of the object that is believed most."""
        return self.told.digest


@dataclass(frozen=True)
class Kind:
    """How rows of one table are told apart."""

    table: str
    uid: str  # the column with the event's UID
    alike: Callable[[Row, Row, bool], bool]  # whether an image's row and another, of a report or not, can be one event
    complete: bool  # whether a report has every event of its device


@dataclass
class Gathered:
    """The events of one table by their keys, and which of them each object tells of."""

    events: dict[str, Event] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)  # by the object's digest
    unmatched: list[Told] = field(default_factory=list)  # images whose exposure their device's report does not have
    contradicted: set[str] = field(default_factory=set)  # events of which two objects tell another moment and dose
    seconds: dict[datetime, dict[str, Event]] = field(default_factory=dict)  # events by the second of their start


def gather(kind: Kind, objects: Sequence[Told]) -> Gathered:
    """The table's events from the objects, the most believed first."""
    gathered, known = Gathered(), dict[Identity, str]()
    reports = [told for told in objects if told.kind == REPORT and kind.table in told.parts]
    for told in objects:
        for number, identities, row in _rows(kind, told):
            by = next((identity for identity in identities if identity in known), None)
            key = None
            if by is not None:
                key = _confirmed(known[by], by, row, told, gathered)
            elif kind.complete and told.kind == REPORT:
                key = _repeated(kind, row, told, gathered)
            elif told.kind == IMAGE:
                key = _alike(kind, row, told, gathered)
                if key is None and kind.complete and _has_report(told, reports):
                    gathered.unmatched.append(told)
                    continue
            key = _join(gathered, key or _key(kind, told, row, number, gathered.events), row, told, number)
            known |= {identity: key for identity in identities if identity not in known}
    return gathered


def _rows(kind: Kind, told: Told) -> Iterator[tuple[int, list[Identity], Row]]:
    """The object's rows with their places and all that they are known by."""
    seen: Counter[str] = Counter()
    for number, row in enumerate(told.parts.get(kind.table, ()), start=1):
        identities = []
        if uid := row.values.get(kind.uid):
            seen[uid] += 1  # a device that repeats a UID does so in its next report too
            identities.append(("event", f"{uid}#{seen[uid]}"))
        identities += [("image", image) for image in row.values.get("acquired_images") or ()]
        yield number, identities, row


def _key(kind: Kind, told: Told, row: Row, number: int, taken: Mapping[str, Event]) -> str:
    """A key for an event that nobody told of yet: its UID, else the object's and its place in that."""
    uid = row.values.get(kind.uid) or f"{told.sop_instance_uid}#{number}"
    numbered = (f"{uid}#{again}" for again in count(2))
    return next(key for key in chain((uid,), numbered) if key not in taken)


def _join(gathered: Gathered, key: str, row: Row, told: Told, number: int) -> str:
    """Add what the row says to the event, which is new where there is none; gives the key."""
    event = gathered.events.setdefault(key, Event(Row(row.layout), told, number))
    event.row.values = row.values | event.row.values
    event.row.parts = row.parts | event.row.parts
    event.objects.add(told.digest)
    gathered.keys.setdefault(told.digest, set()).add(key)
    if moment := event.row.values.get("started_at"):
        for clock in _clocks(moment):
            gathered.seconds.setdefault(clock, {})[key] = event
    return key


def _clocks(moment: datetime) -> list[datetime]:
    """The second in which the moment was by the device's clock, and in UTC where it tells its zone."""
    local = moment.replace(tzinfo=None, microsecond=0)
    return [local] if moment.tzinfo is None else [local, moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)]


def _confirmed(key: str, by: Identity, row: Row, told: Told, gathered: Gathered) -> str | None:
    """The event that the row is known as, unless it can't be that.

    Two rows of one object are two events, and so are images of two sides, or of two moments and doses: some devices
    give one UID to all exposures.
    """
    event = gathered.events[key]
    if told.digest in event.objects:
        return None
    if by[0] != "event" or not is_another(row, event.row):
        return key
    if told.kind == event.told.kind == IMAGE:
        return None
    if told.kind == REPORT:  # the dose that an image tells may be that of all so far
        gathered.contradicted.add(key)
    return key


def _alike(kind: Kind, row: Row, told: Told, gathered: Gathered) -> str | None:
    """The event that the image's row can only be the same as."""
    near: Iterable[tuple[str, Event]] = gathered.events.items()
    if kind.complete and row.values.get("started_at") and not is_synthetic(row):
        near = _at(gathered, row, (0, -1, 1))
    others = ((key, event) for key, event in near if told.digest not in event.objects)
    return next((key for key, event in others if kind.alike(row, event.row, event.told.kind == REPORT)), None)


def _at(gathered: Gathered, row: Row, seconds: Iterable[int]) -> Iterator[tuple[str, Event]]:
    """The events of the second in which the row's event was, or of those around it."""
    if moment := row.values.get("started_at"):
        for clock, later in product(_clocks(moment), seconds):
            yield from gathered.seconds.get(clock + timedelta(seconds=later), {}).items()


def _repeated(kind: Kind, row: Row, told: Told, gathered: Gathered) -> str | None:
    """The event that the report's row repeats, where one of both has no UID to say so."""
    for key, event in _at(gathered, row, (0,)):
        are_known = row.values.get(kind.uid) and event.row.values.get(kind.uid)
        if not are_known and told.digest not in event.objects and _repeats(row, told, event):
            return key
    return None


def _repeats(row: Row, told: Told, event: Event) -> bool:
    of_reports = told.kind == event.told.kind == REPORT
    return of_reports and same_device(told.equipment, event.told.equipment) and is_repeated(row, event.row)


def doubtful(gathered: Gathered) -> list[str]:
    """Pairs of events that two reports of one device tell of the same moment, as if one were told twice."""
    pairs = (pair for events in gathered.seconds.values() for pair in combinations(sorted(events.items()), 2))
    return sorted({
        f"{one} and {other}"
        for (one, first), (other, second) in pairs
        if not first.objects & second.objects and _repeats(first.row, first.told, second)
    })  # fmt: skip


def _has_report(image: Told, reports: Iterable[Told]) -> bool:
    """Whether one of the reports is of the image's device."""
    return any(same_device(image.equipment, report.equipment) for report in reports)


CT = Kind("ct_event", "irradiation_event_uid", same_scan, complete=True)
PROJECTION = Kind("projection_event", "irradiation_event_uid", same_exposure, complete=True)
ADMINISTRATION = Kind("administration", "administration_event_uid", same_administration, complete=False)
