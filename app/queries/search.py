"""One box for an accession number, a Study Instance UID, or by right who a patient is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Select, select, union_all

from app.extensions import db
from app.models import Equipment, Name, NameKey, Study
from app.queries.modalities import Modality, by_stored
from app.queries.patients import of_patient

UID = re.compile(r"\d+(\.\d+)+")  # an accession number may be digits alone
LONGEST = 64  # characters of a UID (PS3.5 section 9); nothing that is looked for is longer
SHORTEST_BEGINNING = 3  # characters; fewer begin what everybody has
MOST_SHOWN = 100
MOST_SORTED = 1000
AFTER_ANY = "\U0010ffff"  # sorts behind every character that a text can have


@dataclass(frozen=True)
class Hit:
    """A study that was found, with what tells it from the others."""

    uid: str
    modality: Modality
    day: date | None
    clock: time | None
    room: str | None
    title: str | None
    accession_number: str | None
    issuer: str | None  # of the patient's ID, hashed


def by_uid(typed: str) -> Sequence[Hit]:
    """The study with the Study Instance UID."""
    return _hits(Study.study_instance_uid == typed) if UID.fullmatch(typed) else ()


def by_accession(typed: str, hashed: str | None = None) -> Sequence[Hit]:
    """The studies that have the accession number, as it is or hashed, else those whose number begins so.

    They are one more than a page shows, where it shows not all.
    """
    spellings = _spellings(typed)
    exact = _hits(Study.accession_number.in_((*spellings, *filter(None, (hashed,)))))
    if exact or len(typed) < SHORTEST_BEGINNING:
        return exact
    return _hits(Study.id.in_(union_all(*map(_begun, spellings))))


def by_patient(key: str) -> Sequence[Sequence[Hit]]:
    """The studies of the patients who have the ID, a sequence for each: several hospitals may have given it.

    A study that does not say which is each one's, as on the page of a patient.
    """
    hits = _hits(of_patient(key))
    issuers = sorted({hit.issuer for hit in hits if hit.issuer})
    if len(issuers) < 2:
        return [hits] if hits else []
    return [[hit for hit in hits if hit.issuer in (issuer, None)] for issuer in issuers]


def by_name(key: str) -> Sequence[Hit]:
    """The studies whose patient's name was typed."""
    return _hits(Study.id.in_(select(NameKey.study_id).where(NameKey.key == key)))


def _begun(text: str) -> Select[tuple[int]]:
    """The first of those whose number begins so: where that is a million, nobody wants to sort them by date."""
    # A range, which an index can answer; LIKE would be another thing to each database.
    begins = (Study.accession_number >= text, Study.accession_number <= text + AFTER_ANY)
    some = select(Study.id).where(*begins).order_by(Study.accession_number, Study.id).limit(MOST_SORTED).subquery()
    return select(some.c.id)


def _spellings(typed: str) -> tuple[str, ...]:
    """As it was typed, in capitals and in small letters."""
    return tuple(dict.fromkeys((typed, typed.upper(), typed.lower())))


def _hits(clause: ColumnElement[bool]) -> list[Hit]:
    columns = (
        Study.study_instance_uid, Study.modality, Study.study_date, Study.study_time, Equipment.display_name, Name.text,
        Study.accession_number, Study.patient_issuer,
    )  # fmt: skip
    found = (
        select(*columns)
        .outerjoin(Equipment, Equipment.id == Study.equipment_id)
        .outerjoin(Name, Name.id == Study.title)
        .where(clause)
        .order_by(Study.study_date.desc().nulls_last(), Study.study_time.desc().nulls_last(), Study.id.desc())
        .limit(MOST_SHOWN + 1)
    )
    rows: Iterable[Any] = db.session.execute(found)
    return [Hit(uid, by_stored(modality), *rest) for uid, modality, *rest in rows]
