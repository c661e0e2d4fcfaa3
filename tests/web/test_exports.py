"""The page of exports."""

import csv
import io
import re
from datetime import timedelta

import pytest

from app import __version__, accounts, queue
from app.exports import nhsbsp
from app.extensions import db
from app.jobs.clock import now
from app.models import Job
from app.transactions import writing
from tests.web.checks import check_part, parsed, text_of
from tests.web.test_access import a_job
from tests.web.visitor import HTMX


@pytest.fixture
def person(visitor, study):
    """Somebody who may export, with studies to be exported."""
    study({"dlp": 724.5})
    study({"dlp": 100.0})
    return visitor("export")


def exports(page):
    return page.findall(".//section")


def actions(section):
    return [
        text_of(one) for one in section.iter() if one.tag in ("button", "summary") or "button" in one.get("class", "")
    ]


def form_of(page, word):
    (form,) = [one for one in page.iter("form") if any(text_of(button) == word for button in one.iter("button"))]
    return form.get("action")


def test_a_page_without_exports_says_what_would_fill_it(visitor):
    assert "export what it shows" in text_of(visitor("export").get_page("/exports/"))


def test_from_the_list_to_the_file(person, run_jobs):
    list_page = person.get_page("/ct/?dlp__min=500")
    form = next(one for one in list_page.iter("form") if "/exports/ct-csv" in one.get("action"))
    answer = person.post(form.get("action"))
    assert (answer.status_code, answer.location) == (303, "/exports/")
    (waiting,) = exports(person.get_page("/exports/"))
    assert "CT studies, DLP at least 500 mGy·cm" in text_of(waiting) and "Waiting" in text_of(waiting)
    assert (
        waiting.find("./div[@hx-trigger]") is not None
        and "Abort" in actions(waiting)
        and "Check again" in actions(waiting)
    )
    run_jobs(queue.EXPORT)
    (ready,) = exports(person.get_page("/exports/"))
    assert "Ready: 1 study" in text_of(ready)
    assert ready.find("./div[@hx-trigger]") is None, "there is nothing to wait for any more"
    download = person.get(ready.find(".//div[@class='actions']/a").get("href"))
    assert download.mimetype == "text/csv"
    asked_for = re.search(r"(\d{4}-\d\d-\d\d) (\d\d):(\d\d)", text_of(ready))
    name = f"filename=ct-studies-dlp-at-least-500-mgy-cm-{'-'.join(asked_for.groups()[:2])}{asked_for[3]}.csv"
    assert name in download.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(download.get_data().decode("utf-8-sig")))
    assert row["DLP total (mGy.cm)"] == "724.5"


def test_the_export_asks_for_itself_while_it_is_made(app, person):
    job_id = a_job(app, "exporter", state="running", done=3412, total=10000, started_at=now() - timedelta(seconds=6))
    whole = person.get("/exports/").text
    (section,) = exports(parsed(whole))
    assert "3,412 of 10,000, about 12 s left" in text_of(section)
    progress = section.find(".//progress")
    assert (progress.get("value"), progress.get("max")) == ("3412", "10000")
    progress = section.find("./div[@class='progress']")
    part = person.get(progress.get("hx-get"), headers=HTMX).text
    check_part(part, whole)
    person.get_page(f"/jobs/{job_id}")


@pytest.mark.parametrize(
    ("values", "words", "buttons"),
    [
        ({"state": "running", "total": None}, "Counting", ["Check again", "Abort"]),
        ({"state": "aborting"}, "Stopping", ["Check again"]),
        ({"state": "failed", "message": "No disk."}, "Failed No disk.", ["Try again", "Dismiss"]),
        ({"state": "aborted", "done": 5, "total": 9}, "Aborted after 5 of 9", ["Start again", "Dismiss"]),
    ],
)  # fmt: skip
def test_each_state_has_its_words_and_what_can_be_done(app, person, values, words, buttons):
    a_job(app, "exporter", **values)
    (section,) = exports(person.get_page("/exports/"))
    assert words in text_of(section)
    assert actions(section) == buttons


def test_abort_again_and_delete_lead_back_to_the_page(app, person, run_jobs):
    person.post("/exports/ct-csv")
    for word, words in (("Abort", "Aborted"), ("Start again", "Waiting")):
        answer = person.post(form_of(person.get_page("/exports/"), word))
        assert (answer.status_code, answer.location) == (303, "/exports/")
        assert words in text_of(exports(person.get_page("/exports/"))[0])
    run_jobs(queue.EXPORT)
    page = person.get_page("/exports/")
    assert "Ready: 2 studies" in text_of(exports(page)[0])
    answer = person.post(form_of(page, "Yes, delete"), follow_redirects=True)
    assert "There are no exports yet." in answer.text


def test_the_bar_counts_what_is_not_finished_and_stops_when_all_is(app, person):
    job_id = a_job(app, "exporter", state="running")
    page = person.get_page("/")
    (count,) = [one for one in page.iter("span") if one.get("hx-get")]
    assert text_of(count) == "1 not finished"
    check_part(person.get("/exports/unfinished", headers=HTMX).text, person.get("/").text)
    with app.app_context(), writing():
        db.session.get_one(Job, job_id).state = "failed"
    assert not person.get("/exports/unfinished", headers=HTMX).text.strip()


def test_a_wrong_filter_is_not_exported_in_silence(person):
    answer = person.post("/exports/ct-csv?colour=red")
    assert answer.status_code == 400 and "colour" in answer.text


def test_a_kind_of_export_that_there_is_not_is_not_found(person):
    assert person.post("/exports/nm-pdf").status_code in (404, 405)


def test_the_right_to_a_file_is_looked_up_when_it_is_fetched(app, person, run_jobs):
    person.post("/exports/ct-csv")
    run_jobs(queue.EXPORT)
    address = exports(person.get_page("/exports/"))[0].find(".//div[@class='actions']/a").get("href")
    assert person.get(address).status_code == 200
    with app.app_context(), writing():
        accounts.find("exporter").role = "view"
    assert person.get(address).status_code == 403


def test_the_origin_of_a_file_can_be_kept_beside_it(person, run_jobs):
    person.post("/exports/ct-csv")
    run_jobs(queue.EXPORT)
    answer = person.get(exports(person.get_page("/exports/"))[0].findall(".//div[@class='actions']/a")[1].get("href"))
    assert answer.json["made_by"] == "exporter"
    assert answer.json["made_with"] == f"OpenREM {__version__}"


def test_a_file_that_is_gone_is_said_to_be_gone(app, person):
    job_id = a_job(app, "exporter", state="ready", result="exports/2020/01/01/none.csv", size=1)
    answer = person.get(f"/exports/{job_id}/file")
    assert answer.status_code == 404 and "can be made again" in answer.text


def test_an_export_with_a_question_asks_it_first(visitor, run_jobs):
    person = visitor("export")
    assert "Mammography studies, events at least 1" in text_of(person.get_page("/exports/mg-nhsbsp?events__min=1"))
    wrong = person.post("/exports/mg-nhsbsp?events__min=1", {"survey": "one"})
    assert wrong.status_code == 422 and "Survey number takes a number from 1." in wrong.text
    assert person.post("/exports/mg-nhsbsp", {"colour": "red"}).status_code == 400
    assert person.post("/exports/mg-nhsbsp?events__min=1", {"survey": "12"}).status_code == 303
    run_jobs(queue.EXPORT)
    with person.app.app_context():
        job = db.session.scalars(db.select(Job)).one()
        answers = {"export.survey": "12", "export.tomosynthesis": "", "export.without": nhsbsp.LEFT_OUT}
        assert job.query == {"events__min": "1"} | answers
        assert job.state == "ready"
