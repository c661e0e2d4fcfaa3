"""Brings a study's rows from what they were to what its objects now make of it, touching only what differs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from app.dicom.layout import Row
from app.extensions import db
from app.ingest.archive import Objects
from app.ingest.combine import Combined, Outcome
from app.ingest.flatten import is_table, shared_values, table_values
from app.ingest.gather import Event
from app.ingest.imported import with_imported
from app.ingest.insert import insert_all
from app.ingest.lookups import ids_within
from app.ingest.told import EVENTS, MARKS
from app.models import Name, Report, Study

NAMES = {column.name for column in Study.__table__.columns if column.references(Name.__table__.c.id)}


def table(name: str) -> Table:
    """The table with the name."""
    return db.metadata.tables[name]


def apply(connection: Connection, study_id: int, before: Combined, after: Combined, stored: Objects) -> None:
    """Change the study's rows from `before` to `after`."""
    apply_events(connection, study_id, before, after, stored)
    for digest, outcome in after.outcomes.items():
        if before.outcomes.get(digest) != outcome:
            same = (Report.study_id == study_id) & (Report.body == stored.body_of(digest))
            connection.execute(update(Report).where(same).values(outcome._asdict()))
    known = ids_within(connection, names_of(before) | names_of(after))
    old, new = study_values(before, known), study_values(after, known)
    changed = {name: value for name, value in new.items() if name not in old or old[name] != value}
    changed |= {name: None for name in old if name not in new}
    changed = with_imported(connection, study_id, changed)
    if changed:
        connection.execute(update(Study).where(Study.id == study_id).values(changed))


def as_stored(connection: Connection, study_id: int, made: Combined) -> Combined:
    """What was made of a study's objects, with what its rows say instead: an earlier version may have made less.

    Marks stay as made, for people take them away; and so do sizes that somebody imported over them.
    """
    wanted = [Study.__table__.c[name] for name in made.study if name not in {"modality", *MARKS}]
    of_study = select(*wanted, Study.imported).where(Study.id == study_id)
    row = dict(connection.execute(of_study).mappings().one())
    imported = row.pop("imported") or {}
    ids = {row[name] for name in row if name in NAMES}
    texts = dict(connection.execute(select(Name.id, Name.text).where(Name.id.in_(ids - {None}))).all())
    told = {name: texts.get(value) if name in NAMES else value for name, value in row.items() if name not in imported}
    asked = select(Report.digest, Report.outcome, Report.in_totals).where(Report.study_id == study_id)
    found = {one.digest: Outcome(one.outcome, one.in_totals) for one in connection.execute(asked)}
    return replace(made, study=made.study | told, outcomes=found)


def apply_events(connection: Connection, study_id: int, before: Combined, after: Combined, stored: Objects) -> None:
    """Change the study's events from `before` to `after`; those that stay as they are keep their rows."""
    tellers = stored.rows()
    for name in EVENTS:
        old, new = before.events.get(name, {}), after.events.get(name, {})
        changed = {key: event for key, event in new.items() if not _same(old.get(key), event, tellers)}
        stale = [key for key in old if key in changed or key not in new]
        if stale:
            into = table(name)
            connection.execute(delete(into).where(into.c.study_id == study_id, into.c.key.in_(stale)))
        if changed:
            _insert(connection, study_id, table(name), changed, tellers)


def names_of(combined: Combined) -> set[Any]:
    """The shared names among the study's columns."""
    return {value for name, value in combined.study.items() if name in NAMES and value is not None}


def study_values(combined: Combined, known: Mapping[Any, int]) -> dict[str, Any]:
    """The study's columns, shared names by their ids."""
    if not combined.study:
        return {}
    told, found = combined.study, combined.study["modality"]
    room = combined.room
    named = {name: known[value] for name, value in told.items() if name in NAMES and value is not None}
    place = {"modality": room.sorts(found) if room else found, "modality_found": found}
    return told | named | place | {"equipment_id": room and room.id}


def _insert(
    connection: Connection, study_id: int, into: Table, changed: Mapping[str, Event], tellers: Mapping[str, int]
) -> None:
    known = ids_within(connection, set().union(*(shared_values(event.row) for event in changed.values())))
    rows = [
        table_values(event.row, known)
        | {"study_id": study_id, "key": key, "number": event.number}
        | {"report_id": tellers[event.told_by]}
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


def _same(old: Event | None, new: Event, tellers: Mapping[str, int]) -> bool:
    """Whether the event's rows say what they have to; an object whose digest is another now may still have its row."""
    if old is None or (old.row, old.number) != (new.row, new.number):
        return False
    return tellers[old.told_by] == tellers[new.told_by]
