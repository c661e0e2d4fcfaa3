"""An administrator erases a patient in the browser: what is typed is in no address, job or entry of the audit."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app import queue
from app.extensions import db
from app.ingest.receive import receive
from app.models import AuditEntry, Job, Name, Study
from tests.factories import ct_report, report_file, uid
from tests.web.checks import check_page, text_of

TYPED = "Thorax of the brother of 4711"
MEANT = {
    "StudyDescription": TYPED,
    "PatientID": "Canary-4711",
    "PatientName": "Kanarienvogel^Hansi",
    "AccessionNumber": "AC-17",
}
NAMESAKE = {"PatientID": "P-2", "PatientName": "Hansi^Kanarienvogel", "AccessionNumber": "AC-18"}
OTHER = {"PatientID": "P-3", "PatientName": "Doe^Jane", "AccessionNumber": "AC-19"}


@pytest.fixture
def person(app, settings, visitor):
    """The administrator of a site that hashes IDs and names and has studies of three patients; one object waits."""
    settings = app.config["SETTINGS"] = replace(
        settings, patient_id="hashed", patient_name="hashed", patient_id_secret="secret"
    )
    settings.spool.mkdir(parents=True)
    (settings.spool / "waits.dcm").write_bytes(report_file(ct_report({}), **MEANT).getvalue())
    with app.app_context():
        for patient in (MEANT, NAMESAKE, OTHER):
            receive(report_file(ct_report({}), StudyInstanceUID=uid(), **patient), identity=settings.identity)
    return visitor("admin")


def left(app):
    with app.app_context():
        return sorted(db.session.scalars(select(Study.accession_number)))


def found(person, **typed):
    """The form that answers what was typed, as it would be sent."""
    answer = person.post("/privacy/erase", typed)
    assert answer.status_code == 200 and "Canary" not in answer.request.url
    fields = [one for one in check_page(answer.text).iter("input") if one.get("name") not in (None, "csrf_token")]
    form = {name: [one.get("value") for one in fields if one.get("name") == name] for name in ("study", "shown")}
    return form | {name: value for name, value in typed.items()}


@pytest.mark.usefixtures("database_url")
def test_a_patient_is_erased_by_id_by_a_worker(app, person, run_jobs):
    assert "Erase a patient" in person.get("/privacy").text
    person.get_page("/privacy/erase")
    with app.app_context():
        assert db.session.scalar(select(Name).where(Name.text == TYPED))
    form = found(person, patient_id="canary 4711")
    assert len(form["study"]) == 1
    address = person.post("/privacy/erase/for-good", form).location
    with app.app_context():
        assert "anary" not in str(db.session.scalar(select(Job.query)))
    run_jobs(queue.EXPORT)
    assert "Erased: 1 study" in text_of(person.get_page(address))
    assert left(app) == ["AC-18", "AC-19"]
    assert not list(app.config["SETTINGS"].spool.glob("*.dcm"))
    with app.app_context():
        assert db.session.scalar(select(Name).where(Name.text == TYPED)) is None
        told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "erase patient")).all()
        assert [one.outcome for one in told] == ["asked for", "done", "done"]
        assert all(one.username and "anary" not in f"{one.what}{one.details}" for one in told)


def test_of_those_with_one_name_only_the_chosen_are_erased(app, person, run_jobs):
    form = found(person, name="Hansi Kanarienvogel")
    assert len(form["shown"]) == 2
    with app.app_context():
        form["study"] = db.session.scalars(select(Study.study_instance_uid).where(Study.accession_number == "AC-18"))
        form["study"] = list(form["study"])
    person.post("/privacy/erase/for-good", form)
    run_jobs(queue.EXPORT)
    assert left(app) == ["AC-17", "AC-19"]


def test_nobody_is_erased_who_was_not_named(app, person):
    assert person.post("/privacy/erase", {"issuer": "CITY"}).status_code == 422
    assert "Nothing is stored" in person.post("/privacy/erase", {"patient_id": "nobody"}).text
    assert person.post("/privacy/erase/for-good", {"shown": ["1.2"]}).status_code == 400
    assert person.post("/privacy/erase/for-good", {"study": ["1.2"]}).status_code == 400
    assert person.post("/privacy/erase/for-good", {"study": ["1.2"], "shown": ["1.2"]}).status_code == 400
    assert len(left(app)) == 3
