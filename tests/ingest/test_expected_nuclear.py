"""Every value that a careful reader found in the real objects of nuclear medicine is in what `flask show` prints."""

import json

import pytest

from app.dicom.concept import fold
from app.dicom.values import moment
from app.ingest.receive import receive
from tests.conftest import DICOM_FOLDER

REPORT = "NM-RRDSR-Siemens.dcm"
IMAGES = sorted(path.name for path in DICOM_FOLDER.glob("NM-*Im-*.dcm"))
CODED = ("agent_code", "radionuclide")
NAMES = {
    "agent": "agent_text", "agent_code": "agent", "administered_activity_MBq": "administered_activity",
    "half_life_s": "half_life", "start_datetime": "started_at", "stop_datetime": "stopped_at", "start": "started_at",
    "stop": "stopped_at", "event_uid": "administration_event_uid", "body_part": "body_part_examined",
    "effective_dose_private_99SHS": "effective_dose",
}  # fmt: skip
# Deliberately not there as the reference has them: why.
DIFFERENT = {
    "total_dose_raw": "the activity is stored in MBq",
    "total_dose_unit_guess": "what the reference thinks of the activity's unit",
    "start_time": "part of the date and time",
    "procedure_code": "of the study, which has its meaning as the procedure",
    "radiopharmaceuticals": "compared one by one",
    "organ_doses": "counted",
}
OF_NM_IMAGES = {"image_type", "anatomic_region"}  # of one image, not of what was administered


@pytest.fixture
def shown(app, dicom_folder):
    """Imports an object and gives what `flask show --json` prints of its study."""

    def import_and_show(name):
        with app.app_context():
            uid = receive(str(dicom_folder / name)).study_instance_uid
        return json.loads(app.test_cli_runner().invoke(args=["show", uid, "--json"]).output)

    return import_and_show


def test_every_value_of_a_radiopharmaceutical_dose_report_is_shown(shown, expected):
    told, dose = shown(REPORT), expected[REPORT]["dose"]
    (administration,), (wanted,) = told["administrations"], dose["administrations"]
    check(wanted | {"agent": None, "agent_code": wanted["agent"]}, administration)
    assert len(administration["organ_doses"]["rows"]) == wanted["organ_doses"] == 22
    (characteristics,) = told["reports"][0]["patient_characteristics"]
    check(dose["patient_characteristics"] | {"height": None}, characteristics)
    assert characteristics["height"]["value"] == dose["patient_characteristics"]["height"]["value"] * 100
    assert told["reports"][0]["associated_procedure_intent"]["value"] == "Diagnostic Intent"
    assert (told["study"]["modality"]["value"], told["reports"][0]["unread"]) == ("NM", {})


@pytest.mark.parametrize("name", IMAGES)
def test_every_value_of_a_header_is_shown(shown, expected, name):
    told, dose = shown(name), expected[name]["dose"]
    (wanted,) = dose["radiopharmaceuticals"]
    (administration,) = told["administrations"]
    check(wanted, administration)
    (series,) = told["reports"][0].get("pet_series", [None])
    check({key: value for key, value in dose.items() if series or key not in OF_NM_IMAGES}, series or {})
    assert (told["study"]["modality"]["value"], told["reports"][0]["unread"]) == ("NM", {})


def check(wanted: dict, told: dict) -> None:
    """What the reference says is what is shown."""
    for key, value in wanted.items():
        if value is not None and key not in DIFFERENT:
            shown = told[NAMES.get(key, key)]
            assert same(value, shown, is_code=key in CODED or key == "sex"), f"{key}: {value} is shown as {shown}"


def same(wanted, shown: dict, *, is_code: bool) -> bool:
    """Whether a value of the reference is the shown one."""
    if isinstance(wanted, dict):
        return (shown["value"], shown["unit"]) == (wanted["value"], wanted["canonical_unit"])
    if is_code:
        concept = fold(*wanted.split(":", 2))
        return shown["code"] == f"{concept.value} {concept.scheme}"
    if isinstance(wanted, float):
        return shown["value"] == wanted
    if isinstance(shown["value"], list):
        return "\\".join(shown["value"]) == wanted
    return shown["value"] == wanted or moment(shown["value"]) == moment(wanted)


def test_the_reference_is_there_wherever_the_objects_are(dicom_folder, expected):
    assert {REPORT, *IMAGES} <= expected.keys()
    assert len(IMAGES) >= 7
