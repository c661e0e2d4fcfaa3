"""The mammography exports: a row for each view."""

import re
from collections.abc import Sequence

from app.exports import projection, study_columns
from app.exports.cells import Cell
from app.exports.columns import Block, Lookups, column
from app.exports.projection import EVENTS, PROTOCOL
from app.exports.records import Part
from app.models import ProjectionEvent

GLANDULAR = re.compile(r"(\d+(?:\.\d+)?) ?%")  # GE tells the share of glandular tissue in the comments on dose
SQUARE_MM = 1e-6  # m²


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
