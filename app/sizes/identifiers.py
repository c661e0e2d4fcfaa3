"""What tells which study a row is about, and how studies keep it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.identity import STORED, Identity
from app.models import Study
from app.settings import Settings

ACCESSION, UID, PATIENT = "accession", "uid", "patient"
DATES = {"iso": ("%Y-%m-%d", "%Y%m%d"), "day": ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"), "month": ("%m/%d/%Y", "%m-%d-%Y")}


@dataclass(frozen=True)
class Identifier:
    """One kind of identifier."""

    title: str
    column: Any  # of a study
    key: Callable[[Identity, str], str | None]  # how studies keep what is written


IDENTIFIERS = {
    ACCESSION: Identifier("Accession number", Study.accession_number, Identity.accession_key),
    UID: Identifier("Study Instance UID", Study.study_instance_uid, lambda identity, written: written),
    PATIENT: Identifier("Patient ID and date", Study.patient_key, lambda identity, written: identity.key(written)),
}


def keeps(kind: str, settings: Settings) -> str:
    """What the site keeps of such identifiers: none, hashed, stored."""
    kept = {ACCESSION: settings.accession_number, UID: STORED, PATIENT: settings.patient_id}
    return kept[kind]


def day_of(written: str, order: str) -> date | None:
    """The date, its parts in that order; nothing where it is none. A time behind it does not matter."""
    word = written.replace("T", " ").partition(" ")[0]
    for form in (*DATES["iso"], *DATES[order]):
        try:
            return datetime.strptime(word, form).date()
        except ValueError:
            pass
    return None


def guessed_order(cells: list[str]) -> str:
    """The order of the dates' parts in which all of the cells are dates, as far as one is."""
    written = [cell for cell in cells if cell]
    return next((order for order in DATES if written and all(day_of(cell, order) for cell in written)), "iso")
