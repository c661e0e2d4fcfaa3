"""The events of a study as a table: the columns that matter for the modality and that some event fills."""

from dataclasses import dataclass
from typing import Any

from app.dicom.layout import Field
from app.models import CtSource
from app.queries.lookups import Shared
from app.queries.modalities import Modality
from app.queries.quantities import brief, for_people, unit_words
from app.queries.study import Stored, event_tree
from app.queries.tiles import short
from app.queries.tree import Row

COLUMNS = {
    "CT": (
        "started_at", "acquisition_protocol", "acquisition_type", "target_region", "mean_ctdivol", "ctdiw_phantom_type",
        "dlp", "scanning_length", "kvp", "tube_current", "exposure_time_per_rotation", "pitch_factor",
        "nominal_total_collimation_width",
    ),
    "RF": (
        "started_at", "acquisition_plane", "irradiation_event_type", "acquisition_protocol", "dap", "dose_rp", "kvp",
        "average_tube_current", "pulse_rate", "number_of_pulses", "irradiation_duration", "positioner_primary_angle",
        "positioner_secondary_angle", "distance_source_to_detector",
    ),
    "MG": (
        "started_at", "acquisition_protocol", "laterality", "image_view", "average_glandular_dose",
        "compression_thickness", "compression_force", "kvp", "exposure", "anode_target_material", "half_value_layer",
    ),
    "DX": (
        "started_at", "acquisition_protocol", "target_region", "image_view", "dap", "kvp", "exposure", "exposure_time",
        "exposure_index", "target_exposure_index", "deviation_index", "distance_source_to_detector",
    ),
    "NM": (
        "started_at", "agent", "radionuclide", "administered_activity", "effective_dose", "route", "site", "half_life",
    ),
}  # fmt: skip
IN_TEXT = {"agent": "agent_text", "route": "route_text"}  # where the same is, when it is told without a code
APART = {"acquisition_plane"}  # only worth a column where events differ in it
FEW = 3  # more values in one cell are told by the lowest and the highest


@dataclass(frozen=True)
class Column:
    """A column of the table, and the field that fills it."""

    name: str
    field: Field

    @property
    def unit(self) -> str:
        """The unit as people write it."""
        return unit_words(self.field.unit)

    @property
    def is_number(self) -> bool:
        """Whether its values stand to the right."""
        return self.field.kind == "number"

    def text(self, event: Any, used: Shared) -> str | None:
        """What the event says in this column; its X-ray sources speak where it does not itself."""
        told = [getattr(row, self.name, None) for row in (event, *getattr(event, "sources", ()))]
        values = [value for one in told if one is not None for value in (one if isinstance(one, list) else [one])]
        if self.is_number:
            return _span([for_people(value, self.field.unit) or 0.0 for value in values])
        words = ", ".join(self._words(value, used) for value in values)
        return words or (getattr(event, IN_TEXT[self.name], None) if self.name in IN_TEXT else None)

    def _words(self, value: Any, used: Shared) -> str:
        if self.field.kind == "code":
            return short(used.codes[value])
        if self.field.kind == "name":
            return used.names[value]
        return f"{value:%H:%M:%S}" if self.field.kind == "moment" else str(value)  # the day is the study's


@dataclass(frozen=True)
class EventRow:
    """One event: its place among the events of the study, its cells, and all that is stored of it."""

    place: int
    cells: list[str | None]
    everything: Row


@dataclass(frozen=True)
class EventTable:
    """The events of one kind; columns that no event fills are left out."""

    kind: Modality
    columns: list[Column]
    rows: list[EventRow]


def event_tables(stored: Stored) -> list[EventTable]:
    """A table for each kind of event that the study has; nearly always one."""
    return [_table(stored, kind) for kind in stored.kinds if stored.of(kind)]


def _table(stored: Stored, kind: Modality) -> EventTable:
    columns = [_column(kind.event, name) for name in COLUMNS[kind.stored]]
    events = stored.of(kind)
    cells = {column: [column.text(event, stored.shared) for event in events.values()] for column in columns}
    told = [column for column in columns if len(set(cells[column])) > 1 or _tells(column, cells[column][0])]
    rows = [
        EventRow(place, [cells[column][index] for column in told], event_tree(event, stored.shared))
        for index, (place, event) in enumerate(events.items())
    ]
    return EventTable(kind, told, rows)


def _tells(column: Column, everywhere: str | None) -> bool:
    """Whether a column that says the same of every event says anything."""
    return everywhere is not None and column.name not in APART


def _column(kind: Any, name: str) -> Column:
    table = kind.__table__ if name in kind.__table__.columns else CtSource.__table__
    return Column(name, table.columns[name].info["field"])


def _span(values: list[float]) -> str | None:
    """The numbers, or where there are many from the lowest to the highest."""
    told = list(dict.fromkeys(values))
    if len(told) > FEW:
        return f"{brief(min(told))}–{brief(max(told))}"
    return ", ".join(brief(value) for value in told) or None
