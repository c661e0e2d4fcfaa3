"""`flask patient erase`."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app import queue
from app.extensions import db
from app.jobs.ingest import ingest
from app.models import AuditEntry, Job, Original, Refusal, Study
from tests.factories import ct_report, report_file, uid
from tests.web.test_access import a_job
from tests.web.visitor import make_user

MEANT = {"PatientID": "P-4711", "IssuerOfPatientID": "CITY", "AccessionNumber": "AC-17"}
OTHER = {"PatientID": "P-4711", "IssuerOfPatientID": "LAKE", "AccessionNumber": "AC-18"}


@pytest.fixture
def site(app, settings):
    """Two patients with one ID of two hospitals, each with a study and an object that was refused; one waits."""
    settings = app.config["SETTINGS"] = replace(settings, patient_id="hashed", patient_id_secret="secret")
    settings.spool.mkdir(parents=True)

    def spool(name, **header):
        path = settings.spool / name
        path.write_bytes(report_file(ct_report({}), StudyInstanceUID=uid(), **header).getvalue())
        return path

    def refused(name, **header):
        path = spool(name, **header)
        path.write_bytes(path.read_bytes()[:-40])  # cut short
        return path

    with app.app_context():
        for number, patient in enumerate((MEANT, OTHER)):
            for path in (spool(f"{number}.dcm", **patient), refused(f"{number}-cut.dcm", **patient)):
                queue.enqueue_ingest(settings, path)
                ingest(str(path))
    spool("waits.dcm", **MEANT)
    return settings


@pytest.fixture
def erase(app, site):
    def erase(*args):
        return app.test_cli_runner().invoke(args=["patient", "erase", *args])

    return erase


def numbers(app):
    with app.app_context():
        return tuple(db.session.scalar(select(func.count()).select_from(one)) for one in (Study, Original, Refusal))


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("whom", [("--id", "p 4711", "--issuer", "city"), ("--accession", "AC-17")])
def test_all_of_the_patient_goes_and_nothing_of_others(app, site, erase, whom):
    make_user(app, "exporter", "export")
    a_job(app, "exporter", kind="ct-csv", state="ready", result="exports/x.csv")
    assert numbers(app) == (2, 2, 2)
    dry = erase(*whom, "--dry-run").output
    assert dry.startswith("1 study, ") and "1 object that waits" in dry and "1 export" in dry
    assert numbers(app) == (2, 2, 2), "a dry run erases nothing"
    answer = erase(*whom, "--yes")
    assert answer.exit_code == 0 and "Erased." in answer.output and "Backups" in answer.output, answer.output
    assert not list(site.spool.glob("*.dcm"))
    with app.app_context():
        assert set(db.session.scalars(select(Study.accession_number))) == {"AC-18"}
        assert db.session.scalar(select(Job)) is None
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "erase patient")).all()
        assert entries and not [one for one in entries if "4711" in f"{one.what}{one.details}" or "AC-17" in one.what]
    files = [path.read_bytes() for path in site.media_root.rglob("*.dcm")]
    assert not [content for content in files if b"AC-17" in content]
    assert numbers(app)[0:2] == (1, 1)


def test_a_study_is_erased_by_its_uid(app, erase):
    with app.app_context():
        study = db.session.scalar(select(Study.study_instance_uid).where(Study.accession_number == "AC-17"))
    assert erase("--study", study, "--yes").exit_code == 0
    assert numbers(app)[0] == 1


def test_nobody_is_erased_unasked(app, erase):
    assert "Say whom" in erase("--yes").output
    assert "There is nothing to erase" in erase("--id", "nobody", "--yes").output
    assert numbers(app) == (2, 2, 2)


def test_a_site_without_ids_says_how_studies_are_found(app, erase):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], patient_id="none")
    assert "--accession or --study" in erase("--id", "P-4711", "--dry-run").output
