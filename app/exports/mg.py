"""The mammography exports: a row for each view as CSV, and a workbook."""

import re
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from sqlalchemy import Connection, select

from app.exports import projection, study_columns
from app.exports.cells import Cell
from app.exports.columns import Block, Column, Computed, Lookups, among, column
from app.exports.projection import EVENTS, PROTOCOL
from app.exports.records import Part
from app.exports.workbook import Workbook
from app.models import ProjectionAccumulated, ProjectionEvent, Report, Study

GLANDULAR = re.compile(r"(\d+(?:\.\d+)?) ?%")  # GE tells the share of glandular tissue in the comments on dose
SQUARE_MM = 1e-6  # m²
BOTH_BREASTS = ("63762007", "51440002")  # SCT: both breasts, right and left


def area(lookups: Lookups, collimated: float | None, dimensions: Sequence[float] | None) -> Cell:
    """The exposed area in m²: as collimated, else that of the field of view."""
    if collimated is not None or not dimensions or len(dimensions) != 2:
        return collimated
    return round(dimensions[0] * dimensions[1] * SQUARE_MM, 9)


def times(lookups: Lookups, widths: Sequence[float] | None, whole: float | None) -> Cell:
    """The time of each pulse in ms, else that of the exposure."""
    return projection.several(widths) if widths else whole


def fibroglandular(lookups: Lookups, comment: str | None) -> Cell:
    """The share of glandular tissue in percent."""
    found = GLANDULAR.fullmatch((comment or "").strip())
    return float(found[1]) if found else None


def first(lookups: Lookups, values: Sequence[float] | None) -> Cell:
    """The value of the first pulse."""
    return values[0] if values else None


def others(lookups: Lookups, values: Sequence[float] | None) -> Cell:
    """The values of the pulses after the first."""
    return projection.several((values or ())[1:])


def mean_of_others(lookups: Lookups, values: Sequence[float] | None) -> Cell:
    """The mean of the pulses after the first."""
    rest = (values or ())[1:]
    return round(fmean(rest), 6) if rest else None


def pulses(lookups: Lookups, told: float | None, *values: Sequence[float] | None) -> Cell:
    """The number of pulses, as told or as counted."""
    return told if told is not None else max((len(one) for one in values if one), default=None)


def _both_breasts(connection: Connection, ids: Sequence[int]) -> Mapping[int, Any]:
    """The dose that a study's reports give for both breasts together; the last one has it right."""
    told = select(Report.study_id, ProjectionAccumulated.accumulated_agd).join_from(
        ProjectionAccumulated, Report, Report.id == ProjectionAccumulated.report_id
    )
    told = told.where(among(Report.study_id, ids), ProjectionAccumulated.accumulated_agd.is_not(None))
    return {
        id: one.get("average_glandular_dose")
        for id, several in connection.execute(told.order_by(ProjectionAccumulated.id))
        for one in several
        if (one.get("laterality") or {}).get("value") in BOTH_BREASTS
    }


VIEW = projection.VIEW.called("View")
THICKNESS = column("Thickness", ProjectionEvent.compression_thickness)
RADIOLOGICAL_THICKNESS = column("Radiological thickness", ProjectionEvent.patient_equivalent_thickness)
FORCE = column("Force", ProjectionEvent.compression_force)
MAGNIFICATION = column("Mag", ProjectionEvent.magnification_factor)
AREA = column("Area", ProjectionEvent.collimated_field_area, ProjectionEvent.field_of_view_dimensions, show=area)
MODE = column("Mode", ProjectionEvent.exposure_control_mode)
TARGET = column("Target", ProjectionEvent.anode_target_material, show=projection.element)
FOCAL_SPOT = column("Focal spot size", ProjectionEvent.focal_spot_size)
TIMES = column("ms", ProjectionEvent.pulse_width, ProjectionEvent.exposure_time, show=times)
ESD = column("ESD", ProjectionEvent.entrance_exposure_at_rp)
AGD = column("AGD", ProjectionEvent.average_glandular_dose)
FIBROGLANDULAR = column("% Fibroglandular tissue", ProjectionEvent.comments_on_radiation_dose, show=fibroglandular)
MODE_DESCRIPTION = column("Exposure mode description", ProjectionEvent.exposure_control_mode_description)

CSV_STUDY = study_columns.for_csv(study_columns.EVENTS.called("No. events"), size=False)
CSV_EVENT = Block((
    VIEW, projection.VIEW_MODIFIER, projection.LATERALITY, PROTOCOL.called("Acquisition"), THICKNESS,
    RADIOLOGICAL_THICKNESS, FORCE, MAGNIFICATION, AREA, MODE, TARGET, projection.FILTERS.called("Filter"),
    projection.FILTER_THICKNESSES.called("Filter thickness"), FOCAL_SPOT, projection.KVP, projection.CURRENT, TIMES,
    projection.UAS, ESD, AGD, FIBROGLANDULAR, MODE_DESCRIPTION,
))  # fmt: skip
CSV = (Part(CSV_STUDY), Part(CSV_EVENT, EVENTS))

PULSED = {
    "kVp": ProjectionEvent.kvp,
    "uAs": ProjectionEvent.exposure,
    "ms": ProjectionEvent.pulse_width,
    "mA": ProjectionEvent.tube_current,
}


def pulsed(title: str, show: Any) -> tuple[Column, ...]:
    """A column for each quantity that pulses have."""
    return tuple(column(f"{name} {title}", source, show=show) for name, source in PULSED.items())


STUDY = study_columns.for_workbook(
    column("Total AGD Left", Study.agd_left_total),
    column("Total AGD Right", Study.agd_right_total),
    column("Total AGD Both", Computed(_both_breasts)),
)
EVENT = Block((
    column("Number of pulses", ProjectionEvent.number_of_pulses, *PULSED.values(), show=pulses),
    VIEW, projection.VIEW_MODIFIER, projection.LATERALITY, PROTOCOL, TARGET, projection.FILTERS, MODE,
    MODE_DESCRIPTION, THICKNESS, RADIOLOGICAL_THICKNESS, FORCE, MAGNIFICATION, AREA, FOCAL_SPOT,
    projection.EXPOSURE_TIME.called("ms exposure time"), ESD, AGD, FIBROGLANDULAR,
    *pulsed("other pulses", others), *pulsed("mean other pulses", mean_of_others), *pulsed("first pulse", first),
    projection.FILTER_THICKNESSES,
))  # fmt: skip
WORKBOOK = Workbook(STUDY, EVENT, EVENTS)
