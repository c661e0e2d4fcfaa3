"""The dose of a fluoroscopy study by type and plane."""

import pytest

from app.dicom.concept import Concept
from app.queries.doses import irradiation_types, planes
from app.queries.objects import study_objects, study_problems
from app.queries.study import load
from tests.factories import ct_report, fluoroscopy_report
from tests.queries.test_study import keep

PLANE_A, PLANE_B = Concept("113620", "DCM", "Plane A"), Concept("113621", "DCM", "Plane B")
STATIONARY = Concept("113611", "DCM", "Stationary Acquisition")

pytestmark = pytest.mark.usefixtures("database")


def table(stored):
    found = irradiation_types(stored)
    return [heading.name for heading in found.columns], [
        (row.title, row.plane, row.events, *row.cells) for row in found.rows
    ]


def test_doses_are_added_up_by_type_and_by_plane_and_a_sum_of_some_says_so():
    events = (
        {"dap": 1e-4, "dose_rp": 0.01, "acquisition_plane": PLANE_B, "irradiation_duration": 2.5},
        {"dap": 2e-4, "dose_rp": 0.02, "acquisition_plane": PLANE_A},
        {"dap": 3e-4, "dose_rp": 0.03, "acquisition_plane": PLANE_A, "irradiation_event_type": STATIONARY},
    )
    assert table(load(keep(fluoroscopy_report(*events)))) == (
        ["dap", "dose_rp", "irradiation_duration"],
        [
            ("Fluoroscopy", "", 2, "300", "30", "2.5 (1 of 2)"),
            ("Fluoroscopy", "Plane A", 1, "200", "20", None),
            ("Fluoroscopy", "Plane B", 1, "100", "10", "2.5"),
            ("Stationary", "", 1, "300", "30", None),
            ("Stationary", "Plane A", 1, "300", "30", None),
            ("In all", "", 3, "600", "60", "2.5 (1 of 3)"),
            ("In all", "Plane A", 2, "500", "50", None),
            ("In all", "Plane B", 1, "100", "10", "2.5"),
        ],
    )


def test_a_type_that_no_event_tells_is_not_told_and_one_type_needs_no_sum():
    names, rows = table(load(keep(fluoroscopy_report({"irradiation_event_type": None}))))
    assert rows == [("not told", "", 1, "100", "5")] and names == ["dap", "dose_rp"]
    assert irradiation_types(load(keep(ct_report({})))) is None


def test_what_planes_accumulated_is_added_up_where_it_adds_up_and_all_tell_it():
    rows = [
        {"acquisition_plane": plane, "dap_total": dap, "distance_source_to_reference_point": 600.0} | more
        for plane, dap, more in ((PLANE_A, 1e-4, {}), (PLANE_B, 2e-4, {"total_fluoro_time": 5.0}))
    ]
    stored = load(keep(fluoroscopy_report({}, projection_accumulated=rows)))
    (told,) = planes(stored, study_objects(stored))
    assert told.titles == ["Plane A", "Plane B", "In all"]
    assert {heading.name: cells for heading, cells in told.rows} == {
        "dap_total": ["100", "200", "300"],
        "total_fluoro_time": [None, "5", None],
        "distance_source_to_reference_point": ["600", "600", None],
    }
    stored = load(keep(fluoroscopy_report({})))
    assert planes(stored, study_objects(stored))[0].titles == ["Plane not told"]


def test_problems_that_differ_in_the_part_that_has_them_are_one():
    events = [{"collimated_field_width": width} for width in (5.0, -2.0, -2.0, -3.0)]
    stored = load(keep(fluoroscopy_report(*events, {"collimated_field_height": -2.0})))
    width, height = study_problems(stored, study_objects(stored))
    assert width.path == "Irradiation Event X-Ray Data 2, 3, 4 › Collimated Field Width"
    assert (width.value, width.times) == ("-2 mm, -3 mm", 3)
    assert height.path == "Irradiation Event X-Ray Data 5 › Collimated Field Height"


def test_units_in_problems_are_written_as_on_the_page():
    odd = {"dlp": 1000.0, "mean_ctdivol": 1.0, "scanning_length": 10.0}
    stored = load(keep(ct_report(odd)))
    (problem,) = study_problems(stored, study_objects(stored))
    assert problem.value == "1000 mGy·cm; 1 mGy × 10 mm"
