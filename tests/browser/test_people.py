"""Signing in, users and roles in a real browser, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from app import attempts
from tests.web.visitor import make_user

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
NEW = "another long password"


def sign_in(page, username, password):
    """Fill in the form."""
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@SCRIPTS
def test_an_administrator_makes_a_user_who_chooses_a_password_and_sees_what_the_roles_allow(
    app, served, open_window, scripts
):
    make_user(app, "boss", "admin")
    boss = open_window(served, "/users/", "boss", scripts)
    boss.get_by_role("link", name="New user…").click()
    boss.get_by_label("User name").fill("jane")
    boss.get_by_label("View and export").check()
    boss.get_by_role("button", name="Create user").click()
    expect(boss.get_by_role("heading", level=1)).to_have_text("User created")
    password = boss.locator("#once").inner_text()

    jane = open_window(served, "/", scripts=scripts)
    sign_in(jane, "jane", password)
    expect(jane.get_by_text("Somebody else chose the password that you have.")).to_be_visible()
    jane.get_by_label("Current password").fill(password)
    jane.get_by_label("New password", exact=True).fill("Password1234")
    jane.get_by_label("New password again").fill("Password1234")
    jane.get_by_role("button", name="Change password").click()
    expect(jane.locator("#new-error")).to_contain_text("little more than common words")
    jane.get_by_label("Current password").fill(password)
    jane.get_by_label("New password", exact=True).fill(NEW)
    jane.get_by_label("New password again").fill(NEW)
    jane.get_by_role("button", name="Change password").click()
    expect(jane.get_by_text("Your password is changed.")).to_be_visible()
    expect(jane.get_by_role("link", name="Exports")).to_be_visible()
    jane.locator("summary", has_text="jane").click()
    expect(jane.get_by_text("Signed in as jane, viewgroup, exportgroup")).to_be_visible()
    expect(jane.get_by_role("link", name="Users")).to_have_count(0)

    boss.goto("/users/")
    boss.get_by_role("link", name="jane").click()
    boss.get_by_label("View and export").uncheck()
    boss.get_by_role("button", name="Save").click()
    expect(boss.get_by_text("Saved. The roles count from the next click.")).to_be_visible()
    jane.goto("/")
    expect(jane.get_by_role("link", name="Exports")).to_have_count(0)

    boss.get_by_role("link", name="Disable…").click()
    boss.get_by_role("button", name="Disable jane").click()
    expect(boss.get_by_text("jane may not sign in any more, and is signed out everywhere.")).to_be_visible()
    jane.goto("/")
    expect(jane.get_by_role("button", name="Sign in")).to_be_visible()


@SCRIPTS
def test_who_guesses_is_told_to_wait_and_an_administrator_lifts_it(app, served, open_window, scripts):
    make_user(app, "jane", "view")
    make_user(app, "boss", "admin")
    jane = open_window(served, "/", scripts=scripts)
    for _ in range(attempts.FREE):
        sign_in(jane, "jane", "wrong")
        expect(jane.get_by_role("alert")).to_contain_text("User name or password is wrong.")
    with app.app_context():
        for _ in range(attempts.LOCKED_AT):
            attempts.count("jane", "127.0.0.1")
    sign_in(jane, "jane", "wrong")
    expect(jane.get_by_role("alert")).to_contain_text("Signing in is locked for 15 minutes")
    boss = open_window(served, "/users/", "boss", scripts)
    expect(boss.get_by_role("row", name="jane")).to_contain_text("locked until")
    boss.get_by_role("link", name="jane").click()
    boss.get_by_role("button", name="Unlock").click()
    expect(boss.get_by_text("jane may try to sign in again at once.")).to_be_visible()
    sign_in(jane, "jane", "a password for tests")
    expect(jane.locator("summary", has_text="jane")).to_be_visible()


@SCRIPTS
def test_one_signs_out_everywhere(app, served, open_window, scripts):
    make_user(app, "jane", "view")
    here, there = (open_window(served, "/account", "jane", scripts) for _ in range(2))
    expect(there.get_by_role("listitem").filter(has_text="this one")).to_have_count(1)
    there.get_by_role("button", name="Sign out everywhere").click()
    expect(there.get_by_role("button", name="Sign in")).to_be_visible()
    here.goto("/")
    expect(here.get_by_role("button", name="Sign in")).to_be_visible()
