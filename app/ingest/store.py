"""From a reading to rows: one transaction per object, whatever its number of events."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from app import __version__
from app.dicom.layout import Row
from app.dicom.reader import Reading
from app.ingest.equipment import equipment_id
from app.ingest.events import TABLES_OF_EVENTS, by_key, merge
from app.ingest.flatten import table_values
from app.ingest.insert import insert_all, insert_new
from app.ingest.summary import TABLES_OF_ACCUMULATIONS, summarise
from app.models import Report, Study

# A study with reports of several modalities is listed under the first of these, whichever report came first.
PRECEDENCE = ("CT", "RF", "MG", "DX", "NM")


class Duplicate(Exception):
    """The object is stored already; nothing was changed."""


@dataclass
class Received:
    """One object, read: its report, what its header says of study, room and report, and the ids of shared values."""

    reading: Reading
    study: dict[str, Any]
    equipment: dict[str, Any]
    header: Row
    ids: dict


def store(connection: Connection, received: Received) -> None:
    """Store the object. Raises Duplicate where it is stored already."""
    # The study comes first: whoever has it locked has the say over its reports, so that two workers with the
    # same object don't both find it new.
    study_id = _study(connection, received)
    uid = received.header.values["sop_instance_uid"]
    if connection.scalar(select(Report.id).where(Report.sop_instance_uid == uid)):
        raise Duplicate
    parts = received.reading.row.parts
    events = {table: by_key(parts.get(table.__tablename__, []), uid) for table in TABLES_OF_EVENTS}
    keys = {table.__tablename__: list(told) for table, told in events.items() if told}
    report_id = _report(connection, received, study_id, keys)
    for table in TABLES_OF_ACCUMULATIONS:
        rows = [table_values(row, received.ids) for row in parts.get(table.__tablename__, [])]
        insert_all(connection, table.__table__, [row | {"report_id": report_id} for row in rows])
    for table, told in events.items():
        merge(connection, table, received, told, study_id=study_id, report_id=report_id)
    summarise(connection, study_id)


def _study(connection: Connection, received: Received) -> int:
    """The study's id, made or completed from this object, and locked until the transaction ends."""
    row: dict[str, Any] = {column.name: None for column in Study.__table__.columns if column.name != "id"}
    row |= received.study | {"equipment_id": equipment_id(connection, received.equipment)}
    insert_new(connection, Study.__table__, [row | {"number_of_events": 0, "problem_count": 0}])
    same = Study.study_instance_uid == row["study_instance_uid"]
    kept = connection.execute(select(Study.__table__).where(same).with_for_update()).one()
    missing = {name: value for name, value in row.items() if value is not None and getattr(kept, name) is None}
    if PRECEDENCE.index(row["modality"]) < PRECEDENCE.index(kept.modality):
        missing["modality"] = row["modality"]
    if missing:
        connection.execute(update(Study).where(Study.id == kept.id).values(missing))
    return kept.id


def _report(connection: Connection, received: Received, study_id: int, keys: dict[str, list[str]]) -> int:
    reading = received.reading
    header = table_values(received.header, received.ids)
    values = table_values(reading.row, received.ids) | {
        name: value for name, value in header.items() if value is not None
    }
    values |= {
        "study_id": study_id,
        "received_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        "read_by": __version__,
        "event_keys": keys,
        "event_count": sum(map(len, keys.values())),
        "items": reading.items,
        "unread_count": reading.unread_count,
        "problems": [problem.as_json() for problem in reading.problems],
        "unread": reading.unread,
    }
    return insert_all(connection, Report.__table__, [values])[0]
