"""Bringing heights and weights to studies: who is found, what counts, what is combined, how it stops."""

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app import accounts, queue
from app.extensions import db
from app.identity import HASHED, Identity
from app.ingest.receive import receive
from app.ingest.reread import UNCHANGED, reread
from app.jobs import arrivals, control, sizes, upkeep
from app.jobs.clock import now
from app.models import Job, Report, Study
from app.models.job import SIZES
from app.sizes import identifiers, importing, place
from app.sizes.identifiers import ACCESSION, PATIENT, Identifier
from app.sizes.importing import Import
from app.sizes.plan import Plan
from app.sizes.table import Table
from app.transactions import writing
from tests.factories import ct_report, report_file, uid
from tests.processes import program
from tests.servers import wait_until

SITE = Identity(HASHED, "a secret")
pytestmark = pytest.mark.usefixtures("database")


def study(**header) -> str:
    study_uid = header.setdefault("StudyInstanceUID", uid())
    assert receive(report_file(ct_report({}), **header), identity=SITE).result == "imported"
    return study_uid


def size_of(study_uid):
    db.session.rollback()
    asked = select(Study.patient_size, Study.patient_weight).where(Study.study_instance_uid == study_uid)
    return tuple(db.session.execute(asked).one())


@pytest.fixture
def bring(tmp_path):
    """Imports these rows; gives what became of each."""

    def bring(*rows, plan, identity=SITE, import_id="one"):
        (tmp_path / "t.csv").write_text("\n".join(("ID;Date;Height;Weight", *rows)))
        work = Import(plan, identity, import_id, "2026-01-15T10:00:00+00:00")
        return [(line.number, result) for line, result, _ in work.results(Table.of(tmp_path / "t.csv"))]

    return bring


BY_ACCESSION = Plan(ACCESSION, 0, 2, 3)
BY_PATIENT = Plan(PATIENT, 0, 2, 3, date=1, days=7)


@pytest.mark.usefixtures("database_url")
def test_all_studies_with_an_accession_number_get_the_size_of_its_row(bring):
    studies = [study(AccessionNumber="A1") for _ in range(3)]
    other = study(AccessionNumber="A10")
    assert bring("A1;;1,75;70", "A9;;1,75;70", plan=BY_ACCESSION) == [(2, "added"), (3, "no such study")]
    assert {size_of(one) for one in studies} == {(1.75, 70)} and size_of(other) == (None, None)


@pytest.mark.usefixtures("database_url")
def test_a_patient_is_found_by_the_id_near_the_date(bring):
    near, far = (study(PatientID="007", StudyDate=date(2026, 1, day)) for day in (10, 30))
    other = study(PatientID="008", StudyDate=date(2026, 1, 10))
    rows = ["00-7;2026-01-15;1.75;70", "007;2026-01-28;1.75;72", "009;2026-01-15;1.6;60", "008;;1.6;60"]
    results = bring(*rows, plan=BY_PATIENT)
    assert results == [(2, "added"), (3, "added"), (4, "no such study"), (5, "rejected")]
    assert size_of(near) == (1.75, 70) and size_of(far) == (1.75, 72) and size_of(other) == (None, None)


@pytest.mark.usefixtures("database_url")
def test_the_first_of_two_rows_that_find_one_study_counts_even_when_overwriting(bring):
    one = study(PatientID="007", StudyDate=date(2026, 1, 10), PatientSize=1.5)
    plan = Plan(PATIENT, 0, 2, 3, date=1, days=7, overwrite=True)
    results = bring("007;2026-01-09;1.75;70", "007;2026-01-11;1.8;80", plan=plan)
    assert results == [(2, "added"), (3, "unchanged")]
    assert size_of(one) == (1.75, 70)


def test_accession_numbers_are_looked_up_as_studies_keep_them(bring, monkeypatch):
    one = study(AccessionNumber="hash of a1")
    hashed = Identifier(
        "Accession number", Study.accession_number, lambda identity, written: f"hash of {written.lower()}"
    )
    monkeypatch.setitem(identifiers.IDENTIFIERS, ACCESSION, hashed)
    assert bring("A1;;1.75;70", "a1;;1.75;70", plan=BY_ACCESSION) == [(2, "added"), (3, "unchanged")]
    assert size_of(one) == (1.75, 70)


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("overwrites", [False, True])
def test_what_is_shown_depends_on_objects_and_import_and_not_on_their_order(bring, overwrites):
    first, later = uid(), uid()
    plan = Plan(ACCESSION, 0, 2, 3, overwrite=overwrites)
    for one, number in ((first, "A1"), (later, "A2")):
        study(StudyInstanceUID=one, AccessionNumber=number)
    study(StudyInstanceUID=first, AccessionNumber="A1", PatientSize=1.6)
    bring("A1;;1.75;70", "A2;;1.75;70", plan=plan)
    study(StudyInstanceUID=later, AccessionNumber="A2", PatientSize=1.6)
    assert size_of(first) == size_of(later) == ((1.75, 70) if overwrites else (1.6, 70))


@pytest.mark.parametrize("overwrites", [False, True])
def test_reading_again_leaves_an_import_alone(bring, overwrites):
    one = study(AccessionNumber="A1", PatientSize=1.6)
    bring("A1;;1.75;70", plan=Plan(ACCESSION, 0, 2, 3, overwrite=overwrites))
    before = size_of(one)
    assert reread(db.session.scalar(select(Report.id))).result == UNCHANGED
    assert size_of(one) == before == ((1.75, 70) if overwrites else (1.6, 70))


@pytest.fixture
def ask(settings):
    """Asks for a table of so many rows to be imported; gives the job's id."""
    with writing():
        accounts.create("boss", "a password for tests", ["admingroup"])
    owner_id = accounts.find("boss").id

    def ask(rows):
        batch = arrivals.new_batch()
        text = "ID;Date;Height;Weight\n" + "".join(f"A{n};;1,7;{50 + n % 40}\n" for n in range(rows))
        arrivals.add(batch, owner_id, [("t.csv", lambda path: path.write_text(text))], SIZES)
        return sizes.request(batch, BY_ACCESSION, owner_id)

    return ask


def the(job_id):
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def test_a_worker_stops_within_two_seconds(ask, settings, tmp_path):
    study(AccessionNumber="A1")
    job_id = ask(2_000_000)
    with program(settings, "worker.py", "export", output=tmp_path / "worker.log"):
        wait_until(lambda: the(job_id).done, "some rows were done", 90)  # they are counted first
        begun = time.monotonic()
        control.abort(the(job_id))
        wait_until(lambda: the(job_id).finished, "it stopped", 30)
        assert time.monotonic() - begun < 2
    job = the(job_id)
    assert job.state == "aborted" and 0 < job.done < job.total == 2_000_000
    assert sum(job.query["counts"][name] for name in ("added", "no such study")) >= job.done
    assert not [path for path in (settings.media_root / "uploads").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("database_url")
def test_a_size_that_an_object_brings_meanwhile_is_not_lost(bring, monkeypatch):
    one = study(AccessionNumber="A1")
    look, looked = importing._studies, []

    def look_and_be_late(connection, plan, keys, locked):
        found = look(connection, plan, keys, locked)
        if not looked and connection.dialect.name == "postgresql":  # SQLite lets only one write
            looked.append(locked)
            meanwhile = Study.__table__.update().values(patient_size=1.6)
            with db.engine.begin() as other:
                other.execute(meanwhile)
        return found

    monkeypatch.setattr(importing, "_studies", look_and_be_late)
    assert bring("A1;;1.75;70", plan=BY_ACCESSION) == [(2, "added")]
    assert size_of(one) == ((1.6, 70) if looked else (1.75, 70))


def test_thousands_of_rows_take_few_statements(ask, run_jobs, monkeypatch):
    statements = []
    monkeypatch.setattr(importing, "_write", lambda *_: statements.append(1))
    study(AccessionNumber="A1")
    job_id = ask(5000)
    run_jobs(queue.EXPORT)
    assert (the(job_id).state, the(job_id).done, statements) == ("ready", 5000, [1])


def test_old_records_go_with_their_logs(ask, run_jobs, settings):
    job_id = ask(3)
    run_jobs(queue.EXPORT)
    folder = place.folder_of(settings.media_root, job_id)
    assert place.log_of(folder).exists()
    upkeep.tend()
    assert the(job_id).state == "ready"
    with writing():
        db.session.get_one(Job, job_id).finished_at = now() - timedelta(days=91)
    upkeep.tend()
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0 and not folder.exists()
