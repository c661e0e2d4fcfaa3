"""The pages of jobs, whatever their kind."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app import accounts, audit
from app.extensions import db
from app.jobs import control, upkeep
from app.jobs.clock import now
from app.models import AuditEntry, Job, UploadedFile
from app.models.job import DELETE, REREAD, RETRY, SIZES, UPLOAD
from app.operations import overdue
from app.queue import EXPORT, INGEST, enqueue, enqueue_anew, enqueue_ingest
from app.storage import StorageAway
from app.transactions import writing
from app.web.jobs import time_left
from tests.servers import free_port
from tests.web.checks import text_of
from tests.web.test_access import a_job
from tests.web.test_exports import form_of

TITLE = "Delete CT studies"


@pytest.fixture
def boss(visitor):
    return visitor("admin")


def test_where_nothing_goes_on_the_page_says_what_would_be_there(visitor):
    page = visitor("view").get_page("/jobs/")
    assert "Nothing is going on." in text_of(page)


def test_a_history_with_nothing_in_it_says_what_would_be_there(boss):
    words = text_of(boss.get_page("/jobs/"))
    assert "History Nobody has asked for anything yet." in words and "Nothing is going on" not in words


def test_a_job_is_followed_on_its_page_and_in_the_bar_until_it_is_done(app, boss):
    job_id = a_job(app, "adminer", kind=DELETE, title=TITLE, state="running", done=5, total=20)
    page = boss.get_page(f"/jobs/{job_id}")
    assert text_of(page.find(".//h1")) == TITLE and "5 of 20" in text_of(page)
    assert page.find(".//div[@class='progress']").get("hx-trigger")
    assert "1 job" in text_of(page.find(".//header"))
    with app.app_context(), writing():
        job = db.session.get_one(Job, job_id)
        job.state, job.message = "ready", "20 studies are deleted."
    page = boss.get_page(f"/jobs/{job_id}")
    assert "20 studies are deleted." in text_of(page)
    assert page.find(".//div[@class='progress']").get("hx-trigger") is None
    assert "1 job" not in text_of(page.find(".//header"))
    boss.post(form_of(page, "Dismiss"))
    assert "Nobody has asked for anything yet." in text_of(boss.get_page("/jobs/"))


def test_an_aborted_job_starts_again_in_place_of_it_with_what_was_asked(app, boss):
    job_id = a_job(app, "adminer", kind=DELETE, title=TITLE, state="running", query={"dlp__min": "5", "slice": 3})
    answer = boss.post(form_of(boss.get_page(f"/jobs/{job_id}"), "Abort"))
    assert answer.location == f"/jobs/{job_id}"
    with app.app_context(), writing():
        db.session.get_one(Job, job_id).state = "aborted"  # as its worker would
    answer = boss.post(form_of(boss.get_page(f"/jobs/{job_id}"), "Start again"))
    with app.app_context():
        (job,) = db.session.scalars(db.select(Job))
        assert (answer.location, job.state, job.query) == (f"/jobs/{job.id}", "waiting", {"dlp__min": "5"})


def test_who_is_no_administrator_any_more_can_stop_a_deletion_but_not_start_it_again(app, visitor):
    person = visitor("view")
    job_id = a_job(app, "viewer", kind=DELETE, title=TITLE, state="aborted")
    assert person.post(f"/jobs/{job_id}/again").status_code == 403
    assert person.post(f"/jobs/{job_id}/abort").status_code == 303


def test_who_is_no_administrator_any_more_does_not_see_the_names_of_files(app, visitor):
    batch = str(uuid4())
    for name, role, seen in (("viewer", "view", False), ("adminer", "admin", True)):
        person = visitor(role, name)
        job_id = a_job(app, name, kind=UPLOAD, title="Upload of 1 file", query={"batch": batch}, state="ready")
        with app.app_context(), writing():
            row = UploadedFile(batch=batch, owner_id=accounts.find(name).id, name="Murphy^Anna.dcm", size=1)
            row.result, row.uploaded_at = "imported", now()
            db.session.add(row)
        assert ("Murphy" in person.get(f"/jobs/{job_id}").text) is seen


def test_jobs_from_the_command_line_are_there_for_administrators(app, boss, visitor):
    a_job(app, "adminer", kind=REREAD, title="Read again", owner=None)
    assert "on the command line" in text_of(boss.get_page("/jobs/"))
    assert "Read again" not in text_of(visitor("view").get_page("/jobs/"))


@pytest.mark.parametrize(
    ("seconds", "done", "words"),
    [(6, 3412, "about 12 s left"), (600, 1000, "about 90 min left"), (60, 9999, "almost done"), (5, 0, "")],
)
def test_the_time_left_is_told_at_the_pace_it_has_had(seconds, done, words):
    job = Job(done=done, total=10000, started_at=now() - timedelta(seconds=seconds))
    assert time_left(job) == words


def test_administrators_see_who_works_on_what_and_everybodys_jobs(app, settings, boss, visitor):
    visitor("export", "anna")
    a_job(app, "anna", title="CT studies of anna", trace="at line 7")
    enqueue(settings, INGEST, "tests.example_jobs.write", "x")
    page = text_of(boss.get_page("/jobs/"))
    assert "Reading objects 1 since just now 0 0" in page and "No worker runs" in page
    assert "CT studies of anna" in page and "by anna" in page and "Where it failed at line 7" in page


def test_where_a_job_failed_is_for_administrators_only(app, boss, visitor):
    person = visitor("view")
    job_id = a_job(app, "viewer", kind=DELETE, title=TITLE, trace="at line 7")
    for path in ("/jobs/", f"/jobs/{job_id}"):
        assert "at line 7" in text_of(boss.get_page(path))
        assert "at line 7" not in text_of(person.get_page(path)) and "Workers" not in text_of(person.get_page(path))


def test_jobs_are_listed_by_state_and_by_pages(app, boss):
    for number in range(30):
        a_job(app, "adminer", title=f"Number {number}", state="ready" if number else "failed")
    page = boss.get_page("/jobs/")
    assert "all 30 failed 1 ready 29" in text_of(page) and "Page 1 of 2" in text_of(page)
    assert len([one for one in boss.get_page("/jobs/?page=2").iter("section") if one.get("class") == "job"]) == 5
    assert "Number 0" in text_of(boss.get_page("/jobs/?state=failed"))
    assert "Number 7" not in text_of(boss.get_page("/jobs/?state=failed"))
    assert "There is none here." in text_of(boss.get_page("/jobs/?state=waiting"))
    for wrong in ("state=lost", "page=0", "page=x", "colour=red"):
        assert boss.get(f"/jobs/?{wrong}").status_code == 400


@pytest.mark.parametrize(
    ("path", "kind", "query"),
    [
        ("/exports/", "ct-csv", {}),
        ("/jobs/", REREAD, {}),
        ("/quarantine/", RETRY, {}),
        ("/sizes/", SIZES, {"plan": {"overwrite": False}}),
    ],
)
def test_wherever_a_job_is_listed_only_that_of_somebody_else_asks_before_it_is_aborted(
    app, boss, visitor, path, kind, query
):
    visitor("export", "anna")
    under_way = {"kind": kind, "state": "running", "query": query, "message": None, "finished_at": None}
    own = a_job(app, "adminer", **under_way)
    assert form_of(boss.get_page(path), "Abort") == f"/jobs/{own}/abort"
    with app.app_context(), writing():
        db.session.get_one(Job, own).owner = accounts.find("anna")
    page = boss.get_page(path)
    assert "Abort this job of anna?" in text_of(page) and form_of(page, "Yes, abort") == f"/jobs/{own}/abort"


def test_to_abort_the_job_of_somebody_else_is_asked_once(app, boss, visitor):
    visitor("export", "anna")
    job_id = a_job(app, "anna", kind=DELETE, state="running", message=None, finished_at=None)
    page = boss.get_page(f"/jobs/{job_id}")
    assert "Abort this job of anna?" in text_of(page)
    boss.post(form_of(page, "Yes, abort"))
    with app.app_context():
        assert db.session.get_one(Job, job_id).state == "aborting"
        (entry,) = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == audit.STOP_JOB))
        assert entry.username == "adminer"


def test_objects_whose_reading_broke_off_are_told_and_read_again(app, settings, boss, run_jobs, monkeypatch):
    settings.spool.mkdir(parents=True)
    file = settings.spool / "one.dcm"
    file.write_bytes(b"no DICOM")
    with monkeypatch.context() as broken:
        broken.setattr("app.jobs.reading.receive", lambda *_, **__: Path("/nowhere/at/all").read_bytes())
        enqueue_ingest(settings, file)
        run_jobs(INGEST)
    page = boss.get_page("/jobs/")
    assert "1 object whose reading broke off" in text_of(page) and "one.dcm" in text_of(page)
    boss.post(form_of(page, "Read it again now"))
    run_jobs(INGEST)
    assert not file.exists()
    assert "broke off" not in text_of(boss.get_page("/jobs/"))
    with app.app_context():
        assert db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == audit.RETRY_OBJECTS)).one()


def test_what_could_not_be_put_in_order_is_told_with_the_reason(app, settings, boss, run_jobs, monkeypatch):
    def fail():
        raise StorageAway("the folder is not there")

    assert "Not put in order" not in text_of(boss.get_page("/jobs/"))
    monkeypatch.setitem(upkeep.WORK, "exports", fail)
    enqueue_anew(settings, EXPORT, upkeep.TEND, "exports", job_id=overdue.job_id("exports"))
    run_jobs(EXPORT)
    page = text_of(boss.get_page("/jobs/"))
    assert "Old exports, just now: app.storage.kept.StorageAway: the folder is not there" in page
    assert "raise StorageAway" in page


def test_a_queue_that_is_away_is_said_on_the_page_of_jobs(app, boss):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], redis_url=f"redis://127.0.0.1:{free_port()}")
    page = text_of(boss.get_page("/jobs/"))
    assert "server does not answer: no work is done" in page


def test_what_fails_says_where_it_did(app, boss, run_jobs, monkeypatch):
    monkeypatch.setattr("app.exports.kinds.KINDS", {})
    with app.app_context():
        owner = accounts.find("adminer").id
        job_id = control.submit(Job(kind="ct-csv", owner_id=owner, title="CT studies", query={"nonsense": "Murphy"}))
    run_jobs(EXPORT)
    page = text_of(boss.get_page(f"/jobs/{job_id}"))
    assert "Where it failed" in page and "app/jobs/export.py" in page and "Murphy" not in page.partition("Where it")[2]
