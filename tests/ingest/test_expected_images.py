"""Every value that a careful reader found in the headers of real images is in what `flask show --json` prints."""

import re

import pytest

from app.dicom.units import factor
from tests.conftest import DICOM_FOLDER
from tests.ingest.test_expected import _same, stored  # noqa: F401 (a fixture)

IMAGES = sorted(path.name for path in DICOM_FOLDER.glob("*.dcm") if re.match("(MG|DX|PX)-Im|CT-SC", path.name))

# Where what we print is called differently from the reference.
NAMES = {
    "focal_spot": "focal_spot_size",
    "source_to_detector": "distance_source_to_detector",
    "source_to_patient": "distance_source_to_patient",
    "source_to_entrance": "distance_source_to_entrance",
    "relative_exposure": "relative_xray_exposure",
    "body_part": "body_part_examined",
    "body_part_thickness": "compression_thickness",
    "anatomic_region": "anatomical_structure",
    "organ_dose_agd": "average_glandular_dose",
    "entrance_dose_mgy": "entrance_exposure_at_rp",
    "primary_angle": "positioner_primary_angle",
    "target": "anode_target_material",
    "exposure_control_description": "exposure_control_mode_description",
    "breast_implant": "breast_implant_present",
    "view_code": "image_view",
    "image_laterality": "laterality",
    "exposure_uas": "exposure",
    "exposure_time_us": "exposure_time",
    "tube_current_ua": "tube_current",
    "grid": "xray_grid",
    "filter_min": "thickness_minimum",
    "filter_max": "thickness_maximum",
    "filter_type": "type",
    "filter_material": "material",
    "comments_on_radiation_dose": "comments_on_radiation_dose comment",
    "ctdivol": "mean_ctdivol",
    "scan_length": "scanning_length",
    "single_collimation": "nominal_single_collimation_width",
    "total_collimation": "nominal_total_collimation_width",
    "pitch": "pitch_factor",
    "dose_saving": "estimated_dose_saving",
    "dlp_private_ELSCINT1": "dlp",
    "dlp_total_private_ELSCINT1": "dlp_total",
    "total_number_of_exposures": "total_number_of_irradiation_events",
}
MATERIALS = {"MOLYBDENUM", "RHODIUM", "TUNGSTEN"}
UNITS = {"mAs": "mA.s", "uAs": "uA.s", "": "1"}
WORDS = {
    "ALUMINUM": "Aluminum", "ALUMINUM,COPPER": ["Aluminum", "Copper"], "NONE": "No grid", "STRIP": "Strip filter",
    "WEDGE": "Wedge filter", "L": "Left", "R": "Right", "B": "Bilateral", "SPIRAL": "Spiral Acquisition",
    "CONSTANT_ANGLE": "Constant Angle Acquisition",
}  # fmt: skip
EXCHANGED = "the least thickness was written as the greatest; they are swapped, and a problem says so"
# Deliberately different from the reference: the path there, and why.
DIFFERENT = {"DX-Im-Carestream_DR7500-2.dcm": {"filter_min": EXCHANGED, "filter_max": EXCHANGED}}
# Said again by a more precise attribute, which is kept: the header rounds, or has a zero.
SAID_BETTER = {
    "exposure": "exposure_uas",
    "exposure_time": "exposure_time_us",
    "entrance_dose_dGy_US": "entrance_dose_mgy",
}


@pytest.mark.parametrize("name", IMAGES)
def test_every_value_in_the_header_of_an_image_is_shown(stored, expected, name):  # noqa: F811 (the fixture)
    dose = dict(expected[name]["dose"])
    told = stored(DICOM_FOLDER / name)
    report = told["reports"][0]
    apart = [*flat(report["unread"]), *(problem["value"] for problem in report["problems"])]
    found = []
    for place, scan in enumerate(dose.pop("exposure_dose_sequence", [])):
        event = told["ct_events"][place]
        found += differences(scan, event | event["sources"][0], apart, f"scans/{place}/")
    event = (told["projection_events"] or [{}])[0]
    total = (report.get("ct_accumulated") or [{}])[0]
    found += differences(dose, report | total | event | filters(event), apart, "")
    assert {difference.split(":")[0] for difference in found} == set(DIFFERENT.get(name, {})), "\n".join(found)


def test_the_images_of_the_reference_are_compared(dicom_folder):
    assert len(IMAGES) >= 12


def flat(unread):
    return [value for values in unread.values() for value in values]


def filters(event):
    """The filters as their attributes have them: each a list."""
    rows = event.get("xray_filters", {"rows": []})["rows"]
    names = {name for row in rows for name in row}
    return {
        name: {"value": [row[name]["value"] for row in rows if name in row], "unit": "mm"}
        for name in names
    }  # fmt: skip


def differences(wanted, told, apart, path):
    """Where what the reference says is not what is shown, as sentences that begin with the path."""
    for key, value in wanted.items():
        if key == "private_NNT":
            yield from differences(value, {}, apart, f"{path}{key}/")
            continue
        if value in (None, "") or SAID_BETTER.get(key) in wanted:
            continue
        leaf = next((told[name] for name in NAMES.get(key, key).split() if name in told), None)
        if not (leaf and same(value, leaf)) and not is_told(value, apart):
            yield f"{path}{key}: {value} is shown as {leaf}"


def same(wanted, leaf) -> bool:
    shown = leaf["value"] if isinstance(leaf["value"], list) else [leaf["value"]]
    wanted = wanted.replace("\\", ", ") if isinstance(wanted, str) else wanted  # several values of one attribute
    if isinstance(wanted, dict):
        numbers = [float(one) for one in str(wanted["value"]).split(",")]
        unit = UNITS.get(wanted["unit"], wanted["unit"])
        return shown == [pytest.approx(float(factor(unit, leaf.get("unit", "1"))) * one, rel=1e-11) for one in numbers]
    if isinstance(wanted, (int, float)):
        return shown == [pytest.approx(wanted)]
    words = WORDS.get(wanted, wanted.title() if wanted in MATERIALS else wanted)
    distinct = list(dict.fromkeys(shown))
    return distinct == (words if isinstance(words, list) else [words]) or _same(wanted, leaf)


def is_told(wanted, apart) -> bool:
    """Whether the value stands among the problems or the unread items."""
    value = wanted["value"] if isinstance(wanted, dict) else wanted
    number = f"{value:g}" if isinstance(value, float) else str(value)
    return any(number in re.split(r"[ ,=]", one) or one == str(value) for one in apart)
