"""The fluoroscopy workbook: similar exposures of a study as one group, and each exposure on its protocol's sheet."""

import json

import pytest
from python_calamine import CalamineWorkbook

from app.dicom.concept import Concept
from app.exports import rf, table
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.ingest.receive import receive
from app.queries.selection import Selection
from app.transactions import one_moment
from tests.exports.test_reference import COLUMNS
from tests.factories import fluoroscopy_report, report_file

CINE = Concept("113611", "DCM", "Stationary Acquisition")
COPPER = Concept("66925006", "SCT", "Copper or Copper compound")


@pytest.fixture
def workbook(database, tmp_path):
    """Exports all studies and gives the sheets by their names, each row a dictionary."""

    def export():
        with one_moment() as connection:
            studies = Selection.from_args("rf", {"sort": "date"}).ordered()
            KINDS["rf-xlsx"].write(Order(tmp_path / "book", connection, studies, 2, lambda done: None))
        book = CalamineWorkbook.from_path(tmp_path / "book")
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names if name != "Summary"}
        return {name: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] for name, rows in sheets.items()}

    return export


@pytest.fixture
def store(database):
    """Stores a study of these events."""

    def receive_report(*events, **header):
        assert receive(report_file(fluoroscopy_report(*events), **header)).result == "imported"

    return receive_report


def group(row, number):
    """The cells of a group by the rest of their headings, without the empty ones."""
    beginning = f"G{number} "
    return {
        name.removeprefix(beginning): cell for name, cell in row.items() if name.startswith(beginning) and cell != ""
    }


def test_the_columns_are_named_as_hospitals_know_them():
    if not COLUMNS.is_file():
        pytest.skip("the reference is not here")
    names = json.loads(COLUMNS.read_text())["RF_xlsx"]
    assert [*rf.STUDY.headings, *(f"G{{n}} {name}" for name in rf.GROUP.headings)] == names["All data"]
    assert [*rf.STUDY.headings, *rf.EVENT.headings] == names["(one sheet per protocol)"]


@pytest.mark.usefixtures("database_url")
def test_similar_exposures_are_one_group_with_least_most_and_mean(workbook, store):
    angles = {"positioner_primary_angle": 10.0, "positioner_secondary_angle": 0.0, "acquisition_protocol": "Coro"}
    store(
        angles | {"dap": 1e-4, "dose_rp": 0.01, "kvp": [70.0], "tube_current": [100.0, 400.0], "exposure_time": 20.0},
        angles | {"dap": 3e-4, "dose_rp": 0.04, "kvp": [80.0], "tube_current": [400.0], "exposure_time": 30.0}
        | {"positioner_primary_angle": 14.0},
        angles | {"positioner_primary_angle": 15.5},
        StudyTime="090000",
    )  # fmt: skip
    store({"irradiation_event_type": CINE, "dap": 2e-4, "average_tube_current": 12.5}, StudyTime="100000")
    first, second = workbook()["All data"]
    assert group(first, 1) == {
        "Type": "Fluoroscopy", "Protocol": "Coro", "No. exposures": 2,
        "kVp min": 70, "kVp max": 80, "kVp mean": 75, "mA min": 100, "mA max": 400, "mA mean": 300,
        "Exp time min (ms)": 20, "Exp time max (ms)": 30, "Exp time mean (ms)": 25,
        "DAP min (Gy.m^2)": 1e-4, "DAP max (Gy.m^2)": 3e-4, "DAP mean (Gy.m^2)": 2e-4,
        "Ref point dose min (Gy)": 0.01, "Ref point dose max (Gy)": 0.04, "Ref point dose mean (Gy)": 0.025,
        "Primary angle min": 10, "Primary angle max": 14, "Primary angle mean": 12,
        "Secondary angle min": 0, "Secondary angle max": 0, "Secondary angle mean": 0,
    }  # fmt: skip
    assert group(first, 2)["No. exposures"] == 1 and group(first, 3) == {}
    assert "G3 Type" not in first, "as many groups as the study with most has"
    assert group(second, 1)["Type"] == "Stationary Acquisition" and group(second, 1)["mA mean"] == 12.5
    assert group(second, 2) == {}


@pytest.mark.parametrize(
    "other",
    [
        {"acquisition_plane": Concept("113621", "DCM", "Plane B")},
        {"acquisition_protocol": "Other"},
        {"intensifier_size": 220.0},
        {"field_of_view_width": 160.0},
        {"pulse_rate": 7.5},
        {"irradiation_event_type": CINE},
        {"xray_filters": [{"material": COPPER, "thickness_minimum": 0.3, "thickness_maximum": 0.3}]},
        {"positioner_primary_angle": 0.0},
        {"positioner_secondary_angle": 0.0},
    ],
    ids=lambda one: next(iter(one)),
)
def test_exposures_that_were_made_otherwise_are_another_group(workbook, store, other):
    store({}, {}, other)
    (row,) = workbook()["All data"]
    assert sorted([group(row, 1)["No. exposures"], group(row, 2)["No. exposures"]]) == [1, 2]


def test_directions_across_the_jump_of_the_numbers_have_a_mean_between_them(workbook, store):
    store({"positioner_primary_angle": 178.0}, {"positioner_primary_angle": -179.0})
    (row,) = workbook()["All data"]
    least, most, mean = (group(row, 1)[f"Primary angle {which}"] for which in ("min", "max", "mean"))
    assert (least, most, mean) in [(178, 181, 179.5), (-182, -179, -180.5)]


def test_each_exposure_is_a_row_of_its_protocols_sheet_with_its_units(workbook, store):
    store({"acquisition_protocol": "Coro", "dap": 2e-4, "kvp": [70.0, 71.0], "irradiation_duration": 3.5}, {})
    sheets = workbook()
    (row,) = sheets["Coro"]
    assert row["DAP (cGy.cm^2)"] == 200 and row["kVp"] == "70 | 71" and row["Exposure duration (s)"] == 3.5
    assert row["A Number of events"] == 2 and row["Ref point dose (Gy)"] == 0.005
    assert len(sheets["No protocol"]) == 1


def test_rows_that_are_too_wide_to_be_held_together_are_all_there(workbook, store, monkeypatch):
    monkeypatch.setattr(table, "CELLS_AT_ONCE", 100)
    for hour in (10, 11, 12):
        store({"pulse_rate": float(hour)}, StudyTime=f"{hour}0000")
    assert [group(row, 1)["Pulse rate"] for row in workbook()["All data"]] == [10, 11, 12]
