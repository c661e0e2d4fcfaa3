"""Each irradiation event and each administration once, however many objects of a study tell of it.

Objects are taken in the order in which they are believed, so the result does not depend on when they came. An event
is known by its UID, else by the images that were made of it, else - images only - by what it was: the same moment and
nothing that contradicts. What the most believed object leaves out the next one fills in.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, count
from math import isclose
from typing import Any

from app.dicom.layout import Row
from app.dicom.reader import IMAGE, REPORT
from app.ingest.told import Told

Identity = tuple[str, str]
SAME_MOMENT = timedelta(seconds=1)  # clocks of one device; its report and its image header may round differently
SAME_VISIT = timedelta(hours=1.5)  # rest and stress are further apart; clocks and time zones of devices may be wrong
ALIKE = 0.02  # share by which numbers of one exposure may differ between its report and its image


@dataclass
class Event:
    """One event as all objects together tell it."""

    row: Row
    told_by: str  # digest of the object that is believed most
    number: int  # its place in that object
    objects: set[str] = field(default_factory=set)  # digests of all that tell of it


@dataclass(frozen=True)
class Kind:
    """How rows of one table are told apart."""

    table: str
    uid: str  # the column with the event's UID
    alike: Callable[[Row, Row], bool]  # whether an image's row and another can be the same event
    complete: bool  # whether a report has every event of its device


@dataclass
class Gathered:
    """The events of one table by their keys, and which of them each object tells of."""

    events: dict[str, Event] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)  # by the object's digest
    unmatched: list[Told] = field(default_factory=list)  # images whose exposure their device's report does not have


def gather(kind: Kind, objects: Sequence[Told]) -> Gathered:
    """The table's events from the objects, the most believed first."""
    gathered, known = Gathered(), dict[Identity, str]()
    for told in objects:
        for number, identities, row in _rows(kind, told):
            key = next((known[identity] for identity in identities if identity in known), None)
            if key is not None and told.digest in gathered.events[key].objects:
                key = None  # two rows of one object are two events
            elif key is None and told.kind == IMAGE:
                key = _alike(kind, row, told, gathered.events)
                if key is None and kind.complete and _has_report(kind, told, objects):
                    gathered.unmatched.append(told)
                    continue
            key = _join(gathered.events, key or _key(kind, told, row, number, gathered.events), row, told, number)
            known |= {identity: key for identity in identities if identity not in known}
            gathered.keys.setdefault(told.digest, set()).add(key)
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


def _join(events: dict[str, Event], key: str, row: Row, told: Told, number: int) -> str:
    """Add what the row says to the event, which is new where there is none; gives the key."""
    event = events.setdefault(key, Event(Row(row.layout), told.digest, number))
    event.row.values = row.values | event.row.values
    event.row.parts = row.parts | event.row.parts
    event.objects.add(told.digest)
    return key


def _alike(kind: Kind, row: Row, told: Told, events: Mapping[str, Event]) -> str | None:
    """The event that the image's row can only be the same as."""
    found = (key for key, event in events.items() if told.digest not in event.objects and kind.alike(row, event.row))
    return next(found, None)


def _has_report(kind: Kind, image: Told, objects: Sequence[Told]) -> bool:
    """Whether there is a report of the image's device."""
    reports = (told for told in objects if told.kind == REPORT and kind.table in told.parts)
    return any(same_device(image.equipment, report.equipment) for report in reports)


def same_device(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two objects of a study can come from one device: what identifies it, as far as both tell it, is equal."""
    for name in ("serial_number", "station_name", "model_name"):
        if one.get(name) and other.get(name):
            return str(one[name]).strip().lower() == str(other[name]).strip().lower()
    return True


def same_exposure(one: Row, other: Row) -> bool:
    """Whether both happened at one moment and nothing that both tell is contradictory."""
    first, second = (row.values.get("started_at") for row in (one, other))
    if first is None or second is None:
        return False
    apart = abs(first.replace(tzinfo=None) - second.replace(tzinfo=None))
    told_by_both = ("laterality", "image_view", "kvp", "exposure", "average_glandular_dose", "dap")
    return apart <= SAME_MOMENT and all(_agree(one.values.get(name), other.values.get(name)) for name in told_by_both)


def same_administration(one: Row, other: Row) -> bool:
    """Whether nuclide or activity are the same and nothing contradicts: devices disagree about UIDs and minutes."""
    told = [(one.values.get(name), other.values.get(name)) for name in ("radionuclide", "administered_activity")]
    first, second = (row.values.get("started_at") for row in (one, other))
    is_far = first and second and abs(first.replace(tzinfo=None) - second.replace(tzinfo=None)) > SAME_VISIT
    is_known = any(None not in both for both in told)
    return is_known and not is_far and all(_agree(*both) for both in told)


def _agree(first: Any, second: Any) -> bool:
    """Whether both can be true; what is not told contradicts nothing."""
    if first is None or second is None:
        return True
    if isinstance(first, list) and isinstance(second, list):
        return len(first) != len(second) or all(map(_agree, first, second))
    if isinstance(first, float) and isinstance(second, float):
        return isclose(first, second, rel_tol=ALIKE)
    return bool(first == second)


CT = Kind("ct_event", "irradiation_event_uid", same_exposure, complete=True)
PROJECTION = Kind("projection_event", "irradiation_event_uid", same_exposure, complete=True)
ADMINISTRATION = Kind("administration", "administration_event_uid", same_administration, complete=False)
