"""Every value that a careful reader found in the real reports is in what `flask show --json` prints."""

import json
import re

import pytest

from app.dicom.concept import fold
from app.dicom.values import moment
from app.ingest.receive import receive
from tests.conftest import DICOM_FOLDER

# NM-RRDSR has a test of its own, ESR_non-dose has no dose.
REPORTS = sorted(
    path.name
    for path in DICOM_FOLDER.glob("*.dcm")
    if re.search("RDSR|ESR", path.name) and path.name not in {"NM-RRDSR-Siemens.dcm", "ESR_non-dose.dcm"}
)

# Deliberately different from the reference: the path there, and why.
DIFFERENT = {
    ("CT-RDSR-Siemens_Flash-TAP-SS.dcm", "events/0/protocol"): "the device wrote UTF-8 under a declared Latin-1",
} | {
    ("RF-RDSR-Philips_Azurion.dcm", f"events/{event}/field_{side}"): "no field has a length less than nothing"
    for event, side in (
        (1, "width"), (3, "width"), (4, "height"), (5, "height"), (17, "width"), (18, "height"), (19, "height")
    )
}  # fmt: skip
# What the reference adds up or says of itself, and what is in the header.
APART = {"title", "kind", "number_of_events", "events_by_type", "filter_items"}

# Where what we print is called differently from the reference.
NAMES = {
    "number_of_events_declared": "total_number_of_irradiation_events",
    "source_of_dose": "source_of_dose_information",
    "uid": "irradiation_event_uid",
    "protocol": "acquisition_protocol",
    "collimation_single": "nominal_single_collimation_width",
    "collimation_total": "nominal_total_collimation_width",
    "pitch": "pitch_factor",
    "number_of_sources": "number_of_xray_sources",
    "ctdivol": "mean_ctdivol",
    "phantom": "ctdiw_phantom_type",
    "modulation": "xray_modulation_type",
    "length_reconstructable": "length_of_reconstructable_volume",
    "max_tube_current": "maximum_tube_current",
    "id": "identification",
    "start": "started_at start_of_irradiation",
    "end": "end_of_irradiation",
    "type": "acquisition_type irradiation_event_type type",
    "dap": "dap dap_total",
    "model": "model_name",
    "serial": "serial_number",
    "date": "calibration_date",
    "factor": "calibration_factor",
    "uncertainty": "calibration_uncertainty",
    "party": "responsible_party",
    "plane": "acquisition_plane",
    "anatomy": "anatomical_structure",
    "view": "image_view",
    "agd": "average_glandular_dose",
    "entrance_exposure_rp": "entrance_exposure_at_rp",
    "focal_spot": "focal_spot_size",
    "target_material": "anode_target_material",
    "grid": "xray_grid",
    "filters": "xray_filters",
    "field_area": "collimated_field_area",
    "field_height": "collimated_field_height",
    "field_width": "collimated_field_width",
    "source_to_detector": "distance_source_to_detector",
    "source_to_isocenter": "distance_source_to_isocenter",
    "source_to_reference_point": "distance_source_to_reference_point",
    "distance_source_to_rp": "distance_source_to_reference_point",
    "primary_angle": "positioner_primary_angle",
    "secondary_angle": "positioner_secondary_angle",
    "primary_end_angle": "positioner_primary_end_angle",
    "secondary_end_angle": "positioner_secondary_end_angle",
    "table_longitudinal": "table_longitudinal_position",
    "table_lateral": "table_lateral_position",
    "table_height": "table_height_position",
    "fluoro_time": "total_fluoro_time",
    "acquisition_time": "total_acquisition_time",
    "radiographic_frames": "total_number_of_radiographic_frames",
    "reference_point": "reference_point_definition",
    "exposure_time_retired_113735": "exposure_time",
    "min": "thickness_minimum",
    "max": "thickness_maximum",
    # The private summary of Siemens Arcadis Varic.
    "total_exposures": "total_number_of_radiographic_frames",
    "air_kerma": "dose_rp_total",
}


@pytest.fixture
def stored(app):
    """Imports a report and gives what `flask show --json` prints of its study."""

    def import_and_show(path):
        with app.app_context():
            uid = receive(str(path)).study_instance_uid
        return json.loads(app.test_cli_runner().invoke(args=["show", uid, "--json"]).output)

    return import_and_show


@pytest.mark.parametrize("name", REPORTS)
def test_every_value_that_a_careful_reader_finds_is_shown(stored, expected, name):
    told = stored(DICOM_FOLDER / name)
    dose = expected[name]["dose"]
    found = [
        *differences(dose, _report(told), "", skip={"events", "accumulated", "totals"}),
        *_events(dose, told),
        *_accumulated(dose, told),
    ]
    deliberate = {path for file, path in DIFFERENT if file == name}
    assert {difference.split(":")[0] for difference in found} == deliberate, "\n".join(found)


def test_the_reference_is_there_wherever_the_reports_are(dicom_folder, expected):
    assert set(REPORTS) <= set(expected)
    assert len(REPORTS) >= 20


def _report(told):
    """The report's own values, with those of its accumulation: CT reports have one."""
    report = told["reports"][0]
    observer = {key.removeprefix("device_observer_"): value for key, value in report.items()}
    return report | {"device_observer": observer} | (report.get("ct_accumulated") or [{}])[0]


def _events(dose, told):
    events = {event["irradiation_event_uid"]["value"]: event for event in told["ct_events"] + told["projection_events"]}
    for place, wanted in enumerate(dose.get("events", [])):
        yield from differences(wanted, events[wanted["uid"]], f"events/{place}")


def _accumulated(dose, told):
    rows = (told["reports"][0].get("projection_accumulated") or [{}]) if "projection_events" in told else [{}]
    for place, wanted in enumerate(dose.get("accumulated", [])):
        yield from differences(wanted, rows[place], f"accumulated/{place}")
    yield from differences(dose.get("totals", {}), told["reports"][0] | rows[0], "totals")


def differences(wanted, told, path, skip=frozenset()):
    """Where what the reference says is not what is shown, as sentences that begin with the path."""
    for key, value in wanted.items():
        if key in APART | skip or value is None:
            continue
        here = f"{path}/{key}".strip("/")
        if key in ("calibration", "accumulated_agd"):
            yield from _rows(value, told, "calibrations" if key == "calibration" else key, here)
        elif key in ("sources", "filters"):
            yield from _rows(value, told, NAMES.get(key, key), here)
        elif key == "dose_check":
            yield from _dose_check(value, told, here)
        elif key == "device_observer":
            yield from differences(value, told["device_observer"], here)
        else:
            names = NAMES.get(key, key).split()
            yield from _leaf(value, next((told[name] for name in names if name in told), None), here)


def _rows(wanted, told, name, here):
    rows = told.get(name, [])
    rows = rows["rows"] if isinstance(rows, dict) else rows
    for place, (one, row) in enumerate(zip(wanted if isinstance(wanted, list) else [wanted], rows, strict=False)):
        yield from differences(one, row, f"{here}/{place}")
    if len(rows) < (len(wanted) if isinstance(wanted, list) else 1):
        yield f"{here}: there are only {len(rows)} rows"


def _dose_check(wanted, told, here):
    shown = {
        leaf["title"]: leaf
        for name in ("dose_check_alert", "dose_check_notification")
        for row in told.get(name, {"rows": []})["rows"]
        for leaf in row.values()
    }
    for title, value in wanted.items():
        yield from _leaf(value, shown.get(title), f"{here}/{title}")


def _leaf(wanted, told, here):
    if isinstance(wanted, dict) and wanted.get("raw") in (None, ""):
        if told is not None:
            yield f"{here}: empty in the report, shown as {told}"
        return
    if told is None:
        yield f"{here}: {wanted} is not shown"
    elif not _same(wanted, told):
        yield f"{here}: {wanted} is shown as {told}"


def _same(wanted, told) -> bool:
    value = told["value"]
    if isinstance(wanted, list):
        values = value if isinstance(value, list) else [value]
        codes = told.get("code", [None] * len(values))
        return len(values) == len(wanted) and all(
            _same(one, {"value": shown, "code": code}) for one, shown, code in zip(wanted, values, codes, strict=True)
        )
    if isinstance(wanted, dict):
        numbers = value if isinstance(value, list) else [value]
        return numbers == [pytest.approx(wanted["value"], rel=1e-11)]  # the reference keeps twelve digits
    if isinstance(wanted, (int, float)):
        return value == pytest.approx(wanted)
    return _same_text(str(wanted), str(value), str(told.get("code")))


def _same_text(wanted: str, value: str, code: str) -> bool:
    if re.fullmatch(r"[^:]+:[A-Z0-9]+:.*", wanted):
        concept = fold(*wanted.split(":", 2))
        return code == f"{concept.value} {concept.scheme}"
    if re.fullmatch(r"\d{8,14}(\.\d+)?([+-]\d{4})?", wanted):
        return moment(wanted) == moment(value) if re.match(r"\d{4}-", value) else wanted == value
    return wanted.strip().lower() == value.strip().lower()
