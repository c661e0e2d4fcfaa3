"""Reads an object that was kept again, and changes just what the new reading changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from app import __version__
from app.dicom.damage import Damaged
from app.dicom.deidentify import keepable, restored
from app.dicom.identify import NotADoseObject, open_object
from app.extensions import db
from app.identity import STORED, Identity
from app.ingest import archive
from app.ingest.changes import Change, differences, own_differences
from app.ingest.combine import combine
from app.ingest.equipment import room
from app.ingest.flatten import is_table
from app.ingest.layouts import REPORT, STUDY
from app.ingest.patient import OF_IDENTITY
from app.ingest.receive import storing, without_names
from app.ingest.rows import apply, as_stored, table
from app.ingest.store import Received, insert_parts, report_values
from app.ingest.told import EVENTS, sealed, unpack
from app.ingest.understand import AS_WRITTEN, understand
from app.models import Original, Report, Study

UNCHANGED, CHANGED, UNREADABLE, NOT_KEPT = "as before", "changed", "can't be read by this version", "not kept"
APART = {"read_by", "digest"}  # columns whose change is told otherwise, or follows from others


@dataclass(frozen=True)
class Reread:
    """What came of reading an object again; where it can't be read, what was stored stays as it was."""

    result: str
    study_instance_uid: str = ""
    changes: tuple[Change, ...] = ()


def reread(report_id: int, identity: Identity = AS_WRITTEN) -> Reread:
    """Read the object again. What depends on the patient's name, ID or birthday stays: these were not kept.

    Names of staff become what the site wants them to be by now; what it did not want before does not come back.
    """
    asked = (
        select(Original.kept, Original.told, Original.staff, Study.study_instance_uid)
        .join(Report, Report.id == Original.report_id)
        .join(Study, Study.id == Report.study_id)
    )
    with db.engine.connect() as connection:
        stored = connection.execute(asked.where(Original.report_id == report_id)).first()
    if stored is None or stored.kept is None:
        return Reread(NOT_KEPT)
    try:
        dataset = open_object(restored(stored.kept))
        clean = without_names(dataset, replace(identity, accession=STORED))  # whose number is dealt with elsewhere
        received = understand(clean, {})
        received.kept = stored.kept if clean is dataset else keepable(clean)
        received.staff = identity.staff if identity.staff != STORED else stored.staff
    except (Damaged, NotADoseObject):
        return Reread(UNREADABLE, stored.study_instance_uid)
    before = unpack(stored.told, STUDY, REPORT)
    before_it = before["study"]
    same = {name: before_it[name] for name in OF_IDENTITY if name in before_it and not received.told.study.get(name)}
    is_numbered = received.told.is_numbered or before["is_numbered"]
    told = replace(received.told, study=received.told.study | same, is_numbered=is_numbered)
    received.told = sealed(told, received.reading.row, received.header)
    changes: list[Change] = []
    storing(received, lambda connection: changes.extend(_replace(connection, report_id, received)))
    return Reread(CHANGED if changes else UNCHANGED, stored.study_instance_uid, tuple(changes))


def _replace(connection: Connection, report_id: int, received: Received) -> list[Change]:
    """Put the new reading in the place of the old one; gives what that changed."""
    study_id = connection.scalar(select(Report.study_id).where(Report.id == report_id))
    if connection.scalar(select(Study.id).where(Study.id == study_id).with_for_update()) is None:
        return []  # deleted meanwhile
    own = dict(connection.execute(select(Report.__table__).where(Report.id == report_id)).mappings().one())
    stored = archive.load(connection, study_id, everything=True)
    before = as_stored(connection, study_id, combine(stored.distinct()))
    packed = received.told.packed
    body = archive.digest_of(packed)
    old = stored.told_by(own["body"])
    received.told.room = room(connection, received.told.equipment)
    stored.replace(own["digest"], own["body"], received.told, body)
    after = combine(stored.distinct())
    apply(connection, study_id, before, after, stored)
    _replace_parts(connection, report_id, old.parts, received)
    said = {"told": packed, "kept": received.kept, "staff": received.staff}
    connection.execute(update(Original).where(Original.report_id == report_id).values(said))
    connection.execute(update(Report).where(Report.study_id == study_id, Report.body == own["body"]).values(body=body))
    values = report_values(received)
    changes = differences(before, after) + own_differences(own, {k: v for k, v in values.items() if k not in APART})
    values |= {"equipment_id": received.told.room and received.told.room.id, "changes": _history(own, changes)}
    connection.execute(update(Report).where(Report.id == report_id).values(values))
    return changes


def _history(own: Mapping[str, Any], changes: list[Change]) -> list[dict[str, Any]] | None:
    """What reading again has changed so far, this time included."""
    if not changes:
        return own["changes"]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return [*(own["changes"] or ()), {"at": at, "from": own["read_by"], "to": __version__, "changes": changes}]


def _replace_parts(connection: Connection, report_id: int, old: Mapping[str, list], received: Received) -> None:
    row = received.reading.row
    for part in row.layout.parts:
        is_own = is_table(part.layout) and part.name not in EVENTS
        if is_own and old.get(part.name, []) != row.parts.get(part.name, []):
            into = table(part.name)
            connection.execute(delete(into).where(into.c.report_id == report_id))
            insert_parts(connection, row, received.ids, report_id, {part.name})
