"""The demo's studies: always the same for the same seed, plausible, and imported like real ones."""

from datetime import date, datetime, timedelta
from io import BytesIO
from random import Random

import pytest
from pydicom import dcmread
from sqlalchemy import func, select

from app import create_app
from app.demo import ct, mammography, radiography
from app.demo.ct_protocols import PROTOCOLS
from app.demo.fluoroscopy_protocols import PROCEDURES
from app.demo.people import Person
from app.demo.rooms import CT_ROOMS, FLUOROSCOPY_ROOMS, MAMMOGRAPHY_ROOMS, RADIOGRAPHY_ROOMS
from app.demo.study import study
from app.demo.visit import Visit
from app.dicom.concept import standard_meaning
from app.dicom.objects import read_object
from app.extensions import db
from app.ingest.receive import receive
from app.models import CtEvent, ProjectionEvent, Report, Study
from tests.factories import REPORT

FRIDAY = date(2026, 1, 16)
NOON = datetime(2026, 1, 16, 12)
STUDIES = 150


def data_sets(seed, numbers, until):
    """The reports of these studies."""
    return [dcmread(BytesIO(file)) for number in numbers for file in study(seed, number, until, REPORT).files]


@pytest.fixture(scope="module")
def made():
    """The first studies of a seed as data sets."""
    return data_sets(1, range(STUDIES), FRIDAY)


@pytest.fixture(scope="module")
def readings(made):
    """What the reader finds in them."""
    return [read_object(dataset, REPORT) for dataset in made]


def test_the_same_seed_makes_the_same_bytes():
    for number in range(20):
        assert study(7, number, FRIDAY, REPORT) == study(7, number, FRIDAY, REPORT)


def test_seeds_and_numbers_make_different_studies():
    studies = [one for seed in (1, 2) for one in data_sets(seed, (0, 1), FRIDAY)]
    assert len({one.StudyInstanceUID for one in studies}) == 4


def test_another_last_day_changes_dates_only(made):
    later = data_sets(1, range(STUDIES), FRIDAY + timedelta(days=30))
    assert [one.SOPInstanceUID for one in later] == [one.SOPInstanceUID for one in made]
    assert [one.StudyDescription for one in later] == [one.StudyDescription for one in made]
    assert [one.StudyDate for one in later] != [one.StudyDate for one in made]


def test_everything_that_is_made_is_read(readings):
    assert [reading.unread for reading in readings] == [{}] * len(readings)
    assert [reading.problems for reading in readings] == [[]] * len(readings)


def test_totals_are_the_sums_of_the_events(readings):
    for parts in (reading.row.parts for reading in readings):
        for accumulated, events, total, column in (
            ("ct_accumulated", "ct_event", "dlp_total", "dlp"),
            ("projection_accumulated", "projection_event", "dap_total", "dap"),
        ):
            reported = sum(row.values.get(total, 0) for row in parts.get(accumulated, []))
            assert reported == pytest.approx(sum(row.values.get(column, 0) for row in parts.get(events, [])))


def test_a_dose_length_product_is_its_index_times_its_length(readings):
    events = [event.values for reading in readings for event in reading.row.parts.get("ct_event", [])]
    for event in events:
        if "dlp" in event:
            assert event["dlp"] == pytest.approx(event["mean_ctdivol"] * event["scanning_length"] / 10, abs=0.01)
    assert len(events) > STUDIES


def test_every_room_and_dialect_gets_its_studies(made):
    stations = {dataset.StationName for dataset in made}
    assert len(stations) > 12
    assert {dataset.SpecificCharacterSet for dataset in made} == {"ISO_IR 100", "ISO_IR 192"}


def test_studies_lie_in_three_years_of_mostly_working_days(made):
    days = [date.fromisoformat(dataset.StudyDate) for dataset in made]
    assert max(days) <= FRIDAY and min(days) > FRIDAY - timedelta(days=3 * 366)
    assert sum(day.weekday() < 5 for day in days) > 0.9 * STUDIES


def test_a_bigger_patient_gets_a_higher_dose():
    protocol = next(protocol for protocol in PROTOCOLS if protocol.name == "Abdomen routine")
    doses = []
    for weight in (50.0, 80.0, 120.0):
        person = Person("A", "1", "F", FRIDAY, 50, 1.7, weight)
        visit = Visit(CT_ROOMS[0], protocol, person, NOON, 1.0, Random(1))
        doses.append(ct.report(visit)["ct_accumulated"][0]["dlp_total"])
    assert doses == sorted(doses) and doses[2] > 2 * doses[0]


def test_every_room_has_something_to_do_and_every_protocol_a_room():
    for rooms, protocols in (
        (CT_ROOMS, PROTOCOLS),
        (FLUOROSCOPY_ROOMS, PROCEDURES),
        (MAMMOGRAPHY_ROOMS, mammography.EXAMINATIONS),
        (RADIOGRAPHY_ROOMS, radiography.EXAMINATIONS),
    ):
        assert {group for room in rooms for group in room.does.split()} == {protocol.group for protocol in protocols}


def test_every_code_that_the_demo_uses_is_in_the_standard(readings):
    codes = {value for reading in readings for value in _codes(reading.row)}
    assert not {code for code in codes if not standard_meaning(code.value, code.scheme)}


def _codes(row):
    for value in row.values.values():
        yield from [one for one in (value if isinstance(value, list) else [value]) if hasattr(one, "scheme")]
    for rows in row.parts.values():
        for child in rows:
            yield from _codes(child)


def test_a_pet_ct_is_one_study_with_two_reports(made):
    reports = [dataset for dataset in made if dataset.StationName == "PETLAKE"]
    assert len({one.StudyInstanceUID for one in reports}) == len(reports) / 2 > 1


def test_nothing_that_is_made_is_doubtful_but_for_slips_of_the_keyboard(app):
    problems = []
    with app.app_context():
        for number in range(STUDIES):
            for file in study(1, number, FRIDAY, REPORT).files:
                outcome = receive(BytesIO(file))
                assert outcome.result == "imported"
                problems += [problem["path"] for problem in outcome.problems]
        problems += [problem["path"] for told in db.session.scalars(select(Study.problems)) for problem in told]
        assert set(problems) <= {"Patient's Size (0010,1020)"}
        assert set(db.session.scalars(select(Study.modality))) == {"CT", "RF", "MG", "DX"}
        assert db.session.scalar(select(func.count()).where(Study.nuclear)) > 1


@pytest.fixture
def new_site(settings):
    """The application of a site that has no tables yet."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def demo(app, studies: int, until: date) -> str:
    """What `flask demo` says at its end."""
    result = app.test_cli_runner().invoke(args=["demo", "--studies", str(studies), "--until", str(until)])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()[-1]


def counts(app) -> list[int]:
    """How many studies, reports and events are stored."""
    with app.app_context():
        tables = (Study, Report, CtEvent, ProjectionEvent)
        return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_the_command_fills_a_new_site_and_a_second_time_adds_nothing(database_url, new_site):
    assert demo(new_site, 12, FRIDAY).startswith("12 studies: 12 imported.")
    first = counts(new_site)
    assert first[:2] == [12, 12] and all(first)
    assert demo(new_site, 12, FRIDAY + timedelta(days=1)).startswith("12 studies: 12 duplicates.")
    assert counts(new_site) == first
    assert demo(new_site, 15, FRIDAY).startswith("15 studies: 12 duplicates, 3 imported.")
