"""Every room with its device: what is known of it, how much it sends, and what is odd about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import Equipment, EquipmentVersion, Study
from app.models.equipment import CHANGING, OF_STUDY, SORTABLE
from app.queries.modalities import Modality, by_stored

SILENT_DAYS = 14  # a room in use sends more often than that
RETIRED_DAYS = 365  # past that it is not silent, but gone
FEW_UIDS = 3  # of one software: a device that was exchanged or set up anew has as many

NOT_ITS_OWN = (
    "Writes the UID of the study or of the object where a UID of its own should stand. It is told from other devices "
    "by its station, serial number and gantry only."
)
ANOTHER_EACH_TIME = (
    "Writes another device UID again and again, so that its UID says nothing. Its maker can set it up to keep one."
)


@dataclass(frozen=True)
class Count:
    """A room's studies of one modality."""

    modality: Modality
    studies: int
    latest: date | None


@dataclass(frozen=True)
class Room:
    """One room, with the modalities that people know in their order."""

    equipment: Equipment
    counts: Sequence[Count]

    @property
    def studies(self) -> int:
        """How many studies it has in all."""
        return sum(count.studies for count in self.counts)

    @property
    def latest(self) -> date | None:
        """The day of its latest study."""
        return max((count.latest for count in self.counts if count.latest), default=None)

    @property
    def sortable(self) -> bool:
        """Whether a modality setting makes a difference."""
        stored = {count.modality.stored for count in self.counts}
        return self.equipment.modality is not None or not stored.isdisjoint(SORTABLE)

    @property
    def versions(self) -> list[EquipmentVersion]:
        """What is noted of its software and UIDs, the latest first; studies that tell of neither are left out."""
        return [one for one in self.equipment.versions if one.software_versions or one.device_observer_uid]

    @property
    def software(self) -> EquipmentVersion | None:
        """The latest note that tells a software version."""
        return next((version for version in self.versions if version.software_versions), None)

    @property
    def notes(self) -> list[str]:
        """What is odd about the UIDs that it writes, in words."""
        uids = {version.device_observer_uid for version in self.versions}
        notes = [NOT_ITS_OWN] if OF_STUDY in uids else []
        by_software: dict[str, set[str]] = {}
        for version in self.versions:
            by_software.setdefault(version.software_versions, set()).add(version.device_observer_uid)
        many = max((len(some - {"", OF_STUDY}) for some in by_software.values()), default=0)
        return [*notes, ANOTHER_EACH_TIME] if CHANGING in uids or many > FEW_UIDS else notes

    def silent_days(self, today: date | None = None) -> int:
        """For how many days it has been silent, where that is worth a look; else none."""
        days = ((today or date.today()) - self.latest).days if self.latest else 0
        return days if SILENT_DAYS < days <= RETIRED_DAYS else 0


def rooms() -> list[Room]:
    """All rooms by hospital and name, in three statements."""
    by_name = (func.lower(Equipment.institution).nulls_last(), func.lower(Equipment.display_name), Equipment.id)
    found = db.session.scalars(select(Equipment).order_by(*by_name).options(selectinload(Equipment.versions)))
    counts = _counts()
    return [Room(equipment, counts.get(equipment.id, ())) for equipment in found]


def room(id: int) -> Room | None:
    """One room; None where it is not there."""
    equipment = db.session.get(Equipment, id, options=[selectinload(Equipment.versions)])
    return Room(equipment, _counts(id).get(id, ())) if equipment else None


def _counts(id: int | None = None) -> dict[int, list[Count]]:
    group = (Study.equipment_id, Study.modality)
    counted = select(*group, func.count(), func.max(Study.study_date)).where(Study.equipment_id.is_not(None))
    if id is not None:
        counted = counted.where(Study.equipment_id == id)
    found: dict[int, list[Count]] = {}
    for room_id, modality, studies, latest in db.session.execute(counted.group_by(*group).order_by(Study.modality)):
        found.setdefault(room_id or 0, []).append(Count(by_stored(modality), studies, latest))
    return found
