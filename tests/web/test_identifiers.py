"""A site that wants less of its patients than before: what is stored is hashed or removed, by a job or a command."""

import zlib
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app import queue
from app.extensions import db
from app.ingest.receive import DUPLICATE, IMPORTED, receive
from app.ingest.reread import UNCHANGED, reread
from app.models import AuditEntry, NameKey, Original, Study
from tests.factories import ct_report, report_file, uid
from tests.web.visitor import make_user

PATIENT = {"PatientName": "Doe^Jane", "PatientID": "P-4711", "PatientBirthDate": "19500131", "AccessionNumber": "AC-17"}
ALL = {"patient_name": "stored", "patient_id": "stored", "patient_birth_date": "stored"}
HASHES = {"patient_name": "hashed", "patient_id": "hashed", "accession_number": "hashed"}
NOTHING = {"accession_number": "none"}


@pytest.fixture
def site(app, settings):
    """A site that keeps everything of two studies with two objects each; then it wants something else."""
    reports = [(ct_report({}), {"StudyInstanceUID": study, "SOPInstanceUID": uid()}) for study in 2 * [uid(), uid()]]

    def wants(**keeps):
        app.config["SETTINGS"] = replace(settings, patient_id_secret="secret", **keeps)
        return app.config["SETTINGS"].identity

    def receive_all(result):
        for report, header in reports:
            answer = receive(report_file(report, **PATIENT, **header), identity=app.config["SETTINGS"].identity)
            assert answer.result == result

    wants(**ALL)
    with app.app_context():
        receive_all(IMPORTED)
    wants.receive_all = receive_all
    return wants


def left():
    columns = Study.patient_id, Study.patient_key, Study.patient_name, Study.patient_birth_date, Study.accession_number
    studies = db.session.execute(select(*columns)).all()
    kept = [zlib.decompress(held) for pair in db.session.execute(select(Original.told, Original.kept)) for held in pair]
    return studies, set(db.session.scalars(select(NameKey.key))), b"".join(kept)


@pytest.mark.usefixtures("database_url")
def test_what_is_stored_is_hashed(app, site):
    identity = site(**HASHES)
    words = app.test_cli_runner().invoke(args=["patient-ids", "apply"]).output
    assert words.startswith("2 changed.")
    with app.app_context():
        studies, names, kept = left()
        wanted = (None, identity.key("P-4711"), None, None, identity.hashed("AC-17"))
        assert [tuple(study) for study in studies] == [wanted, wanted]
        assert names == {identity.name_key("Jane Doe")}
        assert b"AC-17" not in kept
        assert {reread(id).result for id in db.session.scalars(select(Original.report_id)).all()} == {UNCHANGED}
        db.session.rollback()
        site.receive_all(DUPLICATE)
        assert set(db.session.scalars(select(Study.accession_number))) == {identity.hashed("AC-17")}
    assert app.test_cli_runner().invoke(args=["patient-ids", "apply"]).output.startswith("0 changed.")


@pytest.mark.usefixtures("database_url")
def test_what_is_stored_is_removed_by_a_job_that_is_written_down(app, site, visitor, run_jobs):
    site(**NOTHING)
    make_user(app, "other", "view")
    person = visitor("admin")
    seen = person.get_page("/privacy")
    assert "2 studies have more of accession numbers" in "".join(seen.itertext())
    assert person.post("/privacy").status_code == 303
    run_jobs(queue.EXPORT)
    with app.app_context():
        studies, names, kept = left()
        assert [tuple(study) for study in studies] == 2 * [(None,) * 5]
        assert (names, b"AC-17" in kept) == (set(), False)
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "hash or remove identifiers")).all()
        assert [entry.outcome for entry in entries] == ["asked for", "done"]
        assert "AC-17" not in "".join(f"{entry.what}{entry.details}" for entry in entries)
    assert "Nothing more is stored" in person.get("/privacy").text


def test_of_hashes_nothing_is_hashed_again_and_all_can_be_removed(app, site):
    for keeps, changed in ((HASHES, 2), (ALL | {"accession_number": "hashed"}, 0), (NOTHING, 2)):
        site(**keeps)
        assert app.test_cli_runner().invoke(args=["patient-ids", "apply"]).output.startswith(f"{changed} changed.")
    with app.app_context():
        assert left()[:2] == (2 * [(None,) * 5], set())
        assert db.session.scalar(select(func.count(Study.id))) == 2
