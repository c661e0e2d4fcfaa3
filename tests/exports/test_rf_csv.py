"""The fluoroscopy CSV where no real report reaches: two planes, several reports of one study."""

import csv

import pytest

from app.dicom.concept import Concept
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.ingest.receive import receive
from app.queries.selection import Selection
from tests.factories import fluoroscopy_report, report_file, uid

SINGLE, A, B, ALL = (
    Concept(value, "DCM", meaning)
    for value, meaning in [
        ("113622", "Single Plane"), ("113620", "Plane A"), ("113621", "Plane B"), ("113890", "All Planes"),
    ]
)  # fmt: skip


@pytest.fixture
def exported(database, tmp_path):
    """Exports all fluoroscopy studies as CSV and gives the rows as dictionaries."""

    def export():
        with database.engine.connect() as connection:
            studies = Selection.from_args("rf", {"sort": "date"}).ordered()
            KINDS["rf-csv"].write(Order(tmp_path / "rf.csv", connection, studies, 1, lambda done: None))
        with (tmp_path / "rf.csv").open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file, strict=True))

    return export


@pytest.fixture
def store(database):
    """Stores a report of these events."""

    def receive_report(*events, header=None, **values):
        assert receive(report_file(fluoroscopy_report(*events, **values), **(header or {}))).result == "imported"

    return receive_report


def totals(row, plane):
    """What is filled of a plane's columns, by the rest of their headings."""
    return {name.removeprefix(f"{plane} "): cell for name, cell in row.items() if name.startswith(f"{plane} ") and cell}


@pytest.mark.usefixtures("database_url")
def test_each_plane_has_what_its_reports_accumulated_and_its_events(exported, store):
    store(
        {"acquisition_plane": A}, {"acquisition_plane": A}, {"acquisition_plane": B},
        projection_accumulated=[
            {"acquisition_plane": A, "dap_total": 2e-4, "fluoro_dap_total": 1e-4, "total_fluoro_time": 61.5},
            {"acquisition_plane": B, "dap_total": 1e-4, "acquisition_dose_rp_total": 0.0},
            {"acquisition_plane": ALL, "dap_total": 3e-4},
        ],
    )  # fmt: skip
    (row,) = exported()
    assert totals(row, "A") == {
        "DAP total (Gy.m^2)": "0.0002", "Dose RP total (Gy)": "0.01", "Fluoro DAP total (Gy.m^2)": "0.0001",
        "Fluoro duration total (s)": "61.5", "Number of events": "2",
    }  # fmt: skip
    assert totals(row, "B") == {
        "DAP total (Gy.m^2)": "0.0001", "Dose RP total (Gy)": "0.005", "Acq. dose RP total (Gy)": "0",
        "Number of events": "1",
    }  # fmt: skip


def test_one_plane_is_plane_a_and_b_stays_empty(exported, store):
    store({"acquisition_plane": SINGLE}, {})
    (row,) = exported()
    assert totals(row, "A")["Number of events"] == "2" and totals(row, "A")["Fluoro duration total (s)"] == "60"
    assert totals(row, "B") == {}


def test_reports_of_different_events_are_added(exported, store):
    study = {"StudyInstanceUID": uid()}
    store({"dap": 1e-4}, header=study | {"SOPInstanceUID": uid()})
    store({"dap": 2e-4}, header=study | {"SOPInstanceUID": uid(), "ContentTime": "120000"})
    (row,) = exported()
    assert totals(row, "A")["DAP total (Gy.m^2)"] == "0.0003"
    assert totals(row, "A")["Fluoro duration total (s)"] == "120"


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("later_first", [False, True])
def test_a_report_that_another_repeats_is_not_added(exported, store, later_first):
    """The larger report tells all; the smaller one, though later and believed more, tells nothing new."""
    study, both, first = {"StudyInstanceUID": uid()}, uid(), uid()
    large = ({"irradiation_event_uid": both}, {"irradiation_event_uid": first})
    arriving = [
        (large, study | {"SOPInstanceUID": uid(), "ContentTime": "110000"}),
        (large[:1], study | {"SOPInstanceUID": uid(), "ContentTime": "120000"}),
    ]
    for events, header in reversed(arriving) if later_first else arriving:
        store(*events, header=header)
    (row,) = exported()
    assert totals(row, "A")["Fluoro duration total (s)"] == "60"
    assert totals(row, "A")["DAP total (Gy.m^2)"] == "0.0002"


def test_of_reports_that_overlap_in_part_the_events_are_added(exported, store):
    study, both = {"StudyInstanceUID": uid()}, {"irradiation_event_uid": uid()}
    store({"dap": 1e-4}, both, header=study | {"SOPInstanceUID": uid()})
    store({"dap": 5e-4}, both, header=study | {"SOPInstanceUID": uid(), "ContentTime": "120000"})
    (row,) = exported()
    assert totals(row, "A")["DAP total (Gy.m^2)"] == "0.0007" and row["A Number of events"] == "3"
    assert row["A Fluoro duration total (s)"] == ""
