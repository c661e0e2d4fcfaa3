"""The page of exports."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app import __version__, accounts, audit, queue
from app.exports import nhsbsp
from app.extensions import db
from app.jobs import upkeep
from app.jobs.clock import now
from app.models import AuditEntry, Job, Study
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
    return page.findall(".//tbody/tr")


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
    assert waiting.get("hx-trigger") and "Abort" in actions(waiting) and "Check again" in actions(waiting)
    run_jobs(queue.EXPORT)
    (ready,) = exports(person.get_page("/exports/"))
    assert "Ready 1 " in text_of(ready)
    assert ready.get("hx-trigger") is None, "there is nothing to wait for any more"
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
    assert re.search(r"3,412 of 10,000, \d+ a second, about \d+ s left", text_of(section))
    progress = section.find(".//progress")
    assert (progress.get("value"), progress.get("max")) == ("3412", "10000")
    part = person.get(section.get("hx-get"), headers=HTMX).text
    assert part.strip().startswith("<tr") and "3,412 of 10,000" in part
    person.get_page(f"/exports/of/{job_id}", part=False)  # a second later less is left


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
    assert "Ready 2 " in text_of(exports(page)[0])
    (box,) = [one for one in page.iter("input") if one.get("type") == "checkbox"]
    form = {"job": box.get("value"), "sure": "yes"}
    answer = person.post("/exports/delete", form, follow_redirects=True)
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
        accounts.find("exporter").roles = ["viewgroup"]
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


def chosen(app, **values):
    return a_job(
        app,
        "exporter",
        **(
            {"state": "ready", "result": "exports/2020/01/01/none.csv", "size": 2048, "done": 7, "message": None}
            | values
        ),
    )


def test_the_history_tells_what_how_much_how_long_and_until_when(app, person):
    began = now() - timedelta(days=1)
    chosen(app, started_at=began, finished_at=began + timedelta(seconds=75))
    (row,) = exports(person.get_page("/exports/"))
    until = (began + timedelta(days=30)).date().isoformat()
    for words in ("CT studies", "CT as CSV", "Ready 7 2.0 kB 1 min 15 s", until):
        assert words in text_of(row)


def test_chosen_exports_are_deleted_once_somebody_is_sure(app, person):
    ids = [chosen(app) for _ in range(3)]
    question = person.post("/exports/delete", {"job": ids[:2]})
    assert "2 exports go" in question.text and len(exports(person.get_page("/exports/"))) == 3
    answer = person.post("/exports/delete", {"job": ids[:2], "sure": "yes"}, follow_redirects=True)
    assert "2 exports are deleted." in answer.text and len(exports(person.get_page("/exports/"))) == 1


def test_all_that_have_ended_are_deleted_and_nothing_that_runs_or_ended_since(app, person):
    chosen(app)
    running = a_job(app, "exporter", state="running", finished_at=None)
    question = person.post("/exports/delete", {"what": "finished"}).text
    later = chosen(app, finished_at=now() + timedelta(minutes=1))
    form = dict(re.findall(r'name="(what|ended_by)" value="([^"]+)"', question))
    person.post("/exports/delete", form | {"sure": "yes"})
    with app.app_context():
        assert set(db.session.scalars(db.select(Job.id))) == {running, later}


def test_nobody_deletes_what_others_asked_for_but_administrators(app, person, visitor):
    job_id = chosen(app)
    colleague = visitor("export", "colleague")
    colleague.post("/exports/delete", {"job": job_id, "sure": "yes"})
    assert "Nothing is chosen" in colleague.post("/exports/delete", {"job": job_id}).text
    assert len(exports(person.get_page("/exports/"))) == 1
    administrator = visitor("admin")
    assert "asked for by other people" in administrator.post("/exports/delete", {"job": job_id}).text
    administrator.post("/exports/delete", {"job": job_id, "sure": "yes"})
    assert not exports(person.get_page("/exports/"))


def test_a_long_history_has_pages(app, person):
    for _ in range(27):
        chosen(app)
    assert len(exports(person.get_page("/exports/"))) == 25
    assert len(exports(person.get_page("/exports/?page=2"))) == 2
    for page in ("3", "0", "x", "²"):
        assert person.get(f"/exports/?page={page}").status_code == 400
    assert person.get("/exports/?colour=red").status_code == 400


def test_who_exported_what_and_who_fetched_it_is_written_down(app, person, run_jobs):
    person.post("/exports/ct-csv?dlp__min=500")
    run_jobs(queue.EXPORT)
    person.get(exports(person.get_page("/exports/"))[0].find(".//div[@class='actions']/a").get("href"))
    with app.app_context():
        of_exports = AuditEntry.action.in_((audit.EXPORT, audit.DOWNLOAD))
        entries = list(db.session.scalars(db.select(AuditEntry).where(of_exports).order_by(AuditEntry.id)))
    assert [(one.action, one.outcome, one.username) for one in entries] == [
        ("export", "asked for", "exporter"),
        ("export", "done", "exporter"),
        ("download export", "done", "exporter"),
    ]
    assert entries[1].what == "CT as CSV: CT studies, DLP at least 500 mGy·cm"
    assert entries[1].details["studies"] == 1 and entries[1].details["query"] == {"dlp__min": "500"}


def test_old_exports_are_deleted_by_the_upkeep_and_others_stay(app, person):
    chosen(app, finished_at=now() - timedelta(days=31))
    kept = chosen(app, finished_at=now() - timedelta(days=29))
    with app.app_context():
        assert upkeep.drop_old_exports() == 1
        assert list(db.session.scalars(db.select(Job.id))) == [kept]


@pytest.fixture
def keeps_ids(app):
    """A site that keeps patients' IDs."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], patient_id="stored", patient_id_secret="secret")


@pytest.mark.usefixtures("keeps_ids")
def test_patient_ids_are_exported_by_a_right_of_their_own_with_a_button_of_their_own(app, visitor, study, run_jobs):
    study({"dlp": 724.5})
    with app.app_context(), writing():
        db.session.scalars(db.select(Study)).one().patient_id = "A1234"
    colleague, person = visitor("export"), visitor("export-pid")
    assert "ct-csv-pid" not in colleague.get("/ct/").text
    assert colleague.post("/exports/ct-csv-pid").status_code == 403
    assert "/exports/ct-csv-pid" in person.get("/ct/").text
    person.post("/exports/ct-csv-pid")
    run_jobs(queue.EXPORT)
    address = exports(person.get_page("/exports/"))[0].find(".//div[@class='actions']/a").get("href")
    (row,) = csv.DictReader(io.StringIO(person.get(address).get_data().decode("utf-8-sig")))
    assert row["Patient ID"] == "A1234" and row["DLP total (mGy.cm)"] == "724.5"
    with app.app_context():
        of_exports = db.select(AuditEntry.details).where(AuditEntry.action == audit.EXPORT)
        assert db.session.scalars(of_exports).first()["kind"] == "ct-csv-pid"
    with app.app_context(), writing():
        accounts.find("export-pider").roles = ["exportgroup"]
    assert person.get(address).status_code == 403


def test_a_site_that_keeps_no_patient_ids_exports_none(visitor, study):
    study()
    person = visitor("admin")
    assert "-pid" not in person.get("/ct/").text
    assert person.post("/exports/ct-csv-pid").status_code == 403
