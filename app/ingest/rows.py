"""Brings a study's rows from what they were to what its objects now make of it, touching only what differs."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, delete, update

from app.dicom.layout import Row
from app.extensions import db
from app.ingest.archive import Objects
from app.ingest.combine import KINDS, Combined
from app.ingest.flatten import is_table, shared_values, table_values
from app.ingest.gather import Event
from app.ingest.insert import insert_all
from app.ingest.layouts import STUDY
from app.ingest.lookups import ids
from app.models import Report, Study

EVENTS = tuple(kind.table for kind, _, _ in KINDS)
NAMES = {field.name for field in STUDY.fields if field.kind == "name"}


def table(name: str) -> Table:
    """The table with the name."""
    return db.metadata.tables[name]


def apply(connection: Connection, study_id: int, before: Combined, after: Combined, stored: Objects) -> None:
    """Change the study's rows from `before` to `after`."""
    for name in EVENTS:
        if not before.events.get(name) and not after.events.get(name):
            continue
        _events(connection, study_id, table(name), before, after, stored)
    for digest, outcome in after.outcomes.items():
        if before.outcomes.get(digest) != outcome:
            same = (Report.study_id == study_id) & (Report.body == stored.body_of(digest))
            connection.execute(update(Report).where(same).values(outcome=outcome))
    changed = {name: value for name, value in after.study.items() if before.study.get(name) != value}
    room = stored.rooms.get(stored.body_of(after.room_of)) if after.room_of else None
    found = after.study["modality"]
    values = study_values(changed) | {"equipment_id": room and room.id, "modality_found": found}
    values["modality"] = room.sorts(found) if room else found
    gone = {name: None for name in before.study if name not in after.study}
    connection.execute(update(Study).where(Study.id == study_id).values(gone | values))


def study_values(values: dict[str, Any]) -> dict[str, Any]:
    """The study's columns, shared names by their ids."""
    known = ids(db.engine, {value for name, value in values.items() if name in NAMES and value is not None})
    return {name: known[value] if name in NAMES and value is not None else value for name, value in values.items()}


def _events(
    connection: Connection, study_id: int, into: Table, before: Combined, after: Combined, stored: Objects
) -> None:
    old, new = before.events.get(into.name, {}), after.events.get(into.name, {})
    changed = {key: event for key, event in new.items() if not _same(old.get(key), event)}
    stale = [key for key in old if key in changed or key not in new]
    if stale:
        connection.execute(delete(into).where(into.c.study_id == study_id, into.c.key.in_(stale)))
    known = ids(db.engine, set().union(*(shared_values(event.row) for event in changed.values())))
    rows = [
        table_values(event.row, known)
        | {"study_id": study_id, "key": key, "number": event.number}
        | {"report_id": stored.bodies[stored.body_of(event.told_by)]}
        for key, event in changed.items()
    ]
    parents = insert_all(connection, into, rows)
    _below(connection, into.name, zip(parents, (event.row for event in changed.values()), strict=True), known)


def _below(connection: Connection, parent: str, rows: Iterable[tuple[int, Row]], known: dict) -> None:
    """Insert the rows that have a table of their own below these."""
    children: dict[str, list[dict[str, Any]]] = {}
    for parent_id, row in rows:
        for part in row.layout.parts:
            if is_table(part.layout):
                below = [table_values(one, known) | {f"{parent}_id": parent_id} for one in row.parts.get(part.name, [])]
                children.setdefault(part.name, []).extend(below)
    for name, values in children.items():
        insert_all(connection, table(name), values)


def _same(old: Event | None, new: Event) -> bool:
    return old is not None and (old.row, old.told_by, old.number) == (new.row, new.told_by, new.number)
