"""The columns of an irradiation event of projection X-ray, as spreadsheets have always had them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.dicom.units import convert
from app.exports.cells import Cell
from app.exports.columns import Lookups, Show, column, meaning, name
from app.exports.csv_file import text
from app.exports.records import Below
from app.models import ProjectionEvent, Report

SEPARATOR = " | "  # between the values of one cell
# Elements by which filters and anodes are called (CID 10006 and CID 10016, SNOMED CT).
ELEMENTS = {
    "12503006": "Al", "66925006": "Cu", "59801003": "Rh", "41967008": "Ag", "71128006": "Mo", "26194003": "W",
    "12597001": "Sn", "88488004": "Pb", "45215009": "Ta", "767776000": "Nb", "767775001": "Eu",
}  # fmt: skip
Filter = Mapping[str, Any]

ENDS = ("thickness_minimum", "thickness_maximum")

EVENTS = Below(
    ProjectionEvent,
    ProjectionEvent.study_id,
    order=(ProjectionEvent.started_at.nulls_last(), ProjectionEvent.report_id, ProjectionEvent.number),
    joins=((Report, Report.id == ProjectionEvent.report_id),),
)


def several(values: Sequence[Cell]) -> Cell:
    """One value as it is, several in one text, none as nothing."""
    if len(values) < 2:
        return values[0] if values else None
    return SEPARATOR.join(text(value) for value in values)


def listed(source: str = "", target: str = "") -> Show:
    """Shows the values of a list, in another unit where that is given."""

    def show(lookups: Lookups, values: Sequence[float] | None) -> Cell:
        return several([_in_unit(value, source, target) for value in values or ()])

    return show


def in_unit(source: str, target: str) -> Show:
    """Shows a value in the unit."""

    def show(lookups: Lookups, value: float | None) -> Cell:
        return None if value is None else _in_unit(value, source, target)

    return show


def _in_unit(value: float, source: str, target: str) -> float:
    return convert(Decimal(repr(value)), source, target) if source != target else value


def _element(code: Mapping[str, str]) -> str:
    return ELEMENTS.get(code["value"], code["meaning"])


def element(lookups: Lookups, id: int | None) -> Cell:
    """The material by its element, or by its name."""
    if id is None:
        return None
    return ELEMENTS.get(lookups.codes[id].value, lookups.codes[id].meaning)


def first_meaning(lookups: Lookups, *ids: int | None) -> Cell:
    """The meaning of the first code that is there."""
    return next((lookups.codes[id].meaning for id in ids if id is not None), None)


def filters(lookups: Lookups, told: Sequence[Filter] | None) -> Cell:
    """The materials of the filters."""
    return several([_element(one["material"]) for one in told or () if one.get("material")])


def thicknesses(lookups: Lookups, told: Sequence[Filter] | None) -> Cell:
    """The thickness of each filter in mm: the middle between the least and the most."""
    ends = [[one[end] for end in ENDS if one.get(end) is not None] for one in told or ()]
    return several([round(sum(some) / len(some), 6) for some in ends if some])


def meanings(lookups: Lookups, codes: Sequence[Mapping[str, str]] | None) -> Cell:
    """The meanings of several codes."""
    return several([code["meaning"] for code in codes or ()])


def comment(lookups: Lookups, told: str | None, kind: str | None, series: str | None) -> Cell:
    """The event's comment; images have none, and their series are called by what one would say there."""
    return told or (series if kind == "image" else None)


PROTOCOL = column("Acquisition protocol", ProjectionEvent.acquisition_protocol, show=name)
ANATOMY = column("Anatomy", ProjectionEvent.anatomical_structure, ProjectionEvent.target_region, show=first_meaning)
VIEW = column("Image view", ProjectionEvent.image_view, show=meaning)
VIEW_MODIFIER = column("View Modifier", ProjectionEvent.image_view_modifiers, show=meanings)
LATERALITY = column("Laterality", ProjectionEvent.laterality, show=meaning)
CONTROL_MODE = column("Exposure control mode", ProjectionEvent.exposure_control_mode)
FILTERS = column("Filters", ProjectionEvent.xray_filters, show=filters)
FILTER_THICKNESSES = column("Filter thicknesses (mm)", ProjectionEvent.xray_filters, show=thicknesses)
KVP = column("kVp", ProjectionEvent.kvp, show=listed())
MAS = column("mAs", ProjectionEvent.exposure, show=listed("uA.s", "mA.s"))
UAS = column("uAs", ProjectionEvent.exposure, show=listed())
CURRENT = column("mA", ProjectionEvent.tube_current, show=listed())
EXPOSURE_TIME = column("Exposure time (ms)", ProjectionEvent.exposure_time)
EXPOSURE_INDEX = column("Exposure index", ProjectionEvent.exposure_index)
TARGET_EXPOSURE_INDEX = column("Target exposure index", ProjectionEvent.target_exposure_index)
DEVIATION_INDEX = column("Deviation index", ProjectionEvent.deviation_index)
RELATIVE_EXPOSURE = column("Relative x-ray exposure", ProjectionEvent.relative_xray_exposure)
DAP = column("DAP (cGy·cm²)", ProjectionEvent.dap, show=in_unit("Gy.m2", "cGy.cm2"))
ENTRANCE_EXPOSURE = column("Entrance exposure at RP", ProjectionEvent.entrance_exposure_at_rp)
SOURCE_TO_DETECTOR = column("Source to detector distance", ProjectionEvent.distance_source_to_detector)
SOURCE_TO_ENTRANCE = column("Source to entrance surface distance", ProjectionEvent.distance_source_to_entrance)
SOURCE_TO_ISOCENTER = column("Source to isocentre distance", ProjectionEvent.distance_source_to_isocenter)
TABLE_HEIGHT = column("Table height", ProjectionEvent.table_height_position)
COMMENT = column("Comment", ProjectionEvent.comment, Report.kind, Report.series_description, show=comment)
