"""Objects of nuclear medicine together: each administration once, and what contradicts itself is told."""

from datetime import date, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from app.dicom.layout import Row
from app.dicom.reader import Reading
from app.extensions import db
from app.ingest.plausibility import contradictions
from app.ingest.receive import receive
from app.ingest.same import same_administration
from app.models import Study
from tests.factories import FDG, nuclear_report

NINE = datetime(2026, 1, 15, 9)
VISIT = ("NM-RRDSR-Siemens.dcm", "NM-PetIm-Siemens.dcm", "NM-PetIm-Siemens-3.dcm", "NM-CT-RDSR-Siemens.dcm")


def given(**values) -> Row:
    """An administration."""
    (row,) = nuclear_report({"administration_event_uid": None, "agent": FDG} | values).parts["administration"]
    return row


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"administered_activity": 250.0}, {"administered_activity": 251.0}, True),
        ({"administered_activity": 250.0}, {"administered_activity": 900.0}, False),
        ({"administered_activity": None}, {}, True),  # the nuclide is the same
        ({"radionuclide": None}, {}, True),  # the activity is
        ({"radionuclide": None, "administered_activity": None}, {}, False),
        ({"started_at": NINE}, {"started_at": NINE + timedelta(minutes=8)}, True),
        ({"started_at": NINE}, {"started_at": NINE + timedelta(hours=3)}, False),  # rest and stress
    ],
)
def test_an_image_and_a_report_tell_of_one_administration_where_nothing_contradicts(one, other, same):
    assert same_administration(given(**one), given(**other)) is same


@pytest.mark.parametrize("order", list(permutations(range(len(VISIT))))[::5])
def test_a_visit_to_pet_and_ct_is_one_study_with_two_kinds_of_dose(database, dicom_folder, order):
    for place in order:
        assert receive(str(dicom_folder / VISIT[place])).result == "imported"
    study = db.session.scalars(select(Study)).one()
    (administration,) = study.administrations
    assert (study.modality, study.nuclear, study.number_of_events, study.number_of_administrations) == (
        "CT",
        True,
        2,
        1,
    )
    assert (study.dlp_total, study.administered_activity_total) == (667.72, 394.0)
    # The report is believed, and the images tell what it leaves out.
    assert (administration.started_at, administration.positron_fraction) == (datetime(2022, 2, 24, 10, 40, 30), 0.9673)


def problems(administration: dict, **values) -> list[tuple[str, str]]:
    """What contradicts itself in a report with the administration."""
    report = nuclear_report(administration, **values)
    found = contradictions(Reading(report), {"study_date": NINE.date()}, date(2026, 2, 1))
    return [(problem.path, problem.message) for problem in found]


def test_a_report_that_agrees_with_itself_has_no_problem():
    measured = {"pre_administration_measured_activity": 260.0, "post_administration_measured_activity": 10.0}
    assert problems({"started_at": NINE, "stopped_at": NINE + timedelta(seconds=20)} | measured) == []


def test_more_activity_than_was_prepared_is_told():
    ((title, message),) = problems({"pre_administration_measured_activity": 100.0})
    assert (title, message) == ("Administered activity", "is more than was measured before it was administered")


def test_a_stop_before_the_start_is_told():
    ((title, _),) = problems({"started_at": NINE, "stopped_at": NINE - timedelta(minutes=1)})
    assert title == "Radiopharmaceutical Stop DateTime"


def test_becquerels_labelled_megabecquerels_are_not_stored():
    ((title, message),) = problems({"administered_activity": 2.5e8})
    assert title.endswith("Administered activity") and "not stored" in message


def test_a_height_that_nobody_has_is_not_stored():
    ((title, _),) = problems({}, patient_characteristics=[{"height": 1750.0, "weight": 70.0}])
    assert title.endswith("Patient Height")
