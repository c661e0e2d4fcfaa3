"""Dose by event, in the order they happened, as shares of a drawing's height."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from app.dicom.layout import Field
from app.queries.modalities import Modality
from app.queries.quantities import for_people, rounded, unit_words
from app.queries.study import Stored


@dataclass(frozen=True)
class Bar:
    """One event: where its dose begins and how much it is, in percent of the drawing; where it stands in the table."""

    place: int
    row: str  # of the table
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


def pictures(stored: Stored) -> list[Picture]:
    """A picture for each kind of dose that the study has; none where there is nothing to compare."""
    return [picture for kind in stored.kinds if (picture := _picture(stored, kind)) is not None]


def _picture(stored: Stored, kind: Modality) -> Picture | None:
    drawing, events = DRAWINGS[kind.stored], stored.of(kind)
    for column in drawing.columns:
        field = next((_field(event, column) for event in events.values() if getattr(event, column, None)), None)
        if field is not None and len(events) > 1:
            doses = {place: Decimal(repr(getattr(event, column) or 0)) for place, event in events.items()}
            return _drawn(stored, kind, field, doses, drawing.cumulative)
    return None


def _field(event: Any, column: str) -> Field:
    field: Field = event.__table__.columns[column].info["field"]
    return field


def _drawn(stored: Stored, kind: Modality, field: Field, doses: Mapping[int, Decimal], cumulative: bool) -> Picture:
    """Bars as high as the drawing for the highest dose, or for all together where they add up; doses by place."""
    heights = list(doses.values())
    bases = [Decimal(0), *accumulate(heights[:-1])] if cumulative else [Decimal(0)] * len(heights)
    top = sum(heights) if cumulative else max(heights)
    events = stored.of(kind)
    bars = [
        Bar(place, f"{kind.key}-{place}", float(100 * base / top), float(100 * dose / top),
            f"{_called(stored, events[place])}: {_amount(dose, field)}")
        for (place, dose), base in zip(doses.items(), bases, strict=True)
    ]  # fmt: skip
    end = "added up to" if cumulative else "the highest has"
    return Picture(f"{field.title} by event, {end} {_amount(Decimal(top), field)}", bars)


def _amount(dose: Decimal, field: Field) -> str:
    return f"{rounded(for_people(float(dose), field.unit) or 0.0, 2)} {unit_words(field.unit)}"


def _called(stored: Stored, event: Any) -> str:
    codes = (stored.code(event, column) for column in ("acquisition_type", "irradiation_event_type", "agent"))
    return stored.protocol(event) or next((str(code) for code in codes if code), "event")
