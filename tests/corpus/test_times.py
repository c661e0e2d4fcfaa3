"""Troubles with dates, times and ages, whoever makes them."""

from datetime import datetime

import pytest

from app.dicom.dialects import CURRENT
from app.queries.listing import listing
from app.queries.selection import Selection
from tests.corpus.made import changed, find, raw
from tests.factories import ct_report, fluoroscopy_report

START = "113809"


def header(**attributes):
    """Puts these bytes into the header."""
    return lambda dataset: [raw(dataset, keyword, value) for keyword, value in attributes.items()]


def started(imported, written: str):
    """What becomes of this start of an event."""
    root = changed(ct_report({"started_at": datetime(2026, 1, 15)}))
    find(root, "111526").value = written
    return imported(root)


def test_a_missing_study_date_is_no_date_and_a_problem(imported):
    """Never 1900: that would be a wrong statistic."""
    result = imported(ct_report(), StudyDate="")
    assert "study_date" not in result.study
    assert result.messages == ["is missing"]


@pytest.mark.parametrize("sort", ["-date", "date"])
def test_studies_without_a_date_are_in_the_list_behind_those_that_have_one(imported, sort):
    without, dated = imported(ct_report(), StudyDate=""), imported(ct_report())
    found = listing(Selection.from_args("ct", {"sort": sort, "size": "500"})).studies
    uids = [study.study_instance_uid for study in found]
    assert uids.index(without.outcome.study_instance_uid) > uids.index(dated.outcome.study_instance_uid)


def test_a_missing_study_time_is_no_time(imported):
    result = imported(ct_report(), StudyTime="")
    assert "study_time" not in result.study
    assert result.messages == []


def test_missing_times_of_events_stay_missing(imported):
    assert "started_at" not in imported(ct_report({"dlp": 7.0})).event


@pytest.mark.parametrize("zone", ["+0100", "-0330", "+1400"])
def test_the_zone_of_a_time_is_kept(imported, zone):
    told = started(imported, f"20260115103000{zone}").event["started_at"]
    assert told == f"2026-01-15 10:30:00{zone[:3]}:{zone[3:]}"


@pytest.mark.parametrize(
    "written, told",
    [
        ("20260115103059.123456", "2026-01-15 10:30:59.123456"),
        ("20260115103059.294", "2026-01-15 10:30:59.294000"),
        ("202601151030", "2026-01-15 10:30:00"),
        ("2026.01.15 10:30:59", "2026-01-15 10:30:59"),
        ("20260115103060", "2026-01-15 10:30:59"),
    ],
)
def test_fractions_old_forms_and_leap_seconds_of_times_are_read(imported, written, told):
    assert started(imported, written).event["started_at"] == told


@pytest.mark.parametrize("written", ["2026", "202601", "20261301", "20260115240000", "yesterday", "0"])
def test_a_time_that_is_cut_short_or_impossible_is_a_problem_and_not_made_up(imported, written):
    result = started(imported, written)
    assert "started_at" not in result.event
    assert [problem["value"] for problem in result.outcome.problems] == [written]


@pytest.mark.parametrize("written", [b"2014.01.05", b"20140105", b"2014-01-05"])
def test_old_forms_of_dates_are_read(imported, written):
    assert imported(ct_report(), change=header(StudyDate=written)).study["study_date"] == "2014-01-05"


@pytest.mark.parametrize(
    "written, told", [(b"12:30:00", "12:30:00"), (b"123000.5", "12:30:00.500000"), (b"12", "12:00:00")]
)
def test_old_and_short_forms_of_times_are_read(imported, written, told):
    assert imported(ct_report(), change=header(StudyTime=written)).study["study_time"] == told


@pytest.mark.parametrize("written", [b"noon", b"256000", b"240000"])
def test_a_time_of_no_clock_is_a_problem(imported, written):
    result = imported(ct_report(), change=header(StudyTime=written))
    assert "study_time" not in result.study
    assert result.messages == ["is not a time"] or result.messages == ["is not a date and time"]


@pytest.mark.parametrize(
    "written, years",
    [(b"089Y", 89), (b"56Y", 56), (b"018M", 1.5), (b"010W", 0.192), (b"001D", 0.003), (b"000Y", 0), (b"100Y", 100)],
)
def test_ages_in_years_months_weeks_and_days_are_years(imported, written, years):
    result = imported(ct_report(), change=header(PatientAge=written))
    assert result.study["patient_age"] == pytest.approx(years, abs=0.001)


@pytest.mark.parametrize("written", [b"63", b"-5Y", b"abc", b"Y"])
def test_an_age_without_its_unit_or_below_none_is_a_problem(imported, written):
    result = imported(ct_report(), change=header(PatientAge=written))
    assert "patient_age" not in result.study
    assert result.messages == ["is no age"]


def test_an_age_that_nobody_reached_is_a_problem(imported):
    result = imported(ct_report(), change=header(PatientAge=b"162Y"))
    assert "patient_age" not in result.study
    assert result.messages == ["can't be true of a person"]


@pytest.mark.parametrize("born", [b"0", b"18991230", b"19000101", b"20300101", b"00010101", b""])
def test_a_birthday_of_nobody_gives_no_age(imported, born):
    """Placeholders, and births after the study."""
    assert "patient_age" not in imported(ct_report(), change=header(PatientAge=b"", PatientBirthDate=born)).study


def test_a_birthday_gives_the_age_and_is_not_stored(imported):
    result = imported(ct_report(), change=header(PatientAge=b"", PatientBirthDate=b"19760115"))
    assert result.study["patient_age"] == 50
    assert "19760115" not in str(result.told)


@pytest.mark.parametrize("day", [b"20990101", b"18500101"])
def test_a_clock_that_is_wrong_by_ages_gives_no_date(imported, day):
    result = imported(ct_report(), change=header(StudyDate=day))
    assert "study_date" not in result.study
    assert any("it was not stored" in message for message in result.messages)


def test_an_event_that_is_to_come_has_no_time(imported):
    result = started(imported, "20990101120000")
    assert "started_at" not in result.event
    assert result.messages == ["is in the future; it was not stored"]


def test_an_irradiation_that_ends_before_it_starts_is_kept_and_told(imported):
    times = {"start_of_irradiation": datetime(2026, 1, 15, 12), "end_of_irradiation": datetime(2026, 1, 15, 11)}
    result = imported(ct_report(**times), CURRENT)
    assert result.report["end_of_irradiation"] == "2026-01-15 11:00:00"
    assert result.messages == ["is before its start"]


def test_events_that_stand_out_of_order_are_shown_in_the_order_of_time_and_keep_their_place(imported):
    """Carestream, Hologic: a later event comes first."""
    moments = [datetime(2026, 1, 15, 12, minute) for minute in (3, 1, 2)]
    result = imported(fluoroscopy_report(*({"started_at": moment} for moment in moments)))
    assert [event["number"] for event in result.events] == [2, 3, 1]
    assert [event["started_at"] for event in result.events] == [str(moment) for moment in sorted(moments)]


def test_an_event_of_another_week_than_its_study_is_kept_and_told(imported):
    result = started(imported, "20251201120000")
    assert result.event["started_at"] == "2025-12-01 12:00:00"
    assert result.messages == ["is not near the study's date, 2026-01-15"]
