"""What one object says of its study: all that a study is worked out from, whenever and in whatever order it came."""

import json
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from hashlib import sha256
from typing import Any

from app.dicom.layout import Layout, Row, json_value, row_from_json, value_from_json
from app.dicom.reader import IMAGE, REPORT
from app.ingest.equipment import Room
from app.ingest.same import is_synthetic

MARKS = ("test_patient", "test_patterns")  # the study's columns that depend on settings
NUMBER = "accession_number"
EVENTS = ("ct_event", "projection_event", "administration")
Rank = tuple[bool, bool, date, time, str, int, str]


@dataclass(eq=False)
class Told:
    """An object's study, room, events and accumulations, and what tells it from other objects."""

    sop_instance_uid: str
    kind: str  # a report has seen every exposure, an image its own
    content_date: date | None
    content_time: time | None
    digest: str  # of everything that it says; an object with its UID may say something else
    study: dict[str, Any]  # columns of the study, names as text
    equipment: dict[str, Any]
    parts: dict[str, list[Row]] = field(default_factory=dict)  # rows by table
    problem_count: int = 0
    packed: bytes = b""  # what it says, without what tells it from others: the same for two that say the same
    is_numbered: bool = False  # whether it has an accession number, whatever is kept of that
    room: Room | None = None  # the one that the equipment is known as

    @property
    def rank(self) -> Rank:
        """How much it is believed: reports before images, images of one exposure before those made of them.

        Then the latest, then by UID, so that there is an order. Of two under one UID and of one moment, the one with
        more events: the other was cut short on its way.
        """
        day, clock = self.content_date or date.min, self.content_time or time.min
        own = (self.sop_instance_uid, self.event_count, self.digest)
        return (self.kind == REPORT, not self._is_composed, day, clock, *own)

    @property
    def event_count(self) -> int:
        """How many exposures and administrations it tells of."""
        return sum(len(self.parts.get(name, ())) for name in EVENTS)

    @property
    def _is_composed(self) -> bool:
        """Whether it is an image that was made of several others, or of a tomosynthesis."""
        rows = self.parts.get("projection_event", ()) if self.kind == IMAGE else ()
        return any(len(row.values.get("acquired_images") or ()) > 2 or is_synthetic(row) for row in rows)


def sealed(told: Told, *own: Row) -> Told:
    """The same, packed and with its digest: of what it says of its study, and of the rows that are only its own.

    What marks a test patient is not among it: it stays the same whatever the site’s patterns are by then. Of an
    accession number it has only whether there is one: elsewise who tries all numbers would find one that is not kept.
    """
    study = _as_bytes(told.study)
    rest = _dumped({
        "kind": told.kind,
        "is_numbered": told.is_numbered,
        "equipment": told.equipment,
        "parts": {name: [row.as_json() for row in rows] for name, rows in told.parts.items()},
    })  # fmt: skip
    unmarked = _as_bytes({name: value for name, value in told.study.items() if name not in (*MARKS, NUMBER)})
    pieces = (unmarked, rest, *(_as_bytes(row.values) for row in own))
    packed = zlib.compress(b"\n".join((study, rest)), 1)
    return replace(told, packed=packed, digest=sha256(b"\0".join(pieces)).hexdigest())


def packed_again(packed: bytes, number: Callable[[str], str | None]) -> bytes:
    """The same with another accession number, or without."""
    study, rest = zlib.decompress(packed).split(b"\n")
    values = json.loads(study)
    if written := values.pop(NUMBER, None):
        values |= {NUMBER: changed} if (changed := number(written)) else {}
    return zlib.compress(b"\n".join((_dumped(values), rest)), 1)


def renamed(packed: bytes, columns: Collection[str], rename: Callable[[str], str]) -> bytes:
    """The same with other names in these columns, or without, wherever they are."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(one) for one in value]
        if not isinstance(value, dict):
            return value
        told = {key: rename(one) if key in columns else walk(one) for key, one in value.items()}
        return {key: one for key, one in told.items() if one or key not in columns}

    return zlib.compress(b"\n".join(_dumped(walk(json.loads(one))) for one in zlib.decompress(packed).split(b"\n")), 1)


def unpack(packed: bytes, study: Layout, report: Layout) -> dict[str, Any]:
    """What was packed, by the names of the fields of Told."""
    of_study, rest = map(json.loads, zlib.decompress(packed).split(b"\n"))
    kinds = {field.name: field.kind for field in study.fields}
    parts = {
        name: [row_from_json(report.parts_by_name[name].layout, row) for row in rows]
        for name, rows in rest["parts"].items()
    }
    values = {name: value_from_json(kinds.get(name, ""), value) for name, value in of_study.items()}
    return rest | {"study": values, "parts": parts}


def _as_bytes(values: Mapping[str, Any]) -> bytes:
    return _dumped({name: json_value(value) for name, value in values.items()})


def _dumped(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, check_circular=False).encode()
