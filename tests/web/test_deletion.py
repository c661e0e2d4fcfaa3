"""Deleting studies from their list, their page or a room: it asks first, and leads back."""

import pytest

from app import audit, queue
from app.extensions import db
from app.models import AuditEntry, Equipment, Study
from tests.web.checks import parsed, text_of
from tests.web.visitor import HTMX


@pytest.fixture
def boss(visitor):
    return visitor("admin")


def form_of(page, word):
    """Where the form with this button leads, and what it sends."""
    (form,) = [one for one in page.iter("form") if any(text_of(button) == word for button in one.iter("button"))]
    fields = {}
    for one in form.iter("input"):
        fields.setdefault(one.get("name"), []).append(one.get("value", ""))
    return form.get("action"), fields


def links(page, word):
    return [one.get("href") for one in page.iter("a") if text_of(one).startswith(word)]


def left(app):
    with app.app_context():
        return set(db.session.scalars(db.select(Study.study_instance_uid)))


def test_several_are_chosen_in_a_list_and_one_is_back_in_the_same_list(app, boss, study):
    uids = [study({"dlp": 500.0 + number}) for number in range(3)]
    page = boss.get_page("/ct/?dlp__min=500&sort=-dlp")
    boxes = [one for one in page.iter("input") if one.get("form") == "chosen"]
    assert [one.get("value") for one in boxes] == uids[::-1]
    assert all(one.get("name") == "study" and "2026-01-15" in one.get("aria-label") for one in boxes)
    action, fields = form_of(page, "Delete chosen…")
    question = parsed(boss.post(action, {"back": fields["back"][0], "study": uids[:2]}).text)
    told = text_of(question.find(".//main"))
    for words in ("Delete these studies", "Studies2", "Events2", "Objects2", "2026-01-15", "Room: Hospital ROOM1"):
        assert words.replace(" ", "") in told.replace(" ", "")
    assert left(app) == set(uids), "asking deletes nothing"
    action, fields = form_of(question, "Delete 2 studies")
    answer = boss.post(action, fields)
    assert (answer.status_code, answer.location) == (303, "/ct/?dlp__min=500&sort=-dlp")
    assert "2 studies are deleted." in boss.get(answer.location).text
    assert left(app) == {uids[2]}
    with app.app_context():
        entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == audit.DELETE_STUDIES)).one()
        assert (entry.username, entry.remote_address) == ("adminer", "127.0.0.1")


def test_without_a_script_all_of_the_page_can_be_chosen(app, boss, study):
    uids = {study() for _ in range(3)}
    action, fields = form_of(boss.get_page("/ct/"), "Delete all on this page…")
    assert set(fields["shown"]) == uids
    question = parsed(boss.post(action, fields | {"all": "shown"}).text)
    assert "Delete 3 studies" in text_of(question.find(".//main"))


def test_one_is_deleted_from_its_page_and_leads_back_to_the_list_that_one_came_from(app, boss, study):
    study_uid = study({"dlp": 700.0})
    page = boss.get(f"/study/{study_uid}", headers={"Referer": "http://site/ct/?dlp__min=500"})
    (link,) = links(parsed(page.text), "Delete this study")
    question = boss.get_page(link)
    assert text_of(question.find(".//h1")) == "Delete this study"
    answer = boss.post(*form_of(question, "Delete 1 study"))
    assert answer.location == "/ct/?dlp__min=500"
    assert "1 study is deleted." in boss.get(answer.location).text and left(app) == set()
    assert "Nothing is chosen that is still there." in text_of(boss.get_page(link))


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "ct/", None])
def test_deleting_never_leads_to_another_site(boss, study, elsewhere):
    form = {"study": study()} | ({"back": elsewhere} if elsewhere else {})
    assert boss.post("/delete", form).location == "/"


def test_all_that_match_are_deleted_by_a_worker_once_their_number_is_typed(app, boss, study, run_jobs):
    for dlp in (100.0, 200.0, 300.0):
        study({"dlp": dlp})
    (link,) = links(boss.get_page("/ct/?dlp__min=150"), "Delete all 2 that match")
    question = boss.get_page(link)
    assert text_of(question.find(".//h1")) == "Delete all CT studies, DLP at least 150 mGy·cm"
    later = study({"dlp": 400.0})
    action, fields = form_of(question, "Delete all 2")
    for wrong in ("", "3", "two"):
        answer = boss.post(action, fields | {"number": wrong})
        assert answer.status_code == 422 and "Type 2 to delete so many." in answer.text
    answer = boss.post(action, fields | {"number": " 2 "})
    assert answer.status_code == 303 and answer.location.startswith("/jobs/")
    assert "Waiting for a worker" in text_of(boss.get_page(answer.location))
    run_jobs(queue.EXPORT)
    page = boss.get_page(answer.location)
    assert "2 studies are deleted." in text_of(page)
    assert links(page, "Back to the list") == ["/ct/?dlp__min=150"]
    assert len(left(app)) == 2 and later in left(app)


def test_all_of_a_room_are_deleted_from_its_page(app, boss, study, run_jobs):
    study(StationName="WEST")
    study(StationName="EAST")
    with app.app_context():
        west = db.session.scalar(db.select(Equipment.id).where(Equipment.station_name == "WEST"))
    (link,) = links(boss.get_page(f"/rooms/{west}"), "Delete all")
    action, fields = form_of(boss.get_page(link), "Delete all 1")
    boss.post(action, fields | {"number": "1"})
    run_jobs(queue.EXPORT)
    assert len(left(app)) == 1
    assert "nothing to delete" in text_of(boss.get_page(link))


def test_it_has_to_be_said_up_to_which_study(boss, study):
    study()
    assert boss.post("/ct/delete", {"number": "1"}).status_code == 400
    assert boss.post("/ct/delete", {"number": "1", "upto": "x"}).status_code == 400
    assert boss.get("/ct/delete?colour=red").status_code == 400


def test_no_more_are_chosen_than_a_list_shows(boss):
    answer = boss.post("/delete/chosen", {"study": [f"1.2.{number}" for number in range(501)]})
    assert answer.status_code == 400 and "Delete all that match a filter instead." in answer.text


@pytest.mark.parametrize("role", ["view", "export"])
def test_others_see_nothing_of_it_and_may_not(app, visitor, study, role):
    study_uid, person = study(), visitor(role)
    for path in ("/ct/", f"/study/{study_uid}"):
        assert "delete" not in person.get(path).text.casefold()
    assert person.get("/ct/delete").status_code == 403 == person.get(f"/delete?study={study_uid}").status_code
    for path in ("/delete", "/delete/chosen", "/ct/delete"):
        assert person.post(path, {"study": study_uid, "number": "1", "upto": "9"}).status_code == 403
    assert left(app) == {study_uid}


def test_a_list_with_boxes_is_a_part_of_its_page_too(boss, study):
    study()
    assert 'form="chosen"' in boss.get("/ct/", headers=HTMX).text
