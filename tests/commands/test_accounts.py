"""Accounts on the command line, and the first administrator."""

import re

import click
import pytest
from sqlalchemy import select

from app import accounts
from app.commands.accounts import ensure_administrator, users
from app.models import User

PASSWORD = "long enough 123"


@pytest.fixture(autouse=True)
def no_administrator_in_the_environment(monkeypatch):
    monkeypatch.delenv("ADMIN_USER", raising=False)
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


@pytest.fixture
def run(app):
    """Runs `flask user` with these words; gives what it said, and fails where it failed."""

    def run(*words, fails=False):
        result = app.test_cli_runner().invoke(users, words)
        assert bool(result.exit_code) == fails, result.output
        return result.output

    return run


def test_the_first_administrator_gets_a_random_password_that_is_printed_once(database, capsys):
    ensure_administrator()
    printed = capsys.readouterr().out
    password = re.search(r"“admin”, with the password (\S+)", printed)[1]
    admin = accounts.find("admin")
    assert admin.role == "admin" and admin.check_password(password) and len(password) >= accounts.SHORTEST_PASSWORD
    ensure_administrator()
    assert capsys.readouterr().out == ""
    assert len(database.session.scalars(select(User)).all()) == 1


def test_two_systems_do_not_get_the_same_password(database, capsys):
    printed = set()
    for _ in range(2):
        ensure_administrator()
        printed.add(capsys.readouterr().out)
        database.session.delete(accounts.find("admin"))
        database.session.commit()
    assert len(printed) == 2


def test_the_environment_can_choose_the_administrator_and_the_password_is_then_not_printed(
    database, monkeypatch, capsys
):
    monkeypatch.setenv("ADMIN_USER", "physicist")
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    ensure_administrator()
    assert accounts.find("physicist").check_password(PASSWORD)
    assert PASSWORD not in capsys.readouterr().out


def test_a_short_password_of_the_environment_is_refused(database, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", "short")
    with pytest.raises(click.ClickException, match=r"ADMIN_PASSWORD can't be used\. A password has"):
        ensure_administrator()
    assert accounts.find("admin") is None


def test_an_account_is_made_listed_changed_and_disabled(run, database):
    run("create", "jane", "--role", "export", "--password", PASSWORD)
    assert run("list") == "jane\texport\n"
    run("set-role", "jane", "admin")
    run("set-password", "jane", "--password", "another " + PASSWORD)
    run("disable", "jane")
    assert run("list") == "jane\tadmin, disabled\n"
    run("disable", "jane", "--undo")
    jane = accounts.find("jane")
    assert jane.active and jane.check_password("another " + PASSWORD)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("create", "jane", "--password", PASSWORD), "There is a user “jane” already."),
        (("create", "joe", "--password", "short"), "A password has at least 12 characters."),
        (("set-password", "jane", "--password", "short"), "A password has at least 12 characters."),
        (("set-role", "nobody", "admin"), "There is no user “nobody”."),
        (("disable", "nobody"), "There is no user “nobody”."),
    ],
)
def test_what_is_not_possible_is_told_in_a_sentence(run, words, sentence):
    run("create", "jane", "--password", PASSWORD)
    assert sentence in run(*words, fails=True)
