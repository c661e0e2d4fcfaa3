"""What the frame and the first page tell: how many studies there are, from which rooms, and how fresh they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select

from app.extensions import db
from app.models import Equipment, Study
from app.queries.modalities import MODALITIES, Modality


@dataclass(frozen=True)
class Tab:
    """A modality that has studies."""

    modality: Modality
    studies: int

    @property
    def title(self) -> str:
        """The modality's name."""
        return self.modality.title.removesuffix(" studies")


@dataclass(frozen=True)
class Room:
    """One room's studies of one modality."""

    id: int | None
    name: str | None
    device: str
    studies: int
    latest_date: date | None
    latest_time: time | None

    @property
    def latest(self) -> date | datetime | None:
        """When the latest study was, as precisely as it says."""
        if self.latest_date is None or self.latest_time is None:
            return self.latest_date
        return datetime.combine(self.latest_date, self.latest_time)


def tabs() -> list[Tab]:
    """The modalities that have studies, in the order that people know."""
    counted = select(Study.modality, func.count()).group_by(Study.modality)
    counts = {modality: count for modality, count in db.session.execute(counted)}
    return [Tab(one, counts[one.stored]) for one in MODALITIES.values() if one.stored in counts]


def rooms() -> dict[str, list[Room]]:
    """The rooms of each modality by name, in one statement; studies that say nothing of their room come last."""
    group = (Study.modality, Study.equipment_id)
    latest = (
        select(*group, func.count().label("studies"), func.max(Study.study_date).label("day"))
        .group_by(*group)
        .subquery()
    )
    latest_time = (
        select(func.max(Study.study_time))
        .where(
            Study.modality == latest.c.modality,
            Study.study_date == latest.c.day,
            Study.equipment_id.is_not_distinct_from(latest.c.equipment_id),
        )
        .scalar_subquery()
    )
    statement = (
        select(latest, latest_time, Equipment.display_name, Equipment.manufacturer, Equipment.model_name)
        .outerjoin(Equipment, Equipment.id == latest.c.equipment_id)
        .order_by(Equipment.display_name.nulls_last())
    )
    found: dict[str, list[Room]] = {}
    for modality, id, studies, day, clock, name, *device in db.session.execute(statement):
        found.setdefault(modality, []).append(Room(id, name, _joined(device), studies, day, clock))
    return found


def _joined(parts: Sequence[str | None]) -> str:
    return " ".join(part for part in parts if part)
