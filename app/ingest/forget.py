"""Takes away of stored studies what the site does not want to be kept of who patients are, or hashes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from app.dicom.damage import Damaged
from app.dicom.deidentify import keepable, restored
from app.dicom.identify import open_object
from app.identity import HASH, HASHED, NONE, STORED, Identity
from app.ingest.archive import digest_of
from app.ingest.told import NUMBER, packed_again
from app.models import NameKey, Original, Report, Study

HAS_NAME_KEY = exists().where(NameKey.study_id == Study.id)
COLUMNS = (
    Study.id, Study.patient_key, Study.patient_issuer, Study.patient_id, Study.patient_name, Study.patient_birth_date,
    Study.accession_number,
)  # fmt: skip


def too_much(kept: Identity) -> dict[str, ColumnElement[bool]]:
    """Whether a study has more of its patient than the site wants, by what it is."""
    number, hashed = Study.accession_number, Study.accession_number.startswith(HASH, autoescape=True)
    wanted: dict[str, dict[str, ColumnElement[bool]]] = {
        "patient IDs": {NONE: Study.patient_key.is_not(None), HASHED: Study.patient_id.is_not(None)},
        "names": {NONE: or_(Study.patient_name.is_not(None), HAS_NAME_KEY), HASHED: Study.patient_name.is_not(None)},
        "dates of birth": {NONE: Study.patient_birth_date.is_not(None)},
        "accession numbers": {NONE: number.is_not(None), HASHED: number.is_not(None) & ~hashed},
        "names of staff": {NONE: _has_staff(STORED, HASHED), HASHED: _has_staff(STORED)},
    }
    settings = (kept.keeps, kept.name, kept.birth_date, kept.accession, kept.staff)
    return {
        what: tests[setting]
        for (what, tests), setting in zip(wanted.items(), settings, strict=True)
        if setting in tests
    }


def _has_staff(*kept: str) -> ColumnElement[bool]:
    """Whether an object of the study came while names of staff were kept so; it may name nobody."""
    has = Report.__table__.join(Original.__table__, Original.report_id == Report.id)
    return exists().select_from(has).correlate(Study).where(Report.study_id == Study.id, Original.staff.in_(kept))


def affected(kept: Identity) -> Select[int]:
    """The studies that have more than the site wants, in the order of their numbers."""
    tests = too_much(kept).values()
    return select(Study.id).where(or_(*tests) if tests else literal(False)).order_by(Study.id)


def lessen(connection: Connection, kept: Identity, ids: Sequence[int]) -> int:
    """Take away, or hash, what is too much of these studies; gives how many there were."""
    found = select(*COLUMNS).where(Study.id.in_(ids)).order_by(Study.id).with_for_update()
    rows = connection.execute(found).mappings().all()
    for row in rows:
        values = _as_wanted(row, kept)
        if values[NUMBER] != row[NUMBER]:
            _renumber(connection, row["id"], kept)
        connection.execute(update(Study).where(Study.id == row["id"]).values(values))
        _rename(connection, row, kept)
    return len(rows)


def _as_wanted(row: Mapping[Any, Any], kept: Identity) -> dict[str, Any]:
    knows = kept.keeps != NONE
    return {
        "patient_key": row["patient_key"] if knows else None,
        "patient_issuer": row["patient_issuer"] if knows else None,
        "patient_id": row["patient_id"] if kept.keeps == STORED else None,
        "patient_name": row["patient_name"] if kept.name == STORED else None,
        "patient_birth_date": row["patient_birth_date"] if kept.birth_date == STORED else None,
        NUMBER: kept.accession_key(row[NUMBER]) if row[NUMBER] else None,
    }


def _rename(connection: Connection, row: Mapping[Any, Any], kept: Identity) -> None:
    """Let the study be found by what the site lets it: of a name that was stored, no more by a part of it."""
    if kept.name == STORED or (kept.name == HASHED and not row["patient_name"]):
        return
    connection.execute(delete(NameKey).where(NameKey.study_id == row["id"]))
    keys = [{"study_id": row["id"], "key": key} for key in kept.name_keys(row["patient_name"] or "")]
    if keys:
        connection.execute(insert(NameKey), keys)


def _renumber(connection: Connection, study_id: int, kept: Identity) -> None:
    """Do with the accession number in what the study's objects said, and in the objects themselves, as with its own."""
    asked = select(Original.report_id, Original.told, Original.kept, Report.body)
    asked = asked.join(Report, Report.id == Original.report_id).where(Report.study_id == study_id)
    for row in connection.execute(asked).all():
        told = packed_again(row.told, kept.accession_key)
        body = digest_of(told)
        values = {"told": told, "kept": row.kept and _without_number(row.kept)}
        connection.execute(update(Original).where(Original.report_id == row.report_id).values(values))
        same = (Report.study_id == study_id) & (Report.body == row.body)
        connection.execute(update(Report).where(same).values(body=body))


def _without_number(kept: bytes) -> bytes | None:
    """The object without it; none where it is so odd that it can't be written again."""
    try:
        return keepable(open_object(restored(kept)), with_number=False)
    except Damaged:
        return None


def counted(connection: Connection) -> dict[str, int]:
    """How many studies have what of their patients, in words."""
    number, hashed = Study.accession_number, Study.accession_number.startswith(HASH, autoescape=True)
    asked = {
        "patient IDs, hashed": func.count(Study.patient_key),
        "patient IDs, as written": func.count(Study.patient_id),
        "names, hashed": _where(HAS_NAME_KEY),
        "names, as written": func.count(Study.patient_name),
        "dates of birth": func.count(Study.patient_birth_date),
        "accession numbers, hashed": _where(hashed),
        "accession numbers, as written": _where(number.is_not(None) & ~hashed),
    }
    row = connection.execute(select(*asked.values()).select_from(Study)).one()
    return dict(zip(asked, row, strict=True))


def _where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows it holds for; MariaDB knows no FILTER."""
    return func.count(case((condition, 1)))
