"""From what an object says to rows: one transaction per object, whatever its number of events."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import insert as insert_into

from app import __version__
from app.dicom.layout import Row
from app.dicom.reader import Reading
from app.ingest import archive
from app.ingest.combine import Combined, combine
from app.ingest.equipment import note_version, room
from app.ingest.flatten import is_table, table_values
from app.ingest.insert import insert_all, insert_if_new
from app.ingest.rows import EVENTS, apply, table
from app.ingest.told import Told, pack
from app.models import Original, Report, Study


class Duplicate(Exception):
    """The object is stored already; nothing was changed."""


@dataclass
class Received:
    """One object, read: what it says, its reading, its own header, and the object itself without its patient."""

    told: Told
    reading: Reading
    header: Row
    ids: dict
    kept: bytes | None = None


def store(connection: Connection, received: Received) -> None:
    """Store the object. Raises Duplicate where it is stored already."""
    told = received.told
    device = room(connection, told.equipment)
    # The study comes first: whoever has it locked has the say over its objects, so that two workers with the
    # same object don't both find it new.
    study_id, is_new = _lock_study(connection, told.study["study_instance_uid"])
    _must_be_new(connection, told, study_id)
    stored = archive.Objects() if is_new else archive.load(connection, study_id)
    packed = pack(told)
    body = archive.digest_of(packed)
    report_id = _insert_report(connection, received, study_id=study_id, equipment_id=device and device.id, body=body)
    if body not in stored.bodies:
        connection.execute(insert_into(Original).values(report_id=report_id, told=packed, kept=received.kept))
        insert_parts(connection, received.reading.row, received.ids, report_id)
    before = combine(stored.distinct()) if stored.objects else Combined()
    stored.add(told, body, report_id, device)
    apply(connection, study_id, before, combine(stored.distinct()), stored)
    if device:
        software, uid = received.header.values.get("software_versions"), told.equipment.get("device_uid")
        note_version(connection, device.id, software, uid, told.study.get("study_date"))


def _lock_study(connection: Connection, uid: str) -> tuple[int, bool]:
    """The study's id, locked until the transaction ends, and whether it was just made."""
    row = {
        "study_instance_uid": uid,
        "modality": "",
        "nuclear": False,
        "number_of_events": 0,
        "problems": [],
        "problem_count": 0,
    }
    made = insert_if_new(connection, Study.__table__, row)
    if made is not None:
        return made, True
    return connection.execute(
        select(Study.id).where(Study.study_instance_uid == uid).with_for_update()
    ).scalar_one(), False


def _must_be_new(connection: Connection, told: Told, study_id: int) -> None:
    this = (Report.study_id == study_id, Report.sop_instance_uid == told.sop_instance_uid, Report.digest == told.digest)
    if connection.scalar(select(Report.id).where(*this)):
        raise Duplicate


def _insert_report(connection: Connection, received: Received, **ids: Any) -> int:
    values = report_values(received) | ids
    values["received_at"] = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return insert_all(connection, Report.__table__, [values])[0]


def report_values(received: Received) -> dict[str, Any]:
    """The columns of the object's own row, but for the ids that tie it to others."""
    reading, told = received.reading, received.told
    header = table_values(received.header, received.ids)
    values = table_values(reading.row, received.ids) | {
        name: value for name, value in header.items() if value is not None
    }
    return values | {
        "kind": told.kind,
        "digest": told.digest,
        "outcome": "",
        "read_by": __version__,
        "event_count": sum(len(rows) for name, rows in told.parts.items() if name in EVENTS),
        "items": reading.items,
        "unread_count": reading.unread_count,
        "problems": [problem.as_json() for problem in reading.problems],
        "unread": reading.unread,
    }


def insert_parts(connection: Connection, row: Row, ids: dict, report_id: int, names: Container[str] = ()) -> None:
    """Insert what the object accumulates, and other parts that are its own; its events belong to the study.

    With names, only those parts.
    """
    for part in row.layout.parts:
        if is_table(part.layout) and part.name not in EVENTS and (not names or part.name in names):
            rows = [table_values(one, ids) | {"report_id": report_id} for one in row.parts.get(part.name, [])]
            insert_all(connection, table(part.name), rows)
