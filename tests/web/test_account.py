"""Signing in and out, and the own password."""

import re
from datetime import timedelta
from time import perf_counter

import pytest
from flask.sessions import SecureCookieSessionInterface

from app import accounts
from app.transactions import writing
from app.web import attempts
from tests.web.checks import text_of
from tests.web.visitor import PASSWORD, make_user

NEW = "another long password"


@pytest.fixture
def person(visitor):
    visitor("view")
    return visitor()


def test_the_sign_in_page_is_sound(visitor):
    visitor().get_page("/sign-in")


@pytest.mark.parametrize(("username", "password"), [("viewer", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(person, username, password):
    answer = person.sign_in(username, password)
    assert answer.status_code == 422
    assert "User name or password is wrong." in answer.text
    assert person.get("/").status_code == 302


def test_a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has(person):
    """Otherwise the time tells which names there are."""

    def seconds(username):
        start = perf_counter()
        person.sign_in(username, "wrong")
        return perf_counter() - start

    seconds("warms up")
    known, unknown = (min(seconds(username) for _ in range(2)) for username in ("viewer", "nobody"))
    assert 0.5 < known / unknown < 2


def test_who_guesses_has_to_wait_and_even_the_right_password_waits(person):
    for _ in range(attempts.FREE):
        person.sign_in("viewer", "wrong")
    answer = person.sign_in("viewer")
    assert answer.status_code == 422
    assert re.search(r"Too many attempts. Wait \d+ seconds", answer.text)


def test_the_wait_is_for_one_name_at_one_address_only(app, person):
    for _ in range(attempts.FREE):
        person.sign_in("viewer", "wrong")
    person.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert person.sign_in("viewer").status_code == 303


def test_a_success_forgets_the_failures(person):
    for _ in range(attempts.FREE - 1):
        person.sign_in("viewer", "wrong")
    assert person.sign_in("viewer").status_code == 303
    person.post("/sign-out")
    person.sign_in("viewer", "wrong")
    assert person.sign_in("viewer").status_code == 303


def test_people_can_sign_in_while_the_queue_is_away(app, person, monkeypatch):
    monkeypatch.setattr(attempts, "_redis", lambda: attempts.connect("unix:///nowhere/redis.sock"))
    assert person.sign_in("viewer", "wrong").status_code == 422
    assert person.sign_in("viewer").status_code == 303


def test_a_disabled_account_can_not_sign_in_and_its_session_ends(app, person):
    person.sign_in("viewer")
    with app.app_context(), writing():
        accounts.find("viewer").active = False
    assert person.get("/").status_code == 302
    assert person.sign_in("viewer").status_code == 422


def test_signing_out_ends_the_session(visitor):
    person = visitor("view")
    assert person.post("/sign-out").location == "/sign-in"
    assert person.get("/").status_code == 302


def test_a_session_lives_on_from_each_click_but_not_from_a_page_that_looks_for_news(app, visitor, monkeypatch):
    person = visitor("view")
    assert app.permanent_session_lifetime == timedelta(hours=8)
    clock = _Clock(monkeypatch)
    clock.hours += 5
    assert person.get("/").status_code == 200
    clock.hours += 5
    assert person.get("/").status_code == 200, "five hours after a click the session lives"
    clock.hours += 5
    assert person.get("/", headers={"X-Unattended": "yes"}).status_code == 200
    clock.hours += 5
    assert person.get("/").status_code == 302, "ten hours after the last click it does not"


class _Clock:
    """Moves the time of signed sessions, and of clicks."""

    def __init__(self, monkeypatch):
        import time

        real, self.hours = time.time, 0
        monkeypatch.setattr(time, "time", lambda: real() + self.hours * 3600)


def test_the_session_cookie_is_not_for_scripts_and_not_for_other_sites(visitor, app):
    visitor("view")
    cookie = visitor().sign_in("viewer").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert isinstance(app.session_interface, SecureCookieSessionInterface)


def test_the_password_page_is_sound_and_says_what_is_wrong(visitor):
    person = visitor("view")
    person.get_page("/account/password")
    answer = person.post("/account/password", {"current": "wrong", "new": "short", "repeated": "other"})
    assert answer.status_code == 422
    assert "Use at least 12 characters." in answer.text
    assert "The two new passwords differ." in answer.text


def test_changing_the_password_needs_the_current_one(visitor):
    person = visitor("view")
    answer = person.post("/account/password", {"current": "wrong", "new": NEW, "repeated": NEW})
    assert answer.status_code == 422
    assert "This is not your current password." in answer.text


def test_a_changed_password_works_and_ends_the_other_sessions(visitor):
    person, elsewhere = visitor("view"), visitor()
    elsewhere.sign_in("viewer")
    answer = person.post("/account/password", {"current": PASSWORD, "new": NEW, "repeated": NEW})
    assert answer.status_code == 303
    page = person.get_page("/", part=False)
    assert "Your password is changed." in text_of(page)
    assert elsewhere.get("/").status_code == 302
    assert visitor().sign_in("viewer", NEW).status_code == 303


def test_the_theme_is_remembered_without_a_script(visitor):
    person = visitor("view")
    answer = person.post("/account/theme", {"theme": "dark", "next": "/account/password"})
    assert answer.location == "/account/password"
    assert '<html lang="en" data-theme="dark">' in person.get("/").text
    person.post("/account/theme", {"theme": ""})
    assert '<html lang="en">' in person.get("/").text


def test_names_are_told_apart_by_their_letters(app, person):
    make_user(app, "Viewer", "view")
    assert person.sign_in("Viewer").status_code == 303
