"""Accounts on the command line, and the first administrator."""

import re

import click
import pytest
from sqlalchemy import select

from app import accounts, attempts, passwords
from app.commands.accounts import ensure_administrator, users
from app.extensions import db
from app.models import AuditEntry, User

PASSWORD = "long enough 123"


@pytest.fixture(autouse=True)
def no_administrator_in_the_environment(monkeypatch):
    monkeypatch.delenv("ADMIN_USER", raising=False)
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)


@pytest.fixture
def run(app):
    """Runs `flask user` with these words; gives what it said, and fails where it failed."""

    def run(*words, typed="", fails=False):
        result = app.test_cli_runner().invoke(users, words, input=typed)
        assert bool(result.exit_code) == fails, result.output
        return result.output

    return run


def twice(password):
    """As one types it at the prompts."""
    return f"{password}\n{password}\n"


def test_the_first_administrator_gets_a_random_password_that_is_printed_once(database, capsys):
    ensure_administrator()
    printed = capsys.readouterr().out
    password = re.search(r"“admin”, with the password (\S+)", printed)[1]
    admin = accounts.find("admin")
    assert admin.may("admin") and admin.check_password(password) and len(password) >= passwords.SHORTEST
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


@pytest.mark.usefixtures("database")
def test_an_account_is_made_listed_changed_disabled_and_enabled(run):
    run("create", "boss", "--role", "admingroup", typed=twice(PASSWORD))
    run("create", "jane", "--role", "exportgroup", "--role", "pidgroup", "--keep", typed=twice(PASSWORD))
    assert run("list") == "boss\tadmingroup\tnever\njane\texportgroup,pidgroup\tnever\n"
    assert "the roles importsizegroup, admingroup" in run("set-role", "jane", "importsizegroup", "admingroup")
    run("reset-password", "jane", "--password-stdin", typed=f"another {PASSWORD}\n")
    run("disable", "jane")
    assert "jane\timportsizegroup,admingroup\tnever\tdisabled\n" in run("list")
    run("enable", "jane")
    jane = accounts.find("jane")
    assert jane.active and jane.check_password(f"another {PASSWORD}")


@pytest.mark.parametrize(("words", "has_to"), [((), True), (("--keep",), False)])
@pytest.mark.usefixtures("database")
def test_a_password_that_somebody_else_chose_has_to_be_changed_unless_it_may_be_kept(run, words, has_to):
    run("create", "jane", *words, typed=twice(PASSWORD))
    assert accounts.find("jane").must_change_password == has_to
    assert accounts.find("jane").roles == ["viewgroup"]


def test_a_lock_is_lifted(run, app):
    run("create", "jane", typed=twice(PASSWORD))
    with app.app_context():
        for _ in range(attempts.FREE):
            attempts.count("jane", "192.0.2.7")
        assert attempts.seconds_to_wait("jane", "192.0.2.7")
        run("unlock", "jane")
        assert not attempts.seconds_to_wait("jane", "192.0.2.7")


def test_a_password_is_not_taken_as_an_argument(run):
    assert "No such option" in run("create", "jane", "--password", PASSWORD, fails=True)


def test_every_change_of_an_account_is_written_down_without_its_password(run, database):
    run("create", "jane", typed=twice(PASSWORD))
    run("set-role", "jane", "pidgroup")
    run("reset-password", "jane", typed=twice(f"another {PASSWORD}"))
    run("disable", "jane")
    run("enable", "jane")
    entries = database.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    acts = ["create user", "change roles", "reset password", "disable user", "enable user"]
    assert [entry.action for entry in entries] == acts
    assert {entry.what for entry in entries} == {"user jane"}
    assert entries[1].details == {"before": ["viewgroup"], "after": ["pidgroup"]}
    assert PASSWORD not in repr([entry.details for entry in entries])


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (("create", "jane"), PASSWORD, "There is a user “jane” already."),
        (("create", "joe"), "short", "A password has at least 12 characters."),
        (("create", " "), PASSWORD, "A user name has letters or digits"),
        (("create", "j" * 81), PASSWORD, "A user name has at most 80 characters."),
        (("reset-password", "jane"), "short", "A password has at least 12 characters."),
        (("reset-password", "nobody"), "", "There is no user “nobody”."),
        (("set-role", "nobody", "admingroup"), "", "There is no user “nobody”."),
        (("set-role", "jane", "pidgroup"), "", "“jane” is the last administrator."),
        (("disable", "jane"), "", "“jane” is the last administrator."),
        (("disable", "nobody"), "", "There is no user “nobody”."),
        (("enable", "nobody"), "", "There is no user “nobody”."),
    ],
)
def test_what_is_not_possible_is_told_in_a_sentence(run, words, typed, sentence):
    run("create", "jane", "--role", "admingroup", typed=twice(PASSWORD))
    assert sentence in run(*words, typed=twice(typed), fails=True)


@pytest.mark.usefixtures("database")
def test_the_last_administrator_with_a_password_here_stays_one(run):
    run("create", "jane", "--role", "admingroup", typed=twice(PASSWORD))
    accounts.create("directory", None, ["admingroup"])
    db.session.commit()
    assert "last administrator" in run("disable", "jane", fails=True)
