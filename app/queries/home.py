"""What the frame and the first page tell: how many studies there are, from which rooms, and how fresh they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

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
        return self.modality.name


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


def counts() -> dict[str, int]:
    """The number of studies of each modality by its key; one with X-rays and radiopharmaceuticals counts twice."""
    counted = select(Study.modality, Study.nuclear, func.count()).group_by(Study.modality, Study.nuclear)
    rows = db.session.execute(counted).all()
    return {
        key: sum(count for modality, nuclear, count in rows if one.lists(modality, nuclear))
        for key, one in MODALITIES.items()
    }


def tabs(counted: Mapping[str, int]) -> list[Tab]:
    """The modalities that have studies, in the order that people know."""
    return [Tab(one, counted[key]) for key, one in MODALITIES.items() if counted.get(key)]


def rooms() -> dict[str, list[Room]]:
    """The rooms of each modality by name, in one statement; studies that say nothing of their room come last."""
    of_all = union_all(*map(_rooms_of, MODALITIES.values())).subquery()
    statement = select(of_all).order_by(of_all.c.display_name.nulls_last())
    found: dict[str, list[Room]] = {}
    for modality, id, studies, day, clock, name, *device in db.session.execute(statement):
        found.setdefault(modality, []).append(Room(id, name, _joined(device), studies, day, clock))
    return found


def _rooms_of(modality: Modality) -> Select[Any]:
    """The modality's rooms with the number of their studies and the time of the latest."""
    latest = (
        select(Study.equipment_id, func.count().label("studies"), func.max(Study.study_date).label("day"))
        .where(modality.studies)
        .group_by(Study.equipment_id)
        .subquery()
    )
    latest_time = (
        select(func.max(Study.study_time))
        .where(
            modality.studies,
            Study.study_date == latest.c.day,
            Study.equipment_id.is_not_distinct_from(latest.c.equipment_id),
        )
        .scalar_subquery()
    )
    return (
        select(literal(modality.stored).label("modality"), latest, latest_time.label("clock"))
        .add_columns(Equipment.display_name, Equipment.manufacturer, Equipment.model_name)
        .outerjoin_from(latest, Equipment, Equipment.id == latest.c.equipment_id)
    )


def _joined(parts: Sequence[str | None]) -> str:
    return " ".join(part for part in parts if part)
