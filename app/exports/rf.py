"""The fluoroscopy exports."""

from app.exports import planes, projection, study_columns
from app.exports.cells import Cell
from app.exports.columns import Block, Lookups, column, meaning
from app.exports.csv_file import text
from app.exports.groups import NUMBER, Similar, statistics
from app.exports.projection import EVENTS, EXPOSURE_TIME, KVP, PROTOCOL, in_unit, listed
from app.exports.records import Part
from app.exports.table import Repeated
from app.exports.workbook import Workbook
from app.models import ProjectionEvent


def field_size(lookups: Lookups, diameter: float | None, width: float | None, height: float | None) -> Cell:
    """The field in mm: its diameter or the side of a square as a number, otherwise width by height."""
    if diameter is not None or width is None or height in (None, width):
        return diameter if diameter is not None else width
    return f"{text(width)} x {text(height)}"


def current(lookups: Lookups, told: list[float] | None, average: float | None) -> Cell:
    """The current of each pulse, else their average."""
    return projection.several(told) if told else average


TYPE = column("Type", ProjectionEvent.irradiation_event_type, show=meaning)
PLANE = column("Plane", ProjectionEvent.acquisition_plane, show=meaning)
PULSE_RATE = column("Pulse rate", ProjectionEvent.pulse_rate)
FIELD_SIZE = column(
    "Field size",
    ProjectionEvent.intensifier_size, ProjectionEvent.field_of_view_width, ProjectionEvent.field_of_view_height,
    show=field_size,
)  # fmt: skip
FILTERS = projection.FILTERS.called("Filter material")
THICKNESS = projection.FILTER_THICKNESSES.called("Mean filter thickness (mm)")

STUDY = study_columns.for_csv(study_columns.EVENTS.called("No. events"), *planes.COLUMNS, physician=True)
EVENT = Block((
    column("Time", ProjectionEvent.started_at), TYPE, PROTOCOL.called("Protocol"), PLANE, FIELD_SIZE, FILTERS,
    THICKNESS, KVP, column("mA", ProjectionEvent.tube_current, ProjectionEvent.average_tube_current, show=current),
    column("Pulse width (ms)", ProjectionEvent.pulse_width, show=listed()), PULSE_RATE,
    column("Number of pulses", ProjectionEvent.number_of_pulses), EXPOSURE_TIME,
    column("Exposure duration (s)", ProjectionEvent.irradiation_duration),
    column("DAP (cGy.cm^2)", ProjectionEvent.dap, show=in_unit("Gy.m2", "cGy.cm2")),
    column("Ref point dose (Gy)", ProjectionEvent.dose_rp),
    column("Primary angle", ProjectionEvent.positioner_primary_angle),
    column("Secondary angle", ProjectionEvent.positioner_secondary_angle),
))  # fmt: skip
GROUP = Block((
    TYPE, PROTOCOL.called("Protocol"), column("No. exposures", NUMBER), PLANE, PULSE_RATE, FIELD_SIZE, FILTERS,
    THICKNESS, *statistics("kVp"), *statistics("mA"), *statistics("pulse width", " (ms)"),
    *statistics("Exp time", " (ms)"), *statistics("DAP", " (Gy.m^2)"), *statistics("Ref point dose", " (Gy)"),
    *statistics("Primary angle"), *statistics("Secondary angle"),
))  # fmt: skip
CSV = [Part(STUDY)]
WORKBOOK = Workbook(STUDY, EVENT, EVENTS, beside=Repeated(GROUP, Similar(), heading="G{n} {name}"))
