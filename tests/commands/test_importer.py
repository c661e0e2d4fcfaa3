"""`flask import` and `flask show` on the command line."""

import json

import pytest

from app.extensions import db
from app.ingest.receive import receive
from tests.factories import ct_report, report_file, uid
from tests.images import PET, dataset, file

FLASH = "CT-RDSR-Siemens_Flash-TAP-SS.dcm"


@pytest.fixture
def flask(app):
    """Runs a flask command and gives its result."""
    return lambda *args: app.test_cli_runner().invoke(args=[str(arg) for arg in args])


def test_a_report_is_imported_and_everything_stored_for_it_shown(flask, dicom_folder, expected):
    result = flask("import", dicom_folder / FLASH)
    assert result.exit_code == 0
    assert f"{FLASH}: imported. 4 events." in result.output
    shown = json.loads(flask("show", expected[FLASH]["study_uid"], "--json").output)
    assert shown["study"]["dlp_total"] == {"title": "DLP total", "value": 724.52, "unit": "mGy.cm"}
    assert len(shown["ct_events"]) == 4
    assert "DLP total: 724.52 mGy.cm" in flask("show", expected[FLASH]["study_uid"]).output


def test_objects_are_shown_with_what_became_of_them_and_those_that_say_the_same_once(app, flask):
    study_uid = uid()
    with app.app_context():
        for number in range(3):
            described = {"Modality": "PT", "SeriesInstanceUID": "2.25.5", "ContentTime": f"1011{number:02}"}
            injected = [{"RadionuclideTotalDose": 2.5e8}]
            image = dataset(PET, study_uid, RadiopharmaceuticalInformationSequence=injected, **described)
            assert receive(file(image)).result == "imported"
    reports = json.loads(flask("show", study_uid, "--json").output)["reports"]
    assert [report["object"]["value"] for report in reports] == ["PET image"] * 3
    assert all({"outcome", "received_at", "read_by", "problems", "unread", "also_in"} <= one.keys() for one in reports)
    lines = [line.strip() for line in flask("show", study_uid).output.splitlines()]
    assert lines.count("Object: PET image") == 1
    others = [report["sop_instance_uid"]["value"] for report in reports[1:]]
    assert f"The same say: {', '.join(others)}" in lines


def test_a_shown_study_has_whole_numbers_without_decimals_and_no_units_that_say_nothing(app, flask):
    study_uid = uid()
    with app.app_context():
        injected = [{"RadionuclideTotalDose": 2.5e8}]
        series = {"SeriesInstanceUID": "2.25.5", "NumberOfSlices": 476, "ImageType": ["ORIGINAL", "PRIMARY"]}
        receive(file(dataset(PET, study_uid, RadiopharmaceuticalInformationSequence=injected, Modality="PT", **series)))
    lines = [line.strip() for line in flask("show", study_uid).output.splitlines()]
    assert {"Number of slices: 476", "Administered activity: 250 MBq", "Image type: ORIGINAL, PRIMARY"} <= set(lines)
    assert "Radiopharmaceutical dose: yes" in lines
    assert "unread" not in lines  # there is nothing in it


def test_parts_that_repeat_are_shown_under_their_title(app, flask):
    study_uid = uid()
    with app.app_context():
        checked = ct_report({"dose_check_alert": [{"ctdivol_value": 1000.0}]})
        receive(report_file(checked, StudyInstanceUID=study_uid))
    lines = [line.strip() for line in flask("show", study_uid).output.splitlines()]
    place = lines.index("Dose check alert (TID 10015)")
    assert lines[place + 1 : place + 3] == ["1", "CTDIvol Alert Value: 1000 mGy"]
    assert not {"rows", "title: Dose check alert (TID 10015)"} & set(lines)


def test_one_file_is_not_called_files(flask, dicom_folder):
    assert flask("import", dicom_folder / FLASH).output.splitlines()[-1] == "1 file: 1 imported."


def test_each_file_of_a_folder_has_its_verdict_and_the_exit_code_says_whether_any_failed(flask, dicom_folder, tmp_path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "minutes.txt").write_text("These are the minutes.")
    (folder / "empty.dcm").touch()
    for name in (FLASH, "ESR_non-dose.dcm"):
        (folder / name).write_bytes((dicom_folder / name).read_bytes())
    result = flask("import", folder)
    assert result.exit_code == 1
    assert [line.split(": ")[1].split(".")[0] for line in result.output.splitlines()[:-1]] == [
        "imported", "not a dose object", "failed", "failed",
    ]  # fmt: skip
    assert result.output.splitlines()[-1] == "4 files: 1 imported, 1 not a dose object, 2 failed."
    assert len(list(folder.iterdir())) == 4


def test_the_same_report_twice_is_told_and_is_no_failure(flask, dicom_folder):
    flask("import", dicom_folder / FLASH)
    result = flask("import", dicom_folder / FLASH)
    assert result.exit_code == 0
    assert "duplicate. It is stored already; nothing was changed." in result.output


def test_programs_get_problems_and_unread_items_as_json(flask, dicom_folder):
    (outcome,) = json.loads(flask("import", "--json", dicom_folder / "RF-RDSR-Philips_Allura.dcm").output)
    assert outcome["result"] == "imported"
    assert [problem["value"] for problem in outcome["problems"]] == ["T-D400"]
    assert all(isinstance(values, list) for values in outcome["unread"].values())


def test_a_path_that_leads_nowhere_is_a_failure(flask, tmp_path):
    result = flask("import", tmp_path / "nothing.dcm")
    assert result.exit_code == 1
    assert "No such file" in result.output


def test_an_unknown_study_is_said_in_a_sentence(flask):
    result = flask("show", "1.2.3", "--json")
    assert result.exit_code == 1
    assert "No study with the UID 1.2.3 is stored." in result.output


def test_a_database_without_tables_is_said_in_a_sentence_and_no_traceback(app, flask, dicom_folder):
    with app.app_context():
        db.drop_all()
    result = flask("import", dicom_folder / FLASH)
    assert result.exit_code == 1
    assert "The database did not take it (" in result.output  # databases call it differently
