"""What arrived lately, and what of it was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import Equipment, Name, Refusal, Report, Study
from app.queries.modalities import Modality, by_stored

FAILED = "failed"  # as the importer calls what it could not read
LOOKED_AT = 300  # objects; images come by hundreds
SHOWN = 6


@dataclass(frozen=True)
class Arrival:
    """A study of which objects arrived lately."""

    uid: str
    modality: Modality
    day: date | None
    room: str | None
    title: str | None
    objects: int
    problems: int
    at: datetime  # the latest of them, in UTC


def latest() -> Sequence[Arrival]:
    """The studies whose objects came last, newest first."""
    newest = select(Report.id, Report.study_id, Report.received_at).order_by(Report.id.desc()).limit(LOOKED_AT)
    lately = newest.subquery()
    at = func.max(lately.c.received_at)
    columns = (
        Study.study_instance_uid, Study.modality, Study.study_date, Equipment.display_name, Name.text,
        func.count(), Study.problem_count, at,
    )  # fmt: skip
    found = (
        select(*columns)
        .select_from(lately)
        .join(Study, Study.id == lately.c.study_id)
        .outerjoin(Equipment, Equipment.id == Study.equipment_id)
        .outerjoin(Name, Name.id == Study.title)
        .group_by(Study.id, Equipment.display_name, Name.text)
        .order_by(func.max(lately.c.id).desc())
        .limit(SHOWN)
    )
    rows: Any = db.session.execute(found)
    return [Arrival(uid, by_stored(modality), *rest) for uid, modality, *rest in rows]


def failures() -> Sequence[Refusal]:
    """The objects that could not be read, newest first."""
    failed = select(Refusal).where(Refusal.result == FAILED).order_by(Refusal.received_at.desc(), Refusal.id.desc())
    return db.session.scalars(failed.limit(SHOWN)).all()
