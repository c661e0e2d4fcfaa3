"""What goes when studies are deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select

from app.extensions import db
from app.models import Equipment, Report, Study

FEW_ROOMS = 10  # that are named


@dataclass(frozen=True)
class Extent:
    """How much goes, from when, from where."""

    studies: int
    events: int
    objects: int
    first: date | None
    last: date | None
    newest: int  # the number of the study that came last; what comes later is not meant
    rooms: list[str]
    other_rooms: int  # besides those named


def chosen(uids: Sequence[str]) -> Select[Study]:
    """The studies with these UIDs."""
    return select(Study).where(Study.study_instance_uid.in_(uids))


def extent(studies: Select[Study]) -> Extent:
    """What belongs to the studies, in three statements."""
    events = func.coalesce(func.sum(Study.number_of_events + Study.number_of_administrations), 0)
    asked = (func.count(), events, func.min(Study.study_date), func.max(Study.study_date), func.max(Study.id))
    count, events_count, first, last, newest = db.session.execute(studies.with_only_columns(*asked)).one()
    ids = studies.with_only_columns(Study.id)
    objects = db.session.scalar(select(func.count()).select_from(Report).where(Report.study_id.in_(ids))) or 0
    used = studies.with_only_columns(Study.equipment_id).distinct()
    names = select(Equipment.display_name).where(Equipment.id.in_(used)).order_by(func.lower(Equipment.display_name))
    rooms = list(db.session.scalars(names))
    others = max(0, len(rooms) - FEW_ROOMS)
    return Extent(count, int(events_count), objects, first, last, newest or 0, rooms[:FEW_ROOMS], others)
