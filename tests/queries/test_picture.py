"""Pictures of a study's dose: what stands for each event, where, and what is said of it."""

from datetime import datetime, timedelta

import pytest

from app.dicom.concept import Concept
from app.ingest.receive import receive
from app.queries.axis import Clock, counted, round_axis
from app.queries.picture import pictures
from app.queries.study import load
from tests.factories import ct_report, fluoroscopy_report, nuclear_report, uid
from tests.images import MAMMOGRAPHY, MG_PRESENTATION, dataset, file
from tests.queries.test_study import at, keep

PLANE_A, PLANE_B = Concept("113620", "DCM", "Plane A"), Concept("113621", "DCM", "Plane B")


def picture(*reports):
    (drawn,) = pictures(load(keep(*reports)))
    return drawn


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0, 200, [0, 50, 100, 150, 200]),
        (0, 724.5, [0, 200, 400, 600, 800]),
        (0, 0.0123, [0, 0.005, 0.01, 0.015]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (44.3, 61.2, [40, 45, 50, 55, 60, 65]),
    ],
)
def test_an_axis_names_a_few_round_values_and_holds_both_ends(low, high, values):
    axis = round_axis(low, high)
    assert axis.low <= low and axis.high >= high
    if high:
        assert [float(tick.words) for tick in axis.ticks] == pytest.approx(values)
    assert 2 <= len(axis.ticks) <= 8


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, ["10:00:00", "10:00:10", "10:00:20", "10:00:30", "10:00:40", "10:00:50", "10:01:00"]),
     (40, ["10:00", "10:10", "10:20", "10:30", "10:40"]), (6000, ["01-16", "01-17", "01-18", "01-19"])],
)  # fmt: skip
def test_an_axis_of_time_names_round_times_of_the_clock(minutes, words):
    first = datetime(2026, 1, 15, 10)
    assert [tick.words for tick in Clock(first, first + timedelta(minutes=minutes)).ticks] == words


def test_of_many_events_some_are_named():
    assert [tick.words for tick in counted(3)] == ["1", "2", "3"]
    assert [tick.words for tick in counted(30)] == ["1", "5", "10", "15", "20", "25", "30"]


@pytest.mark.usefixtures("database")
def test_bars_stand_on_the_axis_and_an_event_without_a_dose_has_none():
    events = ({"dlp": 50.0, "acquisition_protocol": "Head", "started_at": at(1)}, {"dlp": 200.0}, {"dlp": 0.0})
    drawn = picture(ct_report(*events))
    assert [round(bar.height) for bar in drawn.bars] == [250, 1000, 4]
    assert [bar.row for bar in drawn.bars] == ["ct-1", "ct-2", "ct-3"]
    assert drawn.bars[0].words == "Event 1, 10:01:00, Head: 50 mGy·cm"
    assert drawn.title == "DLP by event, mGy·cm"
    assert drawn.words == "250 mGy·cm in all. Most: Event 2: 200 mGy·cm."
    assert picture(fluoroscopy_report({"dose_rp": 0.02}, {"dose_rp": 0.01})).bars == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("report", [ct_report(), ct_report({}), nuclear_report({})])
def test_what_cannot_be_compared_is_not_drawn(report):
    assert pictures(load(keep(report))) == []


@pytest.mark.usefixtures("database")
def test_a_missing_dose_says_so():
    without = {"administered_activity": None}
    drawn = picture(nuclear_report({"started_at": at(1)}, {"started_at": at(2)} | without, {"started_at": at(3)}))
    assert drawn.bars[1].height == 0 and drawn.bars[1].words.endswith(": not in the report")


@pytest.mark.usefixtures("database")
def test_fluoroscopy_adds_up_over_the_clock_with_a_line_for_each_plane():
    events = [
        {"dose_rp": 0.01, "started_at": at(0), "acquisition_plane": PLANE_B},
        {"dose_rp": 0.03, "started_at": at(10), "acquisition_plane": PLANE_A},
        {"dose_rp": 0.01, "started_at": at(40), "acquisition_plane": PLANE_A},
    ]
    drawn = picture(fluoroscopy_report(*events))
    assert drawn.legend == ["Plane A: 40 mGy", "Plane B: 10 mGy"]
    assert [line.path for line in drawn.lines] == ["M0 1000H250.0V250.0H1000.0V0.0H1000", "M0 1000H0.0V750.0H1000"]
    assert [(strip.x, strip.width) for strip in drawn.strips] == [(0, 125), (125, 500), (625, 375)]
    assert drawn.x_title == "Time, 2026-01-15"
    assert drawn.title == "Dose (RP) added up, mGy"


@pytest.mark.usefixtures("database")
def test_without_dose_at_the_reference_point_or_times_there_is_dap_in_the_order_of_events():
    nothing = {"dose_rp": 0.0}
    events = ({"dap": 1e-4} | nothing, {"dap": 3e-4, "started_at": at(5)} | nothing)
    drawn = picture(fluoroscopy_report(*events))
    assert drawn.title == "Dose Area Product added up, cGy·cm²" and drawn.legend == []
    assert drawn.x_title == "Events in the order they happened"
    assert drawn.lines[0].path == "M0 1000H250.0V250.0H750.0V0.0H1000"


def mammogram(study_uid, minute, **header):
    described = MAMMOGRAPHY | {"AcquisitionTime": f"10{minute:02}00"} | header
    return file(dataset(MG_PRESENTATION, study_uid, **described))


@pytest.mark.usefixtures("database")
def test_mammography_is_drawn_against_thickness_with_a_shape_for_each_side():
    study_uid = uid()
    sides = (("L", 40), ("R", 60), ("R", None), ("L", 50))
    for minute, (side, thickness) in enumerate(sides):
        header = {"BodyPartThickness": thickness, "OrganDose": 0.02} if thickness else {"BodyPartThickness": ""}
        assert receive(mammogram(study_uid, minute, ImageLaterality=side, **header)).result == "imported"
    (drawn,) = pictures(load(study_uid))
    assert [point.row for point in drawn.points] == ["mg-1", "mg-2", "mg-4"]
    assert [point.shape for point in drawn.points] == [0, 1, 0]
    assert len(drawn.legend) == 2 and drawn.legend[0].startswith("Left")
    assert drawn.points[0].words.endswith("at 40 mm") and "1 of the events do" in drawn.words
