"""Administrators make and change users, and nobody locks everybody out."""

import pytest

from app import accounts, attempts
from app.extensions import db
from app.models import AuditEntry
from app.transactions import writing
from tests.web.checks import check_page, text_of
from tests.web.visitor import PASSWORD, make_user

NEW = "another long password"


@pytest.fixture
def boss(visitor):
    """An administrator."""
    return visitor("admin", "boss")


@pytest.fixture
def number(app):
    """The number of a user."""

    def number_of(username):
        with app.app_context():
            return accounts.find(username).id

    return number_of


def acts(app):
    """What is written down about others than the administrator, and who did it."""
    with app.app_context():
        found = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id))
        return [(one.action, one.username) for one in found if one.what != "user boss" and one.action != "sign in"]


def once(answer):
    """The password that the page shows."""
    return check_page(answer.text).find(".//code[@id='once']").text


def test_a_new_user_gets_a_password_that_is_shown_once_and_changed_at_the_first_sign_in(app, boss, visitor, number):
    boss.get_page("/users/new")
    answer = boss.post("/users/new", {"username": " jane ", "roles": ["viewgroup", "exportgroup"]})
    password = once(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    jane = visitor()
    assert jane.sign_in("jane", password).status_code == 303
    assert jane.get("/exports/").location == "/account/password"
    assert jane.post("/account/password", {"current": password, "new": NEW, "repeated": NEW}).status_code == 303
    assert jane.get("/exports/").status_code == 200
    page = boss.get(f"/users/{number('jane')}").text
    assert password not in page and "password to change" not in page
    assert acts(app) == [("create user", "boss"), ("change password", "jane")]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"username": "boss"}, "There is a user “boss” already."),
        ({"username": ""}, "Enter a user name."),
        ({"username": "j" * 81}, "80 characters"),
        ({"username": "jane", "roles": "superuser"}, "not a valid choice"),
    ],
)
def test_what_is_wrong_with_a_new_user_is_told_and_nobody_is_made(boss, form, sentence):
    answer = boss.post("/users/new", form)
    assert answer.status_code == 422 and sentence in text_of(check_page(answer.text))
    assert text_of(boss.get_page("/users/").find(".//p[@role='status']")) == "1 user, 1 of whom may sign in."


def test_roles_count_from_the_next_click(app, boss, visitor, number):
    jane = visitor("view", "jane")
    assert jane.get("/exports/").status_code == 403
    address = f"/users/{number('jane')}"
    assert boss.post(f"{address}/roles", {"roles": ["exportgroup"]}).location == address
    assert jane.get("/exports/").status_code == 200
    assert "checked" in boss.get(address).text
    assert boss.post(f"{address}/roles", {}).status_code == 303, "no role at all is a choice"
    assert jane.get("/").status_code == 403
    assert acts(app)[-2:] == [("change roles", "boss")] * 2


def test_a_disabled_user_is_signed_out_at_once_and_comes_back_when_enabled(app, boss, visitor, number):
    jane, address = visitor("view", "jane"), f"/users/{number('jane')}"
    boss.get_page(f"{address}/disable")
    assert jane.get("/").status_code == 200, "asking does nothing yet"
    assert boss.post(f"{address}/disable").status_code == 303
    assert jane.get("/").status_code == 302
    assert jane.sign_in("jane").status_code == 422
    assert "disabled" in text_of(boss.get_page("/users/"))
    boss.post(f"{address}/enable")
    assert jane.get("/").status_code == 302, "the old session does not come back"
    assert jane.sign_in("jane").status_code == 303
    assert acts(app)[-2:] == [("disable user", "boss"), ("enable user", "boss")]


def test_a_reset_password_is_shown_once_and_ends_the_sessions(app, boss, visitor, number):
    jane, address = visitor("view", "jane"), f"/users/{number('jane')}"
    boss.get_page(f"{address}/password")
    password = once(boss.post(f"{address}/password"))
    assert jane.get("/").status_code == 302
    assert jane.sign_in("jane").status_code == 422
    assert jane.sign_in("jane", password).status_code == 303
    assert jane.get("/").location == "/account/password"
    assert ("reset password", "boss") in acts(app)


def test_a_user_is_signed_out_everywhere(app, boss, visitor, number):
    jane = visitor("view", "jane")
    boss.post(f"/users/{number('jane')}/sign-out")
    assert jane.get("/").status_code == 302
    assert acts(app)[-1] == ("end sessions", "boss")


def test_nobody_disables_or_demotes_oneself_by_mistake(boss, visitor, number):
    visitor("admin", "other")
    address = f"/users/{number('boss')}"
    boss.post(f"{address}/disable")
    assert "You can’t disable yourself. Another administrator can." in boss.get(address).text
    answer = boss.post(f"{address}/roles", {"roles": ["viewgroup"]})
    assert answer.status_code == 422 and "You can’t take administration from yourself." in answer.text
    assert boss.post(f"{address}/password").location == "/account/password"
    assert boss.get("/users/").status_code == 200


def test_the_last_administrator_stays_one_whoever_asks(app, boss, number):
    """Another one whose password is not kept here may find that the system which keeps it is away."""
    with app.app_context(), writing():
        accounts.create("directory", None, ["admingroup"])
    with app.app_context(), pytest.raises(accounts.NotPossible, match="“boss” is the last administrator"), writing():
        accounts.disable(accounts.find("boss"))
    for ask in (boss.get, boss.post):
        assert ask(f"/users/{number('directory')}/password").status_code == 303
        assert "not kept here" in boss.get(f"/users/{number('directory')}").text


def test_a_lock_is_seen_and_lifted(app, boss, visitor, number):
    make_user(app, "jane", "view")
    jane, address = visitor(), f"/users/{number('jane')}"
    for _ in range(attempts.FREE):
        jane.sign_in("jane", "wrong")
    assert jane.sign_in("jane").status_code == 422
    assert "locked until" in text_of(boss.get_page("/users/"))
    assert "at 127.0.0.1 until" in text_of(boss.get_page(address))
    assert boss.post(f"{address}/unlock").status_code == 303
    assert "locked" not in text_of(boss.get_page("/users/"))
    assert jane.sign_in("jane").status_code == 303
    assert ("unlock sign-in", "boss") in acts(app)


def test_the_lock_of_an_address_is_seen_and_lifted(app, boss, visitor):
    make_user(app, "jane", "view")
    jane = visitor()
    jane.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    with app.app_context():
        for number in range(attempts.LOCKED_AT_ALL):
            attempts.count(f"name{number}", "192.0.2.7")
    assert jane.sign_in("jane").status_code == 422
    assert "at the address 192.0.2.7: it is locked until" in text_of(boss.get_page("/users/"))
    boss.post("/users/unlock-address", {"address": "192.0.2.7"})
    assert "Signing in from 192.0.2.7 is possible again." in boss.get("/users/").text
    assert jane.sign_in("jane").status_code == 303
    boss.post("/users/unlock-address", {"address": "192.0.2.7"})
    assert "This address is not locked any more." in boss.get("/users/").text


def test_a_user_that_there_is_not_is_not_found(boss):
    assert boss.get("/users/999").status_code == 404
    for act in ("roles", "disable", "enable", "password", "unlock", "sign-out"):
        assert boss.post(f"/users/999/{act}").status_code == 404, act


def test_the_menu_shows_what_the_roles_allow(boss, visitor):
    assert boss.get("/").text.count('href="/users/"') == 1
    person = visitor("view")
    assert "/users/" not in person.get("/").text
    assert PASSWORD not in person.get("/account").text
