"""The file for openSkin: what stands where."""

import csv
import json
from io import StringIO

import pytest

from app.dicom.concept import Concept
from app.exports import openskin
from app.ingest.receive import receive
from app.transactions import one_moment
from tests.exports.test_reference import COLUMNS
from tests.factories import fluoroscopy_report, report_file

COPPER = Concept("66925006", "SCT", "Copper or Copper compound")
ALUMINIUM = Concept("12503006", "SCT", "Aluminum or Aluminum compound")
UID = "2.25.77"
# Where the known names of the columns are those of our own; the others are called otherwise.
RENAMED = {
    "dose_area_product": "dap",
    "xray_tube_current": "tube_current",
    "average_xray_tube_current": "average_tube_current",
}


@pytest.fixture
def exported(database):
    """The rows of a study with these events."""

    def export(*events):
        assert receive(report_file(fluoroscopy_report(*events), StudyInstanceUID=UID)).result == "imported"
        with one_moment() as connection:
            rows = list(csv.reader(StringIO(openskin.openskin(connection, UID))))
        names = ["name", *openskin.STUDY.headings, "", *openskin.EVENT.headings]
        return [dict(zip(names, row, strict=True)) for row in rows]

    return export


def test_the_columns_stand_in_the_known_order():
    if not COLUMNS.is_file():
        pytest.skip("the reference is not here")
    known = json.loads(COLUMNS.read_text())["RF_OpenSkin_csv"]["columns_by_variable_name"]
    known = [name.removeprefix("event.").removeprefix("study.") for name in known]
    ours = ['"Anon"', *openskin.STUDY.headings, '""', *openskin.EVENT.headings]
    assert ours == [RENAMED.get(name, name) for name in known]


@pytest.mark.usefixtures("database_url")
def test_an_exposure_is_a_row_of_numbers_and_of_codes_in_words(exported):
    (row, _) = exported(
        {"acquisition_plane": Concept("113622", "DCM", "Single Plane"), "kvp": [70.0, 71.0], "exposure": [100.0, 200.0],
         "positioner_primary_angle": -12.5, "dap": 2e-6}, {},
    )  # fmt: skip
    assert row["name"] == "Anon" and row["patient_sex"] == "F" and row["study_instance_uid"] == UID
    assert row["acquisition_plane"] == "Single Plane" and row["irradiation_event_type"] == "Fluoroscopy"
    assert float(row["dap"]) == 2e-6 and row["dose_rp"] == "0.005" and row["positioner_primary_angle"] == "-12.5"
    assert row["kvp"] == "70.5" and row["exposure"] == "300", "one number for all pulses"


def test_of_the_filters_it_has_copper_alone(exported):
    aluminium = {"material": ALUMINIUM, "thickness_minimum": 1.0, "thickness_maximum": 1.0}
    copper = {"material": COPPER, "thickness_minimum": 0.2, "thickness_maximum": 0.3}
    rows = exported({"xray_filters": [aluminium, copper]}, {"xray_filters": [aluminium]})
    told = {(row["xray_filter_material"], row["xray_filter_thickness_maximum"]) for row in rows}
    assert told == {("Copper or Copper compound", "0.3"), ("", "")}
