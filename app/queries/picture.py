"""Dose by event, in the order they happened, as shares of a drawing's height."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from app.dicom.layout import Field
from app.queries.quantities import for_people, rounded, unit_words
from app.queries.study import Stored


@dataclass(frozen=True)
class Bar:
    """One event: where its dose begins and how much it is, in percent of the drawing; where it stands in the table."""

    place: int
    base: float
    height: float
    words: str


@dataclass(frozen=True)
class Picture:
    """The events' doses as bars, and what they show in words."""

    title: str
    bars: list[Bar]


@dataclass(frozen=True)
class Drawing:
    """What is drawn for a modality: the first of the columns that the events have; cumulative where each event
    begins at what the ones before it added up to."""

    columns: tuple[str, ...]
    cumulative: bool = False


DRAWINGS = {
    "CT": Drawing(("dlp",)),
    "RF": Drawing(("dose_rp", "dap"), cumulative=True),
    "MG": Drawing(("average_glandular_dose",)),
    "DX": Drawing(("dap", "dose_rp")),
    "NM": Drawing(("administered_activity",)),
}


def picture(stored: Stored) -> Picture | None:
    """The picture of the study; None where no event has a dose."""
    drawing = DRAWINGS[stored.study.modality]
    for column in drawing.columns:
        field = next((_field(event, column) for event in stored.events if getattr(event, column, None)), None)
        if field is not None:
            doses = [Decimal(repr(getattr(event, column, None) or 0)) for event in stored.events]
            return _drawn(stored, field, doses, drawing.cumulative)
    return None


def _field(event: Any, column: str) -> Field:
    field: Field = event.__table__.columns[column].info["field"]
    return field


def _drawn(stored: Stored, field: Field, doses: list[Decimal], cumulative: bool) -> Picture:
    """Bars as high as the drawing for the highest dose, or for all together where they add up."""
    bases = [Decimal(0), *accumulate(doses[:-1])] if cumulative else [Decimal(0)] * len(doses)
    top = sum(doses) if cumulative else max(doses)
    percent = [(float(100 * base / top), float(100 * dose / top)) for base, dose in zip(bases, doses, strict=True)]
    words = [
        f"{_called(stored, event)}: {_amount(dose, field)}" for event, dose in zip(stored.events, doses, strict=True)
    ]
    bars = [Bar(place, *shares, told) for place, (shares, told) in enumerate(zip(percent, words, strict=True), start=1)]
    end = "added up to" if cumulative else "the highest has"
    return Picture(f"{field.title} by event, {end} {_amount(Decimal(top), field)}", bars)


def _amount(dose: Decimal, field: Field) -> str:
    return f"{rounded(for_people(float(dose), field.unit) or 0.0, 2)} {unit_words(field.unit)}"


def _called(stored: Stored, event: Any) -> str:
    return stored.protocol(event) or str(
        stored.code(event, "acquisition_type") or stored.code(event, "irradiation_event_type") or "event"
    )
