"""Filters with a name: saved, opened, renamed, shared, deleted; and whose they are."""

import pytest

from app.extensions import db
from app.models import SavedFilter
from tests.web.checks import check_page, text_of
from tests.web.visitor import HTMX

ASKED = "any1.protocol__has=thorax&any2.not.station=A&any2.not.station=B&sort=-dlp"


def saved(app):
    """Each filter that is kept: its number, its name, and whether it is shared."""
    with app.app_context():
        return [(one.id, one.name, one.shared) for one in db.session.scalars(db.select(SavedFilter))]


@pytest.fixture
def owner(visitor):
    """Somebody who has saved a filter."""
    person = visitor("view", "owner")
    answer = person.post(f"/ct/saved?{ASKED}&page=3", {"name": " High  thorax "})
    assert (answer.status_code, answer.location) == (303, f"/ct/?{ASKED}&page=3")
    return person


def test_a_saved_filter_leads_to_the_whole_address(app, owner):
    ((number, name, shared),) = saved(app)
    assert (name, shared) == ("High thorax", False)
    answer = owner.get(f"/filters/{number}")
    assert (answer.status_code, answer.location) == (302, f"/ct/?{ASKED}")


def test_the_page_lists_it_with_what_it_asks_and_the_list_has_it_in_a_menu(owner):
    page = owner.get_page(f"/ct/saved?{ASKED}")
    assert "either protocol contains “thorax” or station is neither “A” nor “B”" in text_of(page)
    assert [text_of(one) for one in page.findall(".//div[@class='saved-menu']/ul/li")] == ["High thorax"]
    assert "Nobody has saved" in text_of(owner.get_page("/rf/saved"))
    assert "Saved filters" in text_of(owner.get_page("/ct/").find(".//details[@class='menu saved']"))
    assert "High thorax" in owner.get("/ct/saved", headers=HTMX).text


def test_a_filter_of_somebody_else_is_not_there_until_it_is_shared(app, owner, visitor):
    ((number, *_),) = saved(app)
    colleague = visitor("admin", "colleague")
    assert colleague.get(f"/filters/{number}").status_code == 404
    assert "High thorax" not in colleague.get("/ct/saved").text
    assert owner.post(f"/filters/{number}", {"name": "Thorax", "shared": "y"}).location == "/ct/saved"
    assert colleague.get(f"/filters/{number}").status_code == 302
    page = text_of(colleague.get_page("/ct/saved"))
    assert "Thorax of owner" in page and "You have saved none here." in page


@pytest.mark.parametrize("shared", [{}, {"shared": "y"}])
@pytest.mark.parametrize("action", ["", "/delete"])
def test_only_its_owner_changes_and_deletes_it(app, owner, visitor, action, shared):
    ((number, *_),) = saved(app)
    owner.post(f"/filters/{number}", {"name": "Thorax", **shared})
    assert visitor("admin", "colleague").post(f"/filters/{number}{action}", {"name": "Mine"}).status_code == 404
    assert saved(app) == [(number, "Thorax", bool(shared))]


def test_its_owner_deletes_it_and_it_is_gone(app, owner):
    ((number, *_),) = saved(app)
    assert owner.post(f"/filters/{number}/delete").location == "/ct/saved"
    assert saved(app) == []
    assert "“High thorax” is deleted." in owner.get("/ct/saved").text
    assert owner.get(f"/filters/{number}").status_code == 404


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("  ", "Enter a name."), ("x" * 81, "Use at most 80 characters."), ("High thorax", "a filter of this name")],
)
def test_a_name_that_cannot_be_taken_is_said_at_its_field(app, owner, name, sentence):
    answer = owner.post("/ct/saved?dlp__min=5", {"name": name})
    assert answer.status_code == 422 and sentence in answer.text
    check_page(answer.text)
    assert len(saved(app)) == 1


def test_a_filter_keeps_its_own_name_and_takes_no_other_of_its_owner(app, owner):
    owner.post("/ct/saved?dlp__min=5", {"name": "Second"})
    (number, *_), (second, *_) = saved(app)
    assert owner.post(f"/filters/{number}", {"name": "High thorax", "shared": "y"}).status_code == 303
    answer = owner.post(f"/filters/{second}", {"name": "High thorax"})
    assert answer.status_code == 422 and "a filter of this name" in answer.text
    check_page(answer.text)


def test_a_saved_filter_that_is_not_understood_any_more_says_what_is_wrong(app, owner):
    with app.app_context():
        db.session.execute(db.update(SavedFilter).values(query={"colour": "red"}))
        db.session.commit()
    answer = owner.client.get(f"/filters/{saved(app)[0][0]}", follow_redirects=True)
    assert answer.status_code == 400 and "There is no parameter “colour” for CT studies." in answer.text


def test_what_is_saved_has_to_be_understood(app, owner):
    assert owner.post("/ct/saved?colour=red", {"name": "Red"}).status_code == 400
    assert len(saved(app)) == 1
