"""What can't be is not stored; what contradicts something else is; both are told."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.dicom.concept import Concept
from app.dicom.reader import Reading
from app.ingest.plausibility import contradictions
from tests.factories import FLUOROSCOPY, ct_report, fluoroscopy_report

STUDIED = date(2026, 1, 15)
RECEIVED = date(2026, 1, 20)
NOON = datetime(2026, 1, 15, 12)
MAMMOGRAPHY = Concept("71651007", "SCT", "Mammography")


def found(report, study_date=STUDIED):
    """The problems of the report, each as its title and message."""
    study = {"study_date": study_date} if study_date else {}
    return [
        (problem.path.split(" › ")[-1], problem.message) for problem in contradictions(Reading(report), study, RECEIVED)
    ]


def messages(report, **options):
    return [message for _, message in found(report, **options)]


def the_event(report):
    return next(rows[0].values for name, rows in report.parts.items() if name.endswith("_event"))


def test_a_report_that_agrees_with_itself_has_no_problem():
    event = {"mean_ctdivol": 5.0, "dlp": 152.0, "scanning_length": 310.0, "exposure_time": 4.0, "started_at": NOON}
    window = {"start_of_irradiation": NOON, "end_of_irradiation": NOON + timedelta(seconds=30)}
    assert found(ct_report(event, **window)) == []
    assert found(fluoroscopy_report({"number_of_pulses": 30.0, "pulse_rate": 7.5, "irradiation_duration": 4.0})) == []


def test_events_that_a_report_counts_and_does_not_have_are_told():
    report = ct_report({})
    report.parts["ct_accumulated"][0].values["total_number_of_irradiation_events"] = 4.0
    assert found(report) == [("Total Number of Irradiation Events", "is more than the events that are there")]


@pytest.mark.parametrize("name", ["dlp", "mean_ctdivol"])
def test_a_negative_dose_of_ct_is_not_stored(name):
    report = ct_report({name: -1.0})
    assert ("is outside of what is possible; it was not stored") in messages(report)
    assert name not in the_event(report)


@pytest.mark.parametrize(
    "name, value",
    [
        ("dap", -1e-6), ("dose_rp", -0.1), ("dap", 50.0), ("kvp", [70.0, 700.0]), ("kvp", [5.0]),
        ("tube_current", [-5.0]), ("collimated_field_area", -0.01), ("collimated_field_width", -2.0),
        ("irradiation_duration", -1.0), ("distance_source_to_detector", 11.5), ("compression_force", 980.0),
    ],
)  # fmt: skip
def test_what_cannot_be_is_not_stored(name, value):
    report = fluoroscopy_report({"dap": 1e-5} | {name: value})
    assert "is outside of what is possible; it was not stored" in messages(report)
    assert name not in the_event(report)


def test_a_pulse_of_no_voltage_is_kept_as_the_device_wrote_it():
    report = fluoroscopy_report({"kvp": [0.0, 85.0, 68.0]})
    assert found(report) == []
    assert the_event(report)["kvp"] == [0.0, 85.0, 68.0]


def test_a_distance_of_zero_is_how_devices_say_that_they_do_not_know():
    assert found(fluoroscopy_report({"distance_source_to_detector": 0.0})) == []


def test_more_dose_than_any_examination_gives_is_kept_and_told():
    report = fluoroscopy_report({"dap": 0.9})
    assert ("Dose Area Product", "is more than any examination should give") in found(report)
    assert the_event(report)["dap"] == 0.9


def test_a_voltage_that_is_none_of_mammography_is_kept_and_told():
    report = fluoroscopy_report({"kvp": [81.0]}, procedure_reported=MAMMOGRAPHY)
    assert found(report) == [("KVP", "is not a voltage of mammography")]
    assert the_event(report)["kvp"] == [81.0]


def test_an_exposure_longer_than_the_whole_irradiation_is_kept_and_told():
    window = {"start_of_irradiation": NOON, "end_of_irradiation": NOON + timedelta(seconds=116)}
    report = ct_report({"exposure_time": 11_912.0}, **window)
    assert found(report) == [("Exposure Time", "is longer than the whole irradiation, 116 s")]
    assert the_event(report)["exposure_time"] == 11_912.0


def test_an_irradiation_that_ends_before_it_starts_is_told_and_zones_are_minded():
    start = NOON.replace(tzinfo=UTC)
    assert found(ct_report(start_of_irradiation=NOON, end_of_irradiation=NOON - timedelta(minutes=1))) == [
        ("End of X-Ray Irradiation", "is before its start")
    ]
    assert found(ct_report(start_of_irradiation=start, end_of_irradiation=NOON)) == []


@pytest.mark.parametrize("dlp, problems", [(500.0, 0), (130.0, 0), (1500.0, 1), (20.0, 1)])
def test_a_dlp_that_is_not_ctdivol_times_length_is_told(dlp, problems):
    report = ct_report({"mean_ctdivol": 5.0, "scanning_length": 500.0, "dlp": dlp})
    assert len(found(report)) == problems  # 5 mGy × 50 cm are 250 mGy·cm
    assert the_event(report)["dlp"] == dlp


def test_durations_that_pulses_and_the_total_contradict_are_told_once_for_all_events():
    event = {"number_of_pulses": 7.0, "pulse_rate": 7.5, "irradiation_duration": 80.7}
    report = fluoroscopy_report(*[event | {"irradiation_event_type": FLUOROSCOPY}] * 3)
    assert found(report) == [
        ("Irradiation Duration", "is longer than its pulses take, 0.933 s"),
        ("Total Fluoro Time", "is less than the durations of the fluoroscopies together"),
    ]


def test_filters_that_are_thinnest_where_they_are_thickest_are_put_in_order_and_told():
    report = fluoroscopy_report({"xray_filters": [{"thickness_minimum": 0.9, "thickness_maximum": 0.1}]})
    assert len(found(report)) == 1
    filters = report.parts["projection_event"][0].parts["xray_filters"][0].values
    assert (filters["thickness_minimum"], filters["thickness_maximum"]) == (0.1, 0.9)


def test_a_code_that_lost_its_last_zero_is_kept_and_told():
    report = fluoroscopy_report({"target_region": Concept("T-D400", "SRT", "Abdomen")})
    assert found(report) == [("Abdomen", "is no code; perhaps T-D4000 was meant")]
    assert the_event(report)["target_region"].value == "T-D400"


def test_a_study_without_a_date_is_told():
    assert found(ct_report(), study_date=None) == [("Study Date (0008,0020)", "is missing")]


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(1895, 1, 1), date(9999, 12, 31)])
def test_a_date_that_cannot_be_is_not_stored(day):
    study = {"study_date": day}
    problems = contradictions(Reading(ct_report()), study, RECEIVED)
    assert study == {}
    assert [problem.path for problem in problems] == ["Study date", "Study Date (0008,0020)"]


def test_an_event_in_the_future_has_no_time():
    report = ct_report({"started_at": datetime(2066, 1, 1, tzinfo=UTC)})
    assert found(report) == [("Started at", "is in the future; it was not stored")]
    assert "started_at" not in the_event(report)


def test_events_of_another_week_than_the_study_are_kept_and_told():
    report = fluoroscopy_report({"started_at": NOON - timedelta(days=8)}, {"started_at": NOON})
    assert found(report) == [("DateTime Started", f"is not near the study's date, {STUDIED}")]


def test_a_problem_says_in_which_event_it_is():
    report = fluoroscopy_report({}, {"collimated_field_width": -2.0})
    (problem,) = contradictions(Reading(report), {"study_date": STUDIED}, RECEIVED)
    assert problem.path == "Irradiation Event X-Ray Data 2 › Collimated Field Width"
