"""Which columns of its events a study's page asks for; everything else of an event is fetched when it is opened."""

from sqlalchemy.orm import InstrumentedAttribute, joinedload, load_only
from sqlalchemy.orm.interfaces import LoaderOption
from sqlalchemy.orm.strategy_options import _AbstractLoad

from app.models import Administration, CtEvent, CtSource, ProjectionEvent

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
KINDS: dict[type, tuple[str, ...]] = {CtEvent: ("CT",), ProjectionEvent: ("RF", "MG", "DX"), Administration: ("NM",)}
ALWAYS = {"id", "study_id", "report_id", "number", *IN_TEXT.values()}


def brief(table: type) -> list[LoaderOption]:
    """Options that load of the table's events what their rows show; asking for more is an error."""
    wanted = ALWAYS.union(*(COLUMNS[kind] for kind in KINDS[table]))
    return [load_only(*_attributes(table, wanted), raiseload=True), *_of_sources(table, wanted)]


def whole(table: type) -> list[LoaderOption]:
    """Options that load everything."""
    return [joinedload(CtEvent.sources)] if table is CtEvent else []


def _of_sources(table: type, wanted: set[str]) -> list[_AbstractLoad]:
    if table is not CtEvent:
        return []
    return [joinedload(CtEvent.sources).load_only(*_attributes(CtSource, wanted | {"ct_event_id"}), raiseload=True)]


def _attributes(table: type, wanted: set[str]) -> list[InstrumentedAttribute[object]]:
    return [getattr(table, name) for name in sorted(wanted) if hasattr(table, name)]
