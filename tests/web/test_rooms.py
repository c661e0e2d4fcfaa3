"""The pages of rooms and their equipment."""

from datetime import date, timedelta

import pytest

from app import rooms
from app.extensions import db
from app.ingest.equipment import note_version
from app.ingest.receive import receive
from app.models import Equipment, Study
from app.models.equipment import CHANGING, OF_STUDY
from app.queries.rooms import Count, Room
from app.transactions import writing
from tests.factories import ct_report, fluoroscopy_report, report_file
from tests.web.checks import text_of


@pytest.fixture
def boss(visitor):
    return visitor("admin")


@pytest.fixture
def keep(app):
    """Stores a study of the report; gives the number of its room."""

    def store(report, **header):
        with app.app_context():
            assert receive(report_file(report, **header)).result == "imported"
            return db.session.scalar(db.select(Equipment.id).order_by(Equipment.id.desc()))

    return store


@pytest.fixture
def noted(app):
    """Notes software versions and UIDs of a room."""

    def note(room, *versions):
        with app.app_context(), db.engine.begin() as connection:
            for software, uid, day in versions:
                note_version(connection, room, software, uid, day)

    return note


def rows(page):
    return [text_of(row) for row in page.findall(".//tbody/tr")]


def test_where_no_room_has_sent_the_page_says_so(boss):
    assert "There are no rooms yet." in text_of(boss.get_page("/rooms/"))


@pytest.mark.usefixtures("database_url")
def test_each_room_tells_what_it_is_and_what_it_sends(boss, keep, noted):
    today = date.today()
    header = {"DeviceSerialNumber": "4711", "InstitutionalDepartmentName": "Radiology"}
    keep(ct_report(), StationName="CT1", StudyDate=today, **header)
    ct = keep(ct_report(), StationName="CT1", StudyDate=today, **header)
    keep(fluoroscopy_report({}), StationName="ANGIO", StudyDate=today - timedelta(days=40))
    noted(ct, ("VA40", None, date(2023, 1, 1)), ("VB20", None, date(2024, 5, 1)), ("VB20", None, today))
    angio, first = rows(boss.get_page("/rooms/"))
    for words in ("Hospital CT1", "Maker Model", "Radiology", "no. 4711", "VB20 since 2024-05-01", "2 CT", "today"):
        assert words in first
    for words in ("1 fluoroscopy", "silent for 40 days", "Automatic study by study"):
        assert words in angio


@pytest.mark.usefixtures("database_url")
def test_the_page_of_a_room_tells_its_versions_and_leads_to_its_studies(boss, keep, noted):
    room = keep(ct_report())
    noted(room, ("VA40", "1.2.840.7", date(2023, 1, 1)), ("VB20", OF_STUDY, date(2024, 5, 1)))
    page = boss.get_page(f"/rooms/{room}")
    assert rows(page) == [
        "VB20 not its own: the study’s or the object’s 2024-05-01 2024-05-01",
        "VA40 1.2.840.7 2023-01-01 2023-01-01",
    ]
    assert "Writes the UID of the study" in text_of(page)
    (link,) = [one.get("href") for one in page.iter("a") if "CT study" in text_of(one)]
    assert "room is “Hospital ROOM1”" in text_of(boss.get_page(link, part=False))
    assert "Sorted automatically" not in text_of(page), "a CT room has nothing to be sorted"


def test_a_name_that_is_given_is_what_lists_show(boss, keep):
    room = keep(ct_report())
    answer = boss.post(f"/rooms/{room}", {"display_name": "  Trauma   CT "})
    assert (answer.status_code, answer.location) == (303, f"/rooms/{room}")
    for path in ("/rooms/", "/", "/ct/", f"/ct/?room={room}", "/ct/?name__has=trauma"):
        assert "Trauma CT" in text_of(boss.get_page(path, part=False))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"display_name": "   ", "modality": "RF"}, "Enter a name."),
        ({"display_name": "x" * 256, "modality": "RF"}, "Use at most 255 characters."),
        ({"display_name": "Angio", "modality": "CT"}, "Not a valid choice"),
    ],
)
def test_what_can_not_be_taken_is_said_beside_its_field_and_nothing_changes(app, boss, keep, form, sentence):
    room = keep(fluoroscopy_report({}))
    answer = boss.post(f"/rooms/{room}", form)
    assert answer.status_code == 422 and answer.text.count(sentence) == 2
    with app.app_context():
        kept = db.session.get_one(Equipment, room)
        assert (kept.display_name, kept.modality) == ("Hospital ROOM1", None)


@pytest.mark.usefixtures("database_url")
def test_a_setting_moves_the_stored_studies_at_once_and_automatic_brings_them_back(app, boss, keep):
    room = keep(fluoroscopy_report({}))
    name = {"display_name": "Angio"}
    answer = boss.post(f"/rooms/{room}", name | {"modality": "DX"}, follow_redirects=True)
    assert "Saved. 1 stored study is listed elsewhere now." in text_of_message(answer)
    assert "1 radiography study" in text_of(boss.get_page(f"/rooms/{room}"))
    assert "Radiography set by hand" in rows(boss.get_page("/rooms/"))[0]
    answer = boss.post(f"/rooms/{room}", name | {"modality": "DX"}, follow_redirects=True)
    assert "elsewhere" not in answer.text
    boss.post(f"/rooms/{room}", name | {"modality": "automatic"})
    with app.app_context():
        assert db.session.scalar(db.select(Study.modality)) == "RF"


def text_of_message(answer):
    return " ".join(answer.text.split())


def test_a_room_that_there_is_not_is_not_found(boss):
    assert boss.get("/rooms/999").status_code == 404
    assert boss.post("/rooms/999", {"display_name": "x"}).status_code == 404


def test_a_setting_stays_visible_when_no_study_is_left(app, boss, keep):
    room = keep(ct_report())
    with app.app_context(), writing():
        rooms.set_modality(room, "RF")
    assert "Sorted automatically" in text_of(boss.get_page(f"/rooms/{room}"))


@pytest.mark.parametrize(("days", "silent"), [(0, 0), (14, 0), (15, 15), (365, 365), (366, 0), (-3, 0)])
def test_a_room_is_silent_after_two_weeks_and_gone_after_a_year(days, silent):
    today = date(2026, 1, 31)
    room = Room(Equipment(), [Count(None, 1, today - timedelta(days=days)), Count(None, 1, None)])
    assert room.silent_days(today) == silent
    assert Room(Equipment(), []).silent_days(today) == 0


@pytest.mark.usefixtures("database_url")
def test_a_device_that_writes_another_uid_each_time_is_noticed_and_one_that_was_exchanged_is_not(boss, keep, noted):
    exchanged, restless = keep(ct_report(), StationName="A"), keep(ct_report(), StationName="B")
    noted(exchanged, *(("VA1", f"1.2.{number}", None) for number in range(2)), ("VA2", "1.2.9", None))
    noted(restless, *(("VA1", f"1.2.{number}", None) for number in range(20)))
    first, second = rows(boss.get_page("/rooms/"))
    assert "odd UIDs" not in first and "odd UIDs" in second
    page = boss.get_page(f"/rooms/{restless}")
    assert "another device UID again and again" in text_of(page) and "many others" in text_of(page)
    assert CHANGING not in rows(page)[0]


def test_pages_of_rooms_need_few_statements_however_many_there_are(boss, keep, noted):
    for number in range(12):
        room = keep(ct_report(), StationName=f"CT{number}")
        noted(room, ("VA1", None, None), ("VA2", None, None))
    for path in ("/rooms/", f"/rooms/{room}"):
        with boss.counted() as statements:
            assert boss.get(path).status_code == 200
        assert len(statements) <= 8, path
