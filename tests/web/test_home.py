"""The frame and the first page."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from app import __version__, queue
from app.extensions import db
from app.jobs.ingest import ingest
from app.models import Study
from app.transactions import writing
from tests.web.checks import text_of
from tests.web.visitor import HTMX

MOST_STATEMENTS = 9  # on any page; the first one also tells administrators of alarms


def test_an_empty_system_says_how_to_send_the_first_object(get_page, settings):
    page = get_page("/")
    words = text_of(page)
    for wanted in (
        "Waiting for the first object",
        settings.store_ae_title,
        str(settings.store_port),
        ".venv/bin/flask import",
        "make demo",
    ):
        assert wanted in words
    copied = [button.get("data-copy") for button in page.iter("button") if button.get("data-copy")]
    assert copied == [settings.store_ae_title, settings.store_host, str(settings.store_port)]


def test_the_waiting_page_turns_into_the_list_when_the_first_study_is_there(visitor, study):
    person = visitor("view")
    waits = HTMX | {"HX-Target": "waiting"}
    waiting = person.get("/", headers=waits)
    assert "HX-Refresh" not in waiting.headers
    study()
    assert person.get("/", headers=waits).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in person.get("/", headers=HTMX).headers


@pytest.mark.usefixtures("database_url")
def test_each_room_tells_its_studies_and_the_latest_and_leads_to_them(get_page, study):
    for hour in (8, 17, 9):
        study(StudyDate=date(2024, 1, 12), StudyTime=time(hour, 10), StationName="CT 2")
    study(StudyDate=date(2024, 1, 11), StudyTime=time(18), StationName="CT 2")
    study(StationName="CT 1")
    page = get_page("/")
    rows = [text_of(row) for row in page.iterfind(".//tbody/tr")]
    assert len(rows) == 2
    assert "CT 1" in rows[0]
    assert "CT 2" in rows[1] and " 4 0 0 none 2024-01-12 17:10, " in rows[1] and rows[1].endswith("years ago")
    link = page.find(".//details//tbody/tr//a").get("href")
    assert "4 of 5 CT studies" in text_of(get_page(link, part=False))


@pytest.mark.usefixtures("database_url")
def test_the_last_days_and_the_weeks_of_a_year_are_counted_and_lead_to_what_they_count(get_page, study):
    today = date.today()
    for days in (0, 7, 8, 28, 29, 29, 300, 400):
        study(StudyDate=today - timedelta(days=days))
    row = get_page("/").find(".//tbody/tr")
    cells = [text_of(cell) for cell in row]
    assert [cells[1], cells[2].split()[0], cells[3].split()[0]] == ["8", "2", "4"]
    assert "7 in the last 52 weeks, from 0 to 3 a week, 1 in the last" in cells[4]
    for cell, count in ((2, "2 of 8"), (3, "4 of 8")):
        link = row[cell].find("a").get("href")
        assert f"{count} CT studies" in text_of(get_page(link, part=False))


def test_the_numbers_of_days_are_a_setting(app, get_page, study, settings):
    app.config["SETTINGS"] = replace(settings, home_days=(1, 90, 365))
    study(StudyDate=date.today() - timedelta(days=60))
    page = get_page("/")
    assert [text_of(one) for one in page.iterfind(".//thead//th")][2:5] == ["1 day", "90 days", "365 days"]
    assert [text_of(cell).split()[0] for cell in page.find(".//tbody/tr")][2:5] == ["0", "1", "1"]


def test_a_room_that_fell_silent_says_so_in_words_and_one_long_gone_comes_last(get_page, study):
    today = date.today()
    study(StudyDate=today - timedelta(days=800), StationName="A")
    study(StudyDate=today - timedelta(days=20), StationName="B")
    study(StudyDate=today, StationName="C")
    page = get_page("/")
    rows = [text_of(row) for row in page.iterfind(".//tbody/tr")]
    assert text_of(page.find(".//details[@class='gone']/summary")) == "1 room without a study for over a year"
    assert rows[0].endswith("silent for 20 days")
    assert "Hospital C" in rows[1] and "silent" not in rows[1]
    assert rows[2].startswith("Hospital A") and "none" in rows[2] and "silent" not in rows[2]


def test_one_line_tells_what_arrives_what_fell_silent_what_failed_and_what_waits(app, get_page, study, settings):
    today = date.today()
    for days, room in ((0, "A"), (3, "A"), (20, "B"), (800, "C")):
        study(StudyDate=today - timedelta(days=days), StationName=room)
    lines = [text_of(one) for one in get_page("/").find(".//dl[@class='glance']")]
    assert lines == [
        "Last object just now", "Last 7 days 2 studies", "Last 28 days 3 studies", "Rooms 2 in use 1 silent",
        "Could not be read nothing", "Queue nothing waits",
    ]  # fmt: skip
    settings.spool.mkdir(parents=True)
    (settings.spool / "1.dcm").write_bytes(b"no DICOM")
    with app.app_context():
        ingest(str(settings.spool / "1.dcm"))
    assert "Could not be read latest just now" in text_of(get_page("/").find(".//dl[@class='glance']"))


@pytest.mark.usefixtures("database_url")
def test_what_arrived_lately_leads_to_its_study_and_what_could_not_be_read_to_why(app, visitor, study, settings):
    first = study(StudyDescription="Thorax")
    second = study(StudyDescription="Abdomen")
    settings.spool.mkdir(parents=True)
    file = settings.spool / "1.dcm"
    file.write_bytes(b"no DICOM")
    with app.app_context():
        ingest(str(file))
    page = visitor("admin").get_page("/")
    arrived, failed = (page.find(f".//section[@aria-labelledby='{name}']") for name in ("arrived", "failed"))
    assert [link.get("href") for link in arrived.iter("a")] == [f"/study/{second}", f"/study/{first}"]
    assert "Abdomen just now: 1 object, CT of 2026-01-15" in text_of(arrived)
    assert "It is not a DICOM file. just now" in text_of(failed)
    assert failed.find(".//a").get("href") == "/quarantine/"
    plain = visitor("view").get_page("/").find(".//section[@aria-labelledby='failed']")
    assert plain.find(".//a") is None and "Administrators can look" in text_of(plain)


def test_while_objects_wait_to_be_read_the_page_and_the_bar_say_so_and_ask_again(get_page, study, settings, run_jobs):
    study()
    assert "hx-trigger" not in get_page("/").find(".//*[@id='home']").attrib
    settings.spool.mkdir(parents=True)
    for name in ("1", "2"):
        path = settings.spool / f"{name}.dcm"
        path.write_bytes(b"no DICOM")
        queue.enqueue_ingest(settings, path)
    page = get_page("/")
    assert "2 received objects wait to be read" in text_of(page)
    assert "hx-trigger" in page.find(".//*[@id='home']").attrib
    sign = page.find(".//header//a[@class='sign']")
    assert (text_of(sign), sign.get("href")) == ("2 objects to read", "/jobs/")
    run_jobs(queue.INGEST)
    page = get_page("/")
    assert "wait to be read" not in text_of(page) and page.find(".//header//a[@class='sign']") is None


def test_a_queue_that_is_away_is_said_and_keeps_no_page_from_coming(app, get_page, study, settings):
    study()
    app.config["SETTINGS"] = replace(settings, redis_url="unix:///nowhere/redis.sock")
    assert "The queue does not answer" in text_of(get_page("/", part=False))


def test_the_sign_in_the_bar_counts_the_jobs_of_the_person_and_tells_how_far_they_are(visitor, study):
    study()
    person = visitor("export")
    person.post("/exports/ct-csv")
    sign = person.get_page("/").find(".//header//a[@class='sign']")
    assert (text_of(sign), sign.get("href")) == ("1 job", "/exports/")
    part = person.get("/jobs/sign", headers=HTMX).text
    assert "hx-get" in part and "1 job" in part
    assert "hx-get" not in visitor("export", "other").get("/jobs/sign", headers=HTMX).text


@pytest.mark.usefixtures("database_url")
def test_studies_that_say_nothing_of_their_room_are_there_too(app, get_page, study):
    uid = study()
    with app.app_context(), writing():
        row = db.session.scalar(db.select(Study).where(Study.study_instance_uid == uid))
        row.equipment_id = row.study_date = row.study_time = None
    rows = [text_of(row) for row in get_page("/").iter("tr")]
    assert rows[1] == "– 1 0 0 none date unknown"


def test_the_bar_has_a_tab_for_each_modality_that_has_studies(get_page, study):
    study()
    study()
    tabs = get_page("/").find(".//nav")
    assert text_of(tabs) == "CT 2"
    assert tabs.find("a").get("href") == "/ct/"


def test_who_may_not_export_sees_no_exports_in_the_bar(visitor):
    assert "/exports/" not in visitor("view").get("/").text
    assert "/exports/" in visitor("export").get("/").text


def test_the_footer_says_the_version(get_page):
    assert text_of(get_page("/").find(".//footer")) == f"OpenREM {__version__}"


def test_pages_need_few_statements(visitor, study):
    study()
    person = visitor("admin")
    person.post("/exports/ct-csv")
    for path in (
        "/",
        "/exports/",
        "/quarantine/",
        "/quarantine/delete",
        "/rooms/",
        "/rooms/1",
        "/account/password",
        "/nowhere",
    ):
        with person.counted() as statements:
            person.get(path)
        assert len(statements) <= MOST_STATEMENTS, f"{path}: {len(statements)}"
        print(path, len(statements))


def test_every_answer_tells_the_browser_what_to_refuse_and_not_to_keep(visitor):
    answer = visitor("view").get("/")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "HX-Request" in answer.headers["Vary"]
