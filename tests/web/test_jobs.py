"""The pages of jobs, whatever their kind."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app import accounts
from app.extensions import db
from app.jobs.clock import now
from app.models import Job, UploadedFile
from app.models.job import DELETE, REREAD, UPLOAD
from app.transactions import writing
from app.web.jobs import time_left
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
    assert "Nothing is going on." in text_of(boss.get_page("/jobs/"))


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
