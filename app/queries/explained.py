"""What each stored quantity is, where it comes from, and why it may be missing: from what its column says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.dicom.concept import OWN
from app.dicom.layout import Field, Layout
from app.models import (
    Administration,
    CtAccumulated,
    CtEvent,
    CtSource,
    PatientCharacteristics,
    PetSeries,
    ProjectionAccumulated,
    ProjectionEvent,
    Report,
    Study,
)
from app.queries.meanings import MEANINGS
from app.queries.quantities import unit_words

TABLES: dict[str, Any] = {
    "Study": Study, "CT events": CtEvent, "X-ray sources of CT events": CtSource, "Accumulated dose, CT": CtAccumulated,
    "Events of fluoroscopy, radiography and mammography": ProjectionEvent,
    "Accumulated dose of a plane": ProjectionAccumulated, "Administrations": Administration,
    "Patient, as reports of radiopharmaceuticals tell": PatientCharacteristics, "PET series": PetSeries,
    "Objects": Report,
}  # fmt: skip
TWICE = "or where it could not be true: then the study has a problem that tells it"


@dataclass(frozen=True)
class Explanation:
    """One quantity, for people."""

    name: str
    title: str
    unit: str
    meaning: str
    source: str
    missing: str

    @property
    def hover(self) -> str:
        """All of it in a few lines."""
        unit = f"Unit: {self.unit}." if self.unit else ""
        return "\n".join(line for line in (self.title, self.meaning, unit, self.source, self.missing) if line)


@dataclass(frozen=True)
class Chapter:
    """The quantities of one table, and of the parts in its columns."""

    name: str
    title: str
    quantities: list[Explanation]


@cache
def chapters() -> list[Chapter]:
    """Everything that is stored, table by table."""
    return [Chapter(table.__tablename__, title, list(_of(table))) for title, table in TABLES.items()]


@cache
def _by_name() -> dict[tuple[str, str], Explanation]:
    return {(one.name, one.title): one for chapter in reversed(chapters()) for one in chapter.quantities}


def hover(name: str, title: str) -> str | None:
    """What people are told who point at the quantity with this column and title."""
    found = _by_name().get((name, title))
    return found.hover if found else None


def _of(table: Any) -> Iterator[Explanation]:
    for column in table.__table__.columns:
        if "part" in column.info:
            yield from _of_part(column.info["part"].layout)
        elif "field" in column.info:
            yield _explained(column.name, column.info["field"])
        elif "title" in column.info:
            yield Explanation(
                column.name, column.info["title"], unit_words(column.info["unit"]), "",
                "Worked out from what the study's objects say.", "Missing where nothing tells it.",
            )  # fmt: skip


def _of_part(layout: Layout) -> Iterator[Explanation]:
    yield from (_explained(field.name, field) for field in layout.fields)
    for part in layout.parts:
        yield from _of_part(part.layout)


def _explained(name: str, field: Field) -> Explanation:
    meaning = MEANINGS.get(field.title, "")
    return Explanation(name, field.title, unit_words(field.unit), meaning, _source(field), _missing(field))


def _source(field: Field) -> str:
    """The item of a report and the attribute of a header that fill it."""
    told = []
    if field.concept and field.concept.scheme == OWN:
        told.append("the standard has no item for it: devices tell it in items or comments of their own")
    elif field.concept:
        of = f" of TID {field.tid}" if field.tid else ""
        within = f", within {field.within.meaning}" if field.within else ""
        told.append(f"item {field.concept.value} {field.concept.scheme} “{field.concept.meaning}”{of}{within}")
    if field.tag:
        told.append(f"in images the attribute {field.tag}" if field.concept else f"the attribute {field.tag}")
    return f"From: {'; '.join(told)}." if told else ""


def _missing(field: Field) -> str:
    if not field.concept:
        return f"Missing where the header leaves it out, {TWICE}."
    if field.tag:
        return f"Missing where the report, or the header of the image, leaves it out, {TWICE}."
    return f"Missing where the report leaves it out, as devices may, {TWICE}."
