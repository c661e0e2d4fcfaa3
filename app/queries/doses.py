"""The dose of a fluoroscopy study by type of irradiation and plane, and what its reports accumulated by plane."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum
from typing import Any

from app.models import ProjectionAccumulated
from app.queries.modalities import Modality
from app.queries.objects import StudyObject
from app.queries.quantities import brief, for_people, unit_words, without_crumbs
from app.queries.study import Stored
from app.queries.tiles import short

SUMMED = ("dap", "dose_rp", "irradiation_duration")
# What adds up over planes; of the rest, each plane has its own.
ADDITIVE = {
    "dap_total", "dose_rp_total", "fluoro_dap_total", "fluoro_dose_rp_total", "total_fluoro_time",
    "acquisition_dap_total", "acquisition_dose_rp_total", "total_acquisition_time",
    "total_number_of_radiographic_frames",
}  # fmt: skip
ALL = "In all"


@dataclass(frozen=True)
class Heading:
    """A column of numbers."""

    name: str
    title: str
    stored_unit: str

    @property
    def unit(self) -> str:
        """The unit as people write it."""
        return unit_words(self.stored_unit)


@dataclass(frozen=True)
class TypeRow:
    """The events of one type, or of one type in one plane: how many, and what they have in each column."""

    title: str
    plane: str  # empty for all planes
    events: int
    cells: list[str | None]


@dataclass(frozen=True)
class Types:
    """The table of irradiation types."""

    columns: list[Heading]
    rows: list[TypeRow]


@dataclass(frozen=True)
class Planes:
    """What one object accumulated: a column for each plane, and one for all where there are several."""

    told_by: StudyObject
    titles: list[str]
    rows: list[tuple[Heading, list[str | None]]]


def irradiation_types(stored: Stored) -> Types | None:
    """The dose by type of irradiation and by plane; None for a study without fluoroscopy events."""
    kind = next((one for one in stored.kinds if one.stored == "RF" and stored.of(one)), None)
    if kind is None:
        return None
    events = list(stored.of(kind).values())
    columns = [_heading(kind, name) for name in SUMMED if any(getattr(event, name) is not None for event in events)]
    planes = _distinct(stored, events, "acquisition_plane")
    types = _distinct(stored, events, "irradiation_event_type")
    rows = []
    for title, some in [*types.items(), *([(ALL, events)] if len(types) > 1 or len(planes) > 1 else [])]:
        rows.append(_row(title, "", some, columns))
        apart = _distinct(stored, some, "acquisition_plane") if len(planes) > 1 else {}
        rows += [_row(title, plane, those, columns) for plane, those in apart.items()]
    return Types(columns, rows)


def _distinct(stored: Stored, events: Iterable[Any], column: str) -> dict[str, list[Any]]:
    """The events by their code in the column, those with the most events first but what is not told last."""
    found: dict[str, list[Any]] = {}
    for event in events:
        code = stored.code(event, column)
        found.setdefault(short(code) if code else "", []).append(event)
    names = sorted(found, key=lambda name: (not name, name if column == "acquisition_plane" else -len(found[name])))
    return {name or "not told": found[name] for name in names}


def _row(title: str, plane: str, events: list[Any], columns: Iterable[Heading]) -> TypeRow:
    return TypeRow(title, plane, len(events), [_sum(events, one) for one in columns])


def _sum(events: list[Any], heading: Heading) -> str | None:
    """The sum, and where not all events tell the quantity, how many do: it is no sum of all."""
    values = [value for event in events if (value := getattr(event, heading.name)) is not None]
    if not values:
        return None
    told = _told(fsum(values), heading)
    return told if len(values) == len(events) else f"{told} ({len(values)} of {len(events)})"


def _heading(table: Any, name: str) -> Heading:
    columns = table.event.__table__.columns if isinstance(table, Modality) else table.__table__.columns
    item = columns[name].info["field"]
    return Heading(name, item.title, item.unit)


def _told(value: float, heading: Heading) -> str:
    return brief(for_people(without_crumbs(value), heading.stored_unit) or 0.0)


def planes(stored: Stored, objects: Iterable[StudyObject]) -> list[Planes]:
    """The numbers that each object accumulated, by plane and in all; none for a study without such."""
    found = []
    for one in objects:
        ids = {report.id for report in one.reports}
        rows = [row for row in stored.accumulated if type(row) is ProjectionAccumulated and row.report_id in ids]
        found.append(_planes(stored, one, rows))
    return [one for one in found if one.rows]


def _planes(stored: Stored, told_by: StudyObject, rows: list[Any]) -> Planes:
    codes = [stored.code(row, "acquisition_plane") for row in rows]
    titles = [str(code) if code else "Plane not told" for code in codes]
    lines = []
    for column in ProjectionAccumulated.__table__.columns:
        item = column.info.get("field")
        values = [getattr(row, column.name) for row in rows]
        if item is None or item.kind != "number" or all(value is None for value in values):
            continue
        heading = Heading(column.name, item.title, item.unit)
        cells = [None if value is None else _told(value, heading) for value in values]
        lines.append((heading, cells + _in_all(column.name, values, heading)))
    return Planes(told_by, titles + ([ALL] if len(rows) > 1 else []), lines)


def _in_all(name: str, values: list[float | None], heading: Heading) -> list[str | None]:
    """The sum over the planes, where there are several; none where one of them does not tell."""
    if len(values) < 2:
        return []
    there = [value for value in values if value is not None]
    return [_told(fsum(there), heading) if name in ADDITIVE and len(there) == len(values) else None]
