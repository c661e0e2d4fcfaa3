"""What dose needs of a patient, and what can't be true of one."""

import pytest
from pydicom.dataset import Dataset

from app.dicom.header import Header
from app.dicom.values import day
from app.ingest.patient import age, keep_plausible
from app.ingest.patient import test_marks as marks_of

STUDIED = day("20240612")


def header(**attributes) -> Header:
    """The header of an object with these attributes."""
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return Header(dataset)


@pytest.mark.parametrize(
    ("written", "years"),
    [("067Y", 67), ("56Y", 56), ("006M", 0.5), ("003W", 0.057), ("001D", 0.003), ("000Y", 0), ("100Y", 100)],
)
def test_ages_are_years_whatever_they_are_told_in(written, years):
    assert age(header(PatientAge=written), STUDIED) == pytest.approx(years, abs=0.001)


@pytest.mark.parametrize(
    ("born", "years"), [("19740612", 50.0), ("20240601", 0.03), ("18230101", None), ("99991231", None)]
)
def test_without_an_age_a_date_of_birth_gives_one_unless_nobody_can_be_that_old(born, years):
    assert age(header(PatientBirthDate=born), STUDIED) == years


def test_the_age_that_is_told_goes_before_a_date_of_birth():
    assert age(header(PatientAge="063Y", PatientBirthDate="99990101"), STUDIED) == 63


def test_an_age_of_no_years_is_told_better_by_a_date_of_birth():
    assert age(header(PatientAge="000Y", PatientBirthDate="20240112"), STUDIED) == pytest.approx(0.416)
    assert age(header(PatientAge="000Y"), STUDIED) == 0


def test_without_either_the_age_is_not_known():
    assert age(header(), STUDIED) is None
    assert age(header(PatientBirthDate="19740612"), None) is None


def test_what_cannot_be_true_of_a_person_is_a_problem_and_not_stored():
    values = {"patient_size": 17.5, "patient_weight": 80.0, "patient_age": 162.0}
    problems = keep_plausible(values)
    assert values == {"patient_weight": 80.0}
    assert [(problem.path, problem.value) for problem in problems] == [
        ("Patient's Age (0010,1010)", "162 years"),
        ("Patient's Size (0010,1020)", "17.5 m"),
    ]


def test_zero_is_how_devices_say_that_they_do_not_know():
    values = {"patient_size": 0.0, "patient_weight": 0.0}
    assert keep_plausible(values) == []
    assert values == {}


PATTERNS = {"name": ("phy", "qa"), "ID": ("qa", "phantom")}


@pytest.mark.parametrize(
    ("told", "first", "marks"),
    [
        ({"PatientName": "PHYSICS^Daily QA"}, "phy", ["name: phy", "name: qa"]),
        ({"PatientID": "qa-Phantom-1"}, "qa", ["ID: qa", "ID: phantom"]),
        ({"PatientName": "Phy", "PatientID": "phantom"}, "phy", ["name: phy", "ID: phantom"]),
        ({"PatientName": "Phantom", "PatientID": "phy"}, None, None),
        ({"PatientName": "Smith^Anna", "PatientID": "123"}, None, None),
        ({}, None, None),
    ],
)
def test_all_patterns_that_the_name_or_the_id_contains_are_kept_whatever_their_case(told, first, marks):
    assert marks_of(header(**told), PATTERNS) == {"test_patient": first, "test_patterns": marks}


def test_a_pattern_is_kept_as_far_as_its_column_takes_it():
    assert len(marks_of(header(PatientName="x" * 99), {"name": ("x" * 80,)})["test_patient"]) == 64
