"""Signing in and out, and the own password."""

import re
from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import text

from app import accounts, attempts, audit
from app.extensions import db
from app.models import AuditEntry, UserSession
from app.transactions import writing
from app.web.sign_in import _hash_of_nobody
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


def test_a_name_that_nobody_has_takes_as_long_as_one_that_somebody_has(dear_passwords, person):
    """Otherwise the time tells which names there are."""
    _hash_of_nobody.cache_clear()

    def seconds(username):
        start = perf_counter()
        person.sign_in(username, "wrong")
        return perf_counter() - start

    seconds("warms up")
    known, unknown = (min(seconds(username) for _ in range(2)) for username in ("viewer", "nobody"))
    assert 0.5 < known / unknown < 2


def fail(person, times, name="viewer"):
    """Guess wrongly, without waiting."""
    for _ in range(times):
        person.sign_in(name, "wrong")


def move(person, address):
    """Let the person come from elsewhere."""
    person.client.environ_base["REMOTE_ADDR"] = address


def entries(app):
    """What is written down, as action, outcome, user and what."""
    with app.app_context():
        found = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id))
        return [(one.action, one.outcome, one.username, one.what) for one in found]


def test_who_guesses_has_to_wait_and_even_the_right_password_waits(person):
    fail(person, attempts.FREE)
    answer = person.sign_in("viewer")
    assert answer.status_code == 422
    assert re.search(r"Too many attempts. Wait \d+ seconds", answer.text)


@pytest.fixture
def queue_is_away(app, monkeypatch, tmp_path):
    """This process counts alone, and by a clock that tests can move."""
    monkeypatch.setattr(attempts, "_here", attempts.InMemory())
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], redis_url=f"unix://{tmp_path}/absent.sock")


@pytest.mark.usefixtures("queue_is_away")
def test_who_goes_on_guessing_is_locked_for_a_while(person, monkeypatch):
    clock = _Clock(monkeypatch)
    for _ in range(attempts.LOCKED_AT):
        clock.hours += 40 / 3600  # longer than the waits
        person.sign_in("viewer", "wrong")
    assert "Signing in is locked for 15 minutes" in person.sign_in("viewer").text
    clock.hours += 14 / 60
    assert person.sign_in("viewer").status_code == 422
    clock.hours += 2 / 60
    assert person.sign_in("viewer").status_code == 303


def test_many_guesses_at_the_same_moment_are_not_more_than_one_after_another(app, visitor):
    visitor("view")
    with app.test_request_context():
        counts = [attempts.count("viewer", "192.0.2.1") for _ in range(20)]
    assert counts == list(range(1, 21)), "each is counted before its password is looked at"


def test_the_wait_is_for_one_name_at_one_address(person):
    fail(person, attempts.FREE)
    move(person, "192.0.2.7")
    assert person.sign_in("viewer").status_code == 303


def test_one_name_guessed_from_many_addresses_is_locked_but_not_where_its_owner_works(visitor, person):
    for number in range(attempts.LOCKED_AT_ALL):
        move(person, f"192.0.2.{number}")
        person.sign_in("viewer", "wrong")
    move(person, "198.51.100.1")
    assert "Signing in is locked" in person.sign_in("viewer").text
    assert visitor().sign_in("viewer").status_code == 303, "this is where the first session began"


def test_many_names_guessed_from_one_address_lock_it_but_not_for_those_who_work_there(visitor, person):
    visitor("export")
    for number in range(attempts.LOCKED_AT_ALL):
        person.sign_in(f"name{number}", "wrong")
    assert "Signing in is locked" in person.sign_in("unknown").text
    assert person.sign_in("viewer").status_code == 303


def test_a_success_forgets_the_failures(person):
    fail(person, attempts.FREE - 1)
    assert person.sign_in("viewer").status_code == 303
    person.post("/sign-out")
    person.sign_in("viewer", "wrong")
    assert person.sign_in("viewer").status_code == 303


@pytest.mark.usefixtures("queue_is_away")
def test_while_the_queue_is_away_people_sign_in_and_guessing_is_slow(person):
    assert person.sign_in("viewer", "wrong").status_code == 422
    assert person.sign_in("viewer").status_code == 303
    person.post("/sign-out")
    fail(person, attempts.FREE)
    assert "Too many attempts" in person.sign_in("viewer").text


def test_signing_in_and_failing_to_is_written_down_but_nothing_that_may_be_a_password(app, person):
    person.sign_in("viewer", "wrong")
    person.sign_in("my secret password", "viewer")
    person.sign_in("viewer")
    person.post("/sign-out")
    assert entries(app)[2:] == [
        ("sign in", "refused", "viewer", "user viewer"),
        ("sign in", "refused", None, "a user name that nobody has"),
        ("sign in", "done", "viewer", "user viewer"),
        ("sign out", "done", "viewer", "user viewer"),
    ]


def test_a_lock_is_written_down_once(app, person, monkeypatch):
    clock = _Clock(monkeypatch)
    for _ in range(attempts.LOCKED_AT + 3):
        clock.hours += 40 / 3600
        person.sign_in("viewer", "wrong")
    assert [one for one in entries(app) if one[0] == audit.LOCK] == [("lock sign-in", "done", "viewer", "user viewer")]


def test_a_sign_in_that_can_not_be_written_down_is_refused_in_a_sentence(app, person):
    with app.app_context(), writing():
        db.session.execute(text("ALTER TABLE audit_entry RENAME TO gone"))
    answer = person.sign_in("viewer")
    assert answer.status_code == 422
    assert "Signing in has to be written down, and that fails now." in answer.text
    assert "User name or password is wrong." in person.sign_in("viewer", "wrong").text
    assert person.get("/").status_code == 302


def test_a_disabled_account_can_not_sign_in_and_its_session_ends(app, person):
    person.sign_in("viewer")
    with app.app_context(), writing():
        accounts.disable(accounts.find("viewer"))
    assert person.get("/").status_code == 302
    assert person.sign_in("viewer").status_code == 422


def test_signing_out_ends_the_session_for_copies_of_its_cookie_too(visitor):
    person, thief = visitor("view"), visitor()
    thief.client.set_cookie("session", person.client.get_cookie("session").value)
    assert thief.get("/").status_code == 200
    assert person.post("/sign-out").location == "/sign-in"
    assert person.get("/").status_code == 302
    assert thief.get("/").status_code == 302


def test_a_session_that_somebody_planted_before_signing_in_is_worth_nothing_after(app, visitor):
    make_user(app, "viewer", "view")
    thief = visitor()
    thief.get("/sign-in")
    planted = thief.client.get_cookie("session").value
    person = visitor()
    person.client.set_cookie("session", planted)
    person.sign_in("viewer")
    assert person.get("/").status_code == 200
    assert person.client.get_cookie("session").value != planted
    assert thief.get("/").status_code == 302


def test_one_can_sign_out_everywhere(app, visitor):
    person, elsewhere = visitor("view"), visitor()
    elsewhere.sign_in("viewer")
    page = person.get_page("/account")
    assert len(page.findall(".//ul[@class='plain']/li")) == 2
    assert person.post("/account/sign-out-everywhere").location == "/sign-in"
    assert [one.get("/").status_code for one in (person, elsewhere)] == [302, 302]
    assert entries(app)[-1] == ("end sessions", "done", "viewer", "user viewer")


def test_a_session_ends_after_a_week_whatever_is_clicked(app, visitor):
    person = visitor("view")
    with app.app_context(), writing():
        db.session.scalars(db.select(UserSession)).one().begun_at -= timedelta(days=7)
    assert person.get("/").status_code == 302
    assert visitor().sign_in("viewer").status_code == 303
    with app.app_context():
        assert len(db.session.scalars(db.select(UserSession)).all()) == 1, "it is forgotten with the next sign-in"


def test_another_role_counts_from_the_next_click(app, visitor):
    person = visitor("admin")
    assert person.get("/rooms/").status_code == 200
    with app.app_context(), writing():
        accounts.find("adminer").roles = ["viewgroup"]
    assert person.get("/rooms/").status_code == 403
    assert person.get("/").status_code == 200


def test_who_has_no_role_sees_nothing_but_the_own_account(visitor):
    person = visitor("nothing")
    assert person.get("/").status_code == 403
    assert "none yet: an administrator gives them" in text_of(person.get_page("/account"))


def test_a_password_that_somebody_else_chose_is_changed_before_anything_else(app, visitor):
    with app.app_context(), writing():
        accounts.create("jane", PASSWORD, once=True)
    person = visitor()
    assert person.sign_in("jane").status_code == 303
    assert person.get("/ct/").location == "/account/password"
    assert person.get("/ct/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/account/password"
    page = person.get_page("/account/password", part=False)
    assert "Somebody else chose the password that you have." in text_of(page)
    answer = person.post("/account/password", {"current": PASSWORD, "new": PASSWORD, "repeated": PASSWORD})
    assert "This is the old password. Choose another one." in answer.text
    assert person.post("/account/password", {"current": PASSWORD, "new": NEW, "repeated": NEW}).location == "/"
    assert person.get("/").status_code == 200


def test_without_a_password_here_nobody_signs_in_with_one(app, visitor):
    with app.app_context(), writing():
        accounts.create("directory", None)
    for guess in ("", "nobody", "None", PASSWORD):
        assert visitor().sign_in("directory", guess).status_code == 422


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
    assert "The two new passwords differ." in answer.text


def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(visitor):
    person = visitor("view")
    for easy, reason in (("short", "at least 12 characters"), ("Password1234", "little more than common words"),
                         ("I am the viewer here", "must not contain the user name")):  # fmt: skip
        answer = person.post("/account/password", {"current": PASSWORD, "new": easy, "repeated": easy})
        assert answer.status_code == 422
        assert reason in answer.text


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
