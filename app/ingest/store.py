"""From what an object says to rows: one transaction per object, whatever its number of events."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy import insert as insert_into

from app import __version__
from app.dicom.layout import Row
from app.dicom.reader import Reading
from app.identity import STORED
from app.ingest import archive
from app.ingest.archive import Objects
from app.ingest.combine import Combined, Outcome, combine
from app.ingest.equipment import Room, room
from app.ingest.flatten import is_table, table_values
from app.ingest.insert import insert_all, insert_if_new
from app.ingest.lookups import ids_within
from app.ingest.patient import Whose
from app.ingest.rows import apply, apply_events, names_of, study_values, table
from app.ingest.told import EVENTS, MARKS, Told
from app.models import NameKey, Original, Report, Study

# Every column, so that one statement, prepared once, makes any study.
COLUMNS = {column.name: None for column in Study.__table__.columns if column.name != "id"}

# Of whom it is, what tells patients apart first.
WHOSE = (
    Study.patient_issuer, Study.patient_key, Study.patient_id, Study.patient_name, Study.patient_birth_date,
)  # fmt: skip

KEEP = insert_into(Original)


class Duplicate(Exception):
    """The object is stored already; nothing was changed."""


@dataclass
class Received:
    """One object, read: what it says, its reading, its own header, the object itself without its patient, and whose."""

    told: Told
    reading: Reading
    header: Row
    ids: dict  # of names and codes
    names: set  # and what these are, to ask for them anew
    kept: bytes | None = None
    staff: str = STORED  # how it has names of staff
    whose: Whose = field(default_factory=Whose)  # as far as the site wants it


def store(connection: Connection, received: Received) -> Room | None:
    """Store the object; gives its room. Raises Duplicate where it is stored already."""
    told, packed = received.told, received.told.packed
    body, told.room = archive.digest_of(packed), room(connection, told.equipment)
    after = combine([told])
    # The study comes first: whoever made or locked it has the say over its objects, so that two workers with the
    # same object don't both find it new.
    values = study_values(after, ids_within(connection, names_of(after)))
    study_id, is_new = _make_or_lock(connection, COLUMNS | values | received.whose.columns, told)
    stored, before = (Objects(), Combined()) if is_new else _stored(connection, study_id)
    outcome = after.outcomes[told.digest] if is_new else before.outcomes.get(stored.speaker(body), Outcome())
    report_id = _insert_report(
        connection,
        received,
        study_id=study_id,
        equipment_id=told.room and told.room.id,
        body=body,
        **outcome._asdict(),
    )
    if body not in stored.bodies:
        original = {"report_id": report_id, "told": packed, "kept": received.kept, "staff": received.staff}
        connection.execute(KEEP, original)
        insert_parts(connection, received.reading.row, received.ids, report_id)
    stored.add(told, body, report_id)
    if is_new:
        _note_name(connection, study_id, received.whose)
        apply_events(connection, study_id, before, after, stored)
    else:
        apply(connection, study_id, before, combine(stored.distinct()), stored)
        _mark(connection, study_id, told)
        note_patient(connection, received)
    return told.room


def _mark(connection: Connection, study_id: int, told: Told) -> None:
    """Mark the test patient, whatever marks were taken away meanwhile: the site's patterns of today say so."""
    marks = {name: told.study[name] for name in MARKS if told.study.get(name)}
    if marks:
        connection.execute(update(Study).where(Study.id == study_id).values(marks))


def note_patient(connection: Connection, received: Received) -> None:
    """Note whose the stored study is; an object that comes again tells it where it was not asked before.

    Where its objects tell of several patients, one of them counts in whatever order they came.
    """
    whose = received.whose
    if not whose.columns and not whose.name_keys:
        return
    same = Study.study_instance_uid == received.told.study["study_instance_uid"]
    known = connection.execute(select(Study.id, *WHOSE).where(same).with_for_update()).mappings().one_or_none()
    if known is None:
        return  # deleted meanwhile
    keys = connection.scalars(select(NameKey.key).where(NameKey.study_id == known["id"])).all()
    if _order(whose.columns, whose.name_keys) < _order(known, keys):
        told = {column.name: whose.columns.get(column.name) for column in WHOSE}
        connection.execute(update(Study).where(same).values(told))
        _note_name(connection, known["id"], whose)


def _note_name(connection: Connection, study_id: int, whose: Whose) -> None:
    """By what is typed of the name the study is found."""
    if whose.name_keys:
        connection.execute(delete(NameKey).where(NameKey.study_id == study_id))
        connection.execute(insert_into(NameKey), [{"study_id": study_id, "key": key} for key in whose.name_keys])


def _order(patient: Mapping[Any, Any], name_keys: Sequence[str]) -> tuple[tuple[bool, str], ...]:
    """Who tells the issuer, and more of the patient, goes before who does not."""
    told = [patient.get(column.name) for column in WHOSE]
    keys = " ".join(sorted(name_keys)) or None
    # More keys come of a name as it is written; of two names it is the same one that counts in any order.
    return tuple(
        (value is None, str(value or "")) for value in [*told[:3], keys and str(-len(name_keys)), keys, *told[3:]]
    )


def _make_or_lock(connection: Connection, values: dict[str, Any], told: Told) -> tuple[int, bool]:
    """The id of the study, ours until the transaction ends, and whether it is new. Raises Duplicate as below.

    One that somebody deletes between the two is there the first time and gone the second.
    """
    while True:
        study_id = insert_if_new(connection, Study.__table__, values)
        if study_id is not None:
            return study_id, True
        study_id = _lock(connection, told)
        if study_id is not None:
            return study_id, False


def _lock(connection: Connection, told: Told) -> int | None:
    """The id of the study, locked until the transaction ends. Raises Duplicate where it has the object."""
    same = Study.study_instance_uid == told.study["study_instance_uid"]
    study_id = connection.scalar(select(Study.id).where(same).with_for_update())
    this = (Report.study_id == study_id, Report.sop_instance_uid == told.sop_instance_uid, Report.digest == told.digest)
    if connection.scalar(select(Report.id).where(*this)):
        raise Duplicate
    return study_id


def _stored(connection: Connection, study_id: int) -> tuple[Objects, Combined]:
    stored = archive.load(connection, study_id)
    return stored, combine(stored.distinct())


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
        "read_by": __version__,
        "event_count": told.event_count,
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
