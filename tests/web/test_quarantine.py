"""The page of refused objects."""

import pytest

from app import queue
from app.extensions import db
from app.jobs.ingest import ingest
from app.models import Refusal
from app.queries import quarantine as queries
from tests.factories import ct_report, report_file
from tests.web.checks import check_part, parsed, text_of
from tests.web.visitor import HTMX


@pytest.fixture
def refused(app, settings):
    """Has these files refused, each made by cutting a report short or of no DICOM at all; gives their numbers."""

    def refuse(*names, content=None, **header):
        settings.spool.mkdir(parents=True, exist_ok=True)
        numbers = []
        for name in names:
            path = settings.spool / f"{name}.dcm"
            path.write_bytes(content or report_file(ct_report({}), Modality="SR", **header).getvalue()[:-200])
            with app.app_context():
                assert ingest(str(path)) == "failed"
                numbers.append(db.session.scalar(db.select(Refusal.id).where(Refusal.file.contains(name))))
        return numbers

    return refuse


@pytest.fixture
def boss(visitor):
    return visitor("admin")


def rows(page):
    return page.findall(".//table[@class='stacked refused']/tbody/tr")


def form_of(page, word):
    (form,) = [one for one in page.iter("form") if any(text_of(button) == word for button in one.iter("button"))]
    return form.get("action")


def test_where_nothing_was_refused_the_page_says_so_and_the_bar_says_nothing(boss):
    page = boss.get_page("/quarantine/")
    assert "Nothing was refused: every object that arrived is stored." in text_of(page)
    assert "Refused 1" not in text_of(page.find(".//header"))


@pytest.mark.usefixtures("database_url")
def test_each_object_tells_why_it_was_refused_and_what_is_known_of_it(boss, study, refused):
    study_uid = study()
    refused("first", StudyInstanceUID=study_uid, PatientName="Secret^Jane")
    refused("second", content=b"no DICOM")
    page = boss.get_page("/quarantine/")
    newest, oldest = map(text_of, rows(page))
    assert "It is not a DICOM file." in newest and "–" in newest and "8 bytes" in newest
    for words in ("failed", "cut short", "X-Ray Radiation Dose SR", "SR · station ROOM1", "its study", "kB"):
        assert words in oldest
    assert f"/study/{study_uid}" in [link.get("href") for link in page.iter("a")]
    assert "Secret" not in text_of(page)
    assert "2 refused objects" in text_of(page)
    assert "Refused 2" in text_of(page.find(".//header"))


def test_who_is_no_administrator_hears_nothing_of_it(visitor, refused):
    refused("first")
    assert "Refused" not in visitor("export").get("/").text


@pytest.mark.usefixtures("database_url")
def test_the_list_is_filtered_by_result_and_reason(boss, refused):
    refused("first", "second")
    refused("third", content=b"no DICOM")
    page = boss.get_page("/quarantine/?result=failed&reason=It is not a DICOM file.")
    assert len(rows(page)) == 1
    assert "1 of 3 refused object" in text_of(page.find(".//p[@role='status']"))
    options = [text_of(option) for option in page.iter("option")]
    assert "It is not a DICOM file. (1)" in options and any(
        option.endswith("cut short; send it again. (2)") for option in options
    )
    page = boss.get_page("/quarantine/?result=not a dose object")
    assert "Nothing matches. Show all 3" in text_of(page)


@pytest.mark.parametrize("query", ["colour=red", "result=lost", "page=0", "page=one", "id=1"])
def test_a_filter_that_is_not_understood_is_said(boss, query):
    answer = boss.get(f"/quarantine/?{query}")
    assert answer.status_code == 400 and query.partition("=")[0] in answer.text


def test_a_long_list_has_pages(boss, refused, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    refused("a", "b", "c")
    page = boss.get_page("/quarantine/")
    assert len(rows(page)) == 2 and "Page 1 of 2" in text_of(page)
    older = page.find(".//nav[@class='pager']/a")
    assert text_of(older) == "Older"
    page = boss.get_page(older.get("href"))
    assert len(rows(page)) == 1 and "Newer" in text_of(page)
    assert len(rows(boss.get_page("/quarantine/?page=7"))) == 1, "there is no page 7: the last is shown"


def test_from_try_again_to_the_outcome(boss, refused, settings, run_jobs):
    refused("good", "bad")
    for path in settings.media_root.rglob("good.dcm"):
        path.write_bytes(report_file(ct_report({})).getvalue())
    answer = boss.post(form_of(boss.get_page("/quarantine/"), "Try all 2 again"))
    assert (answer.status_code, answer.location) == (303, "/quarantine/")
    whole = boss.get("/quarantine/").text
    (waiting,) = [one for one in parsed(whole).iter("div") if one.get("class") == "progress"]
    assert "Waiting for a worker" in text_of(waiting) and waiting.get("hx-trigger")
    progress = waiting.get("hx-get")
    check_part(boss.get(progress, headers=HTMX).text, whole)
    boss.get_page(progress)
    run_jobs(queue.EXPORT)
    assert boss.get(progress, headers=HTMX).headers["HX-Refresh"] == "true"
    page = boss.get_page("/quarantine/")
    assert "2 read again: 1 is stored now, 1 is refused again." in text_of(page)
    assert len(rows(page)) == 1
    boss.post(form_of(page, "Dismiss"))
    assert "read again" not in text_of(boss.get_page("/quarantine/"))


def test_one_is_tried_again_and_the_list_stays_as_it_was_filtered(boss, refused, run_jobs):
    numbers = refused("a", "b")
    page = boss.get_page("/quarantine/?result=failed")
    action = next(one.get("action") for one in rows(page)[0].iter("form"))
    assert boss.post(action).location == "/quarantine/?result=failed"
    run_jobs(queue.EXPORT)
    with boss.app.app_context():
        tries = dict(db.session.execute(db.select(Refusal.id, Refusal.tries)).all())
    assert sorted(tries.values()) == [1, 2] and tries[numbers[1]] == 2


def test_reading_again_can_be_stopped(boss, refused):
    refused("a", "b")
    boss.post("/quarantine/retry")
    boss.post(form_of(boss.get_page("/quarantine/"), "Abort"))
    assert "Aborted" in text_of(boss.get_page("/quarantine/"))


def test_reading_again_is_no_export(boss, refused):
    refused("a")
    boss.post("/quarantine/retry")
    assert "There are no exports yet." in text_of(boss.get_page("/exports/"))
    assert "Exports 1 job" in text_of(boss.get_page("/", part=False).find(".//header"))


def test_deleting_asks_first_and_says_how_much_and_takes_nothing_that_comes_later(boss, refused, settings):
    refused("a", "b", "c")
    page = boss.get_page("/quarantine/")
    (link,) = [one.get("href") for one in page.iter("a") if text_of(one) == "Delete all 3…"]
    question = boss.get_page(link)
    assert "Delete 3 refused objects, " in text_of(question) and "gone for good" in text_of(question)
    refused("later")
    answer = boss.post(form_of(question, "Delete 3"), follow_redirects=True)
    assert "3 refused objects are deleted." in answer.text
    assert [path.stem for path in settings.media_root.rglob("*.dcm")] == ["later"]
    assert "There is nothing to delete" in text_of(boss.get_page("/quarantine/delete?id=999"))


def test_deleting_one_leaves_the_others(boss, refused, settings):
    first, _ = refused("a", "b")
    boss.post(form_of(boss.get_page(f"/quarantine/delete?id={first}"), "Delete 1"))
    assert [path.stem for path in settings.media_root.rglob("*.dcm")] == ["b"]


def test_nothing_is_deleted_where_it_was_not_said_how_much(boss, refused):
    refused("a")
    assert boss.post("/quarantine/delete").status_code == 400
    assert len(rows(boss.get_page("/quarantine/"))) == 1


def test_the_file_is_given_as_it_came(boss, refused, settings):
    (number,) = refused("a", content=b"no DICOM")
    answer = boss.get(f"/quarantine/{number}/file")
    assert answer.data == b"no DICOM" and "attachment; filename=a.dcm" in answer.headers["Content-Disposition"]
    next(settings.media_root.rglob("a.dcm")).unlink()
    assert boss.get(f"/quarantine/{number}/file").status_code == 404


def test_the_page_needs_few_statements_however_much_was_refused(boss, refused, study):
    study_uid = study()
    refused(*"abcdefgh", StudyInstanceUID=study_uid)
    boss.post("/quarantine/retry")
    with boss.counted() as statements:
        boss.get("/quarantine/")
    assert len(statements) <= 8, statements
