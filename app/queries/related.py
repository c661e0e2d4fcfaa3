"""Other studies of a study's patient, over all modalities, where the site keeps what tells patients apart."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, load_only

from app.extensions import db
from app.models import Equipment, Name, Study
from app.queries.axis import Clock, Tick
from app.queries.modalities import MODALITIES, Modality, by_stored
from app.queries.patients import of_patient, same_patient
from app.queries.picture import Mark, Picture

MOST = 1000  # studies of one patient that a page shows; a study that more belong to is no patient's
NEEDED = (
    "id", "study_instance_uid", "modality", "nuclear", "study_date", "study_time", "equipment_id",
    *{quantity.column.key for one in MODALITIES.values() for quantity in one.quantities},
)  # fmt: skip


@dataclass(frozen=True)
class Related:
    """Another study of the patient."""

    study: Study
    title: str | None

    @property
    def kinds(self) -> list[Modality]:
        """Its modality, and nuclear medicine where it is that beside."""
        own, nuclear = by_stored(self.study.modality), MODALITIES["nm"]
        return [own, nuclear] if self.study.nuclear and own is not nuclear else [own]

    @property
    def doses(self) -> list[str]:
        """The doses that it has, each with its title and unit."""
        found = [(one, one.brief(one.of(self.study))) for kind in self.kinds for one in kind.quantities[1:]]
        return [f"{one.title} {value} {one.unit}".rstrip() for one, value in found if value is not None]

    @property
    def day(self) -> date | None:
        """When it was."""
        return self.study.study_date


def within(study: Study, weeks: int) -> list[Related]:
    """The patient's other studies so many weeks before and after this one, in the order of time."""
    other = same_patient(study)
    if other is None or study.study_date is None:
        return []
    span = timedelta(weeks=weeks)
    first = study.study_date - min(span, study.study_date - date.min)
    last = study.study_date + min(span, date.max - study.study_date)
    return _found(other & Study.study_date.between(first, last))


def all_of_patient(uid: str) -> tuple[Study, list[Related]] | None:
    """The study, and all of its patient with it among them; None where it is not there."""
    study = db.session.scalar(select(Study).where(Study.study_instance_uid == uid))
    if study is None:
        return None
    if study.patient_key is None:
        return study, []
    return study, _found(of_patient(study.patient_key, study.patient_issuer))


def _found(clause: ColumnElement[bool]) -> list[Related]:
    """The studies with their titles and rooms, in the order of time."""
    wanted = (
        select(Study, Name.text)
        .outerjoin(Name, Name.id == Study.title)
        .where(clause)
        .order_by(Study.study_date.nulls_last(), Study.study_time.nulls_last(), Study.id)
        .limit(MOST)
        .options(
            load_only(*(getattr(Study, name) for name in NEEDED), raiseload=True),
            joinedload(Study.equipment).load_only(Equipment.id, Equipment.display_name, raiseload=True),
        )
    )
    return [Related(study, title) for study, title in db.session.execute(wanted)]


def timeline(studies: list[Related]) -> Picture | None:
    """A point for each study with a date, on a line for each modality; none where there are not two days."""
    dated = [(one, _moment(one.study)) for one in studies if one.day is not None]
    if len({one.day for one, _ in dated}) < 2:
        return None
    clock = Clock(min(moment for _, moment in dated), max(moment for _, moment in dated))
    present = {kind.key for one, _ in dated for kind in one.kinds}
    lanes = [kind for key, kind in MODALITIES.items() if key in present]
    heights = {kind.key: 100 * (place + 0.5) / len(lanes) for place, kind in enumerate(lanes)}
    points = [
        Mark(one.study.study_instance_uid, _words(one), 100 * clock.share(moment), heights[kind.key],
             shape=lanes.index(kind))
        for one, moment in dated for kind in one.kinds
    ]  # fmt: skip
    return Picture(
        "Studies by modality and date", f"{len(studies)} studies from {clock.first:%Y-%m-%d} to {clock.last:%Y-%m-%d}.",
        "Date", clock.ticks, [Tick(100 - heights[kind.key], kind.stored) for kind in lanes], points=points,
    )  # fmt: skip


def _moment(study: Study) -> datetime:
    return datetime.combine(study.study_date or date.min, study.study_time or time())


def _words(one: Related) -> str:
    words = [f"{one.day:%Y-%m-%d}", one.title or by_stored(one.study.modality).one, *one.doses]
    return ", ".join(words)
