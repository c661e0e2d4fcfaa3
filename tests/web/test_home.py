"""The frame and the first page."""

from datetime import date, time

import pytest

from app import __version__
from app.extensions import db
from app.models import Study
from app.transactions import writing
from tests.web.checks import text_of
from tests.web.visitor import HTMX

MOST_STATEMENTS = 8  # on any page


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
    waiting = person.get("/", headers=HTMX)
    assert "HX-Refresh" not in waiting.headers
    study()
    assert person.get("/", headers=HTMX).headers["HX-Refresh"] == "true"


@pytest.mark.usefixtures("database_url")
def test_each_room_tells_its_studies_and_the_latest_and_leads_to_them(get_page, study):
    for hour in (8, 17, 9):
        study(StudyDate=date(2024, 1, 12), StudyTime=time(hour, 10), StationName="CT 2")
    study(StudyDate=date(2024, 1, 11), StudyTime=time(18), StationName="CT 2")
    study(StationName="CT 1")
    page = get_page("/")
    rows = [text_of(row) for row in page.iter("tr")]
    assert len(rows) == 3
    assert "CT 1" in rows[1]
    assert "CT 2" in rows[2] and " 4 2024-01-12 17:10 " in rows[2] and rows[2].endswith("years ago")
    link = page.find(".//tbody/tr[2]//a").get("href")
    assert "4 of 5 CT studies" in text_of(get_page(link, part=False))


@pytest.mark.usefixtures("database_url")
def test_studies_that_say_nothing_of_their_room_are_there_too(app, get_page, study):
    uid = study()
    with app.app_context(), writing():
        row = db.session.scalar(db.select(Study).where(Study.study_instance_uid == uid))
        row.equipment_id = row.study_date = row.study_time = None
    rows = [text_of(row) for row in get_page("/").iter("tr")]
    assert rows[1] == "– 1 date unknown"


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
