"""The objects that a study was made from, as they were stored: what each said, and which row is its own."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, select

from app.ingest.equipment import Room
from app.ingest.layouts import REPORT, STUDY
from app.ingest.told import Told, unpack
from app.models import Equipment, Original, Report


@dataclass
class Objects:
    """A study's objects; those of one series may all say the same, and then one of them speaks for all."""

    objects: list[tuple[str, Told]] = field(default_factory=list)  # the body of each, and what it says
    bodies: dict[str, int] = field(default_factory=dict)  # the row that has what a body says

    def add(self, told: Told, body: str, report_id: int) -> None:
        """Add the object."""
        self.objects.append((body, told))
        self.bodies.setdefault(body, report_id)

    def distinct(self) -> list[Told]:
        """One object for each body: of those that say the same, the one that is believed most."""
        return list(self._best().values())

    def speaker(self, body: str) -> str:
        """The digest of the object that speaks for all with this body; empty where there is none."""
        best = self._best()
        return best[body].digest if body in best else ""

    def _best(self) -> dict[str, Told]:
        best: dict[str, Told] = {}
        for body, told in self.objects:
            if body not in best or told.rank > best[body].rank:
                best[body] = told
        return best

    def told_by(self, body: str) -> Told:
        """What an object with the body says."""
        return next(told for one, told in self.objects if one == body)

    def replace(self, digest: str, old_body: str, told: Told, body: str) -> None:
        """Let the object with the digest say this instead, and with it all that said the same as it did."""
        same: dict[str, Any] = {
            "study": told.study, "equipment": told.equipment, "parts": told.parts, "room": told.room
        }  # fmt: skip
        for place, (its_body, other) in enumerate(self.objects):
            if its_body == old_body:
                self.objects[place] = (body, told if other.digest == digest else replace(other, **same))
        self.bodies[body] = self.bodies.pop(old_body) if body not in self.bodies else self.bodies[body]

    def body_of(self, digest: str) -> str:
        """The body of the object with the digest."""
        return next(body for body, told in self.objects if told.digest == digest)


def load(connection: Connection, study_id: int) -> Objects:
    """The study's objects."""
    columns = (
        Report.id, Report.sop_instance_uid, Report.kind, Report.content_date, Report.content_time, Report.digest,
        Report.body, Report.equipment_id, Equipment.modality,
        func.json_array_length(Report.problems).label("problem_count"), Original.told,
    )  # fmt: skip
    found = (
        select(*columns)
        .outerjoin(Original, Original.report_id == Report.id)
        .outerjoin(Equipment, Equipment.id == Report.equipment_id)
        .where(Report.study_id == study_id)
    )
    rows = connection.execute(found.order_by(Original.report_id.is_(None), Report.id)).all()
    said: dict[str, dict[str, Any]] = {row.body: unpack(row.told, STUDY, REPORT) for row in rows if row.told}
    objects = Objects()
    for row in rows:
        told = Told(
            row.sop_instance_uid, row.kind, row.content_date, row.content_time, row.digest,
            said[row.body]["study"], said[row.body]["equipment"], said[row.body]["parts"], row.problem_count,
            room=Room(row.equipment_id, row.modality) if row.equipment_id else None,
        )  # fmt: skip
        objects.add(told, row.body, row.id)
    return objects


def digest_of(packed: bytes) -> str:
    """What is the same for objects that say the same."""
    return sha256(packed).hexdigest()
