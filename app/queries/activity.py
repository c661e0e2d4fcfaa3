"""How each room has been sending: how many studies, in the last days and week by week, and when the latest was."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from app.extensions import db
from app.models import Equipment, Study
from app.queries.modalities import MODALITIES, Modality
from app.queries.rooms import RETIRED_DAYS, SILENT_DAYS

WEEKS = 52
SPARK_HEIGHT = 20  # of the drawing, whose weeks are two wide

Figures = list[dict[str, Any]]


@dataclass(frozen=True)
class Room:
    """One room's studies of one modality, as they were on a day."""

    modality: str  # as the column has it
    id: int | None
    name: str | None
    device: str
    studies: int
    latest_date: date | None
    latest_time: time | None
    recent: Sequence[int]  # studies in the last days, for each number of days that the site asks for
    weeks: Sequence[int]  # of the last year, the oldest first
    today: date

    @property
    def latest(self) -> date | datetime | None:
        """When the latest study was, as precisely as it says."""
        if self.latest_date is None or self.latest_time is None:
            return self.latest_date
        return datetime.combine(self.latest_date, self.latest_time)

    @property
    def silent_days(self) -> int:
        """For how many days it has been silent, where that is worth a look; else none."""
        days = (self.today - self.latest_date).days if self.latest_date else 0
        return days if SILENT_DAYS < days <= RETIRED_DAYS else 0

    @property
    def retired(self) -> bool:
        """Whether nothing came for so long that nothing is expected."""
        return self.latest_date is None or (self.today - self.latest_date).days > RETIRED_DAYS

    @property
    def spark(self) -> str:
        """The weeks as the path of a drawing: steps as high as their studies."""
        highest = max(self.weeks)
        heights = [round(SPARK_HEIGHT * (1 - count / highest), 1) for count in self.weeks]
        return f"M0 {SPARK_HEIGHT}" + "".join(f"V{height:g}h2" for height in heights) + f"V{SPARK_HEIGHT}z"

    @property
    def spark_words(self) -> str:
        """What the drawing shows, for who can't see it."""
        return (
            f"{sum(self.weeks):,} in the last {WEEKS} weeks, from {min(self.weeks):,} to {max(self.weeks):,} a week, "
            f"{self.weeks[-1]:,} in the last"
        )


def figures(days: Sequence[int], today: date) -> Figures:
    """What the rooms show, as JSON can hold it: it is dear on a large system and worth remembering. Two statements."""
    since = today - timedelta(days=max((WEEKS * 7 - 1, *days)))
    by_room = _by_room(since)
    return [
        {
            "modality": modality,
            "id": id,
            "name": name,
            "device": " ".join(part for part in device if part),
            "studies": studies,
            "day": day and day.isoformat(),
            "clock": clock and clock.isoformat(),
            "recent": [_in_last(one, by_room[modality, id], today) for one in days],
            "weeks": _weekly(by_room[modality, id], today),
        }
        for modality, id, studies, day, clock, name, *device in _rooms()
    ]


def rooms(told: Figures, today: date) -> dict[str, list[Room]]:
    """The rooms of each modality, those in use first, by name; those without a name last."""
    found: dict[str, list[Room]] = {}
    for one in told:
        day = date.fromisoformat(one["day"]) if one["day"] else None
        clock = time.fromisoformat(one["clock"]) if one["clock"] else None
        same = {name: one[name] for name in ("modality", "id", "name", "device", "studies", "recent", "weeks")}
        room = Room(**same, latest_date=day, latest_time=clock, today=today)
        found.setdefault(room.modality, []).append(room)
    for some in found.values():
        some.sort(key=lambda room: room.retired)
    return found


def _in_last(days: int, counts: Iterable[tuple[date, int]], today: date) -> int:
    """The studies that the filter “last days” would find."""
    first = today - timedelta(days=days)
    return sum(count for day, count in counts if day >= first)


def _weekly(counts: Iterable[tuple[date, int]], today: date) -> list[int]:
    weeks = [0] * WEEKS
    for day, count in counts:
        age = (today - day).days // 7
        if 0 <= age < WEEKS:
            weeks[-1 - age] += count
    return weeks


def _by_room(since: date) -> dict[tuple[str, int | None], list[tuple[date, int]]]:
    """The studies of each day, by modality and room."""
    days = (
        select(literal(one.stored), Study.equipment_id, Study.study_date, func.count())
        .where(one.studies, Study.study_date >= since)
        .group_by(Study.equipment_id, Study.study_date)
        for one in MODALITIES.values()
    )
    found: dict[tuple[str, int | None], list[tuple[date, int]]] = defaultdict(list)
    for modality, id, day, count in db.session.execute(union_all(*days)):
        found[modality, id].append((day or since, count))  # they all have a day
    return found


def _rooms() -> Iterable[Any]:
    of_all = union_all(*map(_rooms_of, MODALITIES.values())).subquery()
    return db.session.execute(select(of_all).order_by(of_all.c.display_name.nulls_last()))


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
