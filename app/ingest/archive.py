"""The objects that a study was made from, as they were stored: what each said, and which row is its own."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, func, select

from app.ingest.equipment import Room
from app.ingest.layouts import REPORT, STUDY
from app.ingest.told import Told, unpack
from app.models import Equipment, Original, Report

SMALL = 4_000  # packed bytes
BYTEWISE = {
    "postgresql": "C",
    "sqlite": "BINARY",
    "mysql": "utf8mb4_bin",
}  # the collation that sorts text as Python does


@dataclass
class Objects:
    """A study's objects; those of one series may all say the same, and then one of them speaks for all."""

    objects: list[tuple[str, Told]] = field(default_factory=list)  # the body of each, and what it says
    bodies: dict[str, int] = field(default_factory=dict)  # the row that has what a body says
    before: dict[str, int] = field(default_factory=dict)  # by digest, the row of what is no longer said so

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

    def rows(self) -> dict[str, int]:
        """By digest the row that has what the object says, or said before it was replaced."""
        return self.before | {told.digest: self.bodies[body] for body, told in self.objects}

    def replace(self, digest: str, old_body: str, told: Told, body: str) -> None:
        """Let the object with the digest say this instead, and with it all that said the same as it did."""
        same: dict[str, Any] = {
            "study": told.study, "equipment": told.equipment, "parts": told.parts, "room": told.room
        }  # fmt: skip
        self.before = self.rows()
        for place, (its_body, other) in enumerate(self.objects):
            if its_body == old_body:
                self.objects[place] = (body, told if other.digest == digest else replace(other, **same))
        self.bodies[body] = self.bodies.pop(old_body) if body not in self.bodies else self.bodies[body]

    def body_of(self, digest: str) -> str:
        """The body of the object with the digest."""
        return next(body for body, told in self.objects if told.digest == digest)


def load(connection: Connection, study_id: int, *, everything: bool = False) -> Objects:
    """Of the study's objects those that speak for all that say the same; with `everything`, all of them."""
    columns = (
        Report.id, Report.sop_instance_uid, Report.kind, Report.content_date, Report.content_time, Report.digest,
        Report.body, Report.equipment_id, Equipment.modality,
        func.json_array_length(Report.problems).label("problem_count"),
    )  # fmt: skip
    found = select(*columns).outerjoin(Equipment, Equipment.id == Report.equipment_id).order_by(Report.id)
    if everything:
        found = found.where(Report.study_id == study_id)
    else:
        found = found.where(Report.id.in_(_speakers(connection, study_id)))
    objects, said = Objects(), _said(connection, study_id)
    objects.bodies = {body: report_id for body, (report_id, _) in said.items()}
    for row in connection.execute(found):
        _, body = said[row.body]
        told = Told(
            row.sop_instance_uid, row.kind, row.content_date, row.content_time, row.digest,
            body["study"], body["equipment"], body["parts"], row.problem_count,
            room=Room(row.equipment_id, row.modality) if row.equipment_id else None,
        )  # fmt: skip
        objects.objects.append((row.body, told))
    return objects


def _speakers(connection: Connection, study_id: int) -> Select[tuple[int]]:
    """The rows of the objects that are believed most among those that say the same, as Told.rank has it."""
    bytewise = BYTEWISE[connection.dialect.name]
    order = (
        Report.content_date.desc().nulls_last(), Report.content_time.desc().nulls_last(),
        Report.sop_instance_uid.collate(bytewise).desc(), Report.digest.collate(bytewise).desc(),
    )  # fmt: skip
    place = func.row_number().over(partition_by=Report.body, order_by=order).label("place")
    ranked = select(Report.id, place).where(Report.study_id == study_id).subquery()
    return select(ranked.c.id).where(ranked.c.place == 1)


def _said(connection: Connection, study_id: int) -> dict[str, tuple[int, dict[str, Any]]]:
    """What the objects of the study say, by body, with the row that has it."""
    holds = select(Report.body, Report.id, Original.told).join(Original, Original.report_id == Report.id)
    rows = connection.execute(holds.where(Report.study_id == study_id).order_by(Report.id.desc()))
    return {row.body: (row.id, _unpacked(row.told)) for row in rows}


def _unpacked(packed: bytes) -> dict[str, Any]:
    """What was packed. Each image of a study asks for all others again: what is small is remembered."""
    return _remembered(packed) if len(packed) <= SMALL else unpack(packed, STUDY, REPORT)


@lru_cache(maxsize=1_000)
def _remembered(packed: bytes) -> dict[str, Any]:
    return unpack(packed, STUDY, REPORT)


def digest_of(packed: bytes) -> str:
    """What is the same for objects that say the same."""
    return sha256(packed).hexdigest()
