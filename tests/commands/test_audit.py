"""`flask audit`: what it says of the record of who has done what."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from app import audit
from app.commands.up import _web_and_workers
from app.extensions import db
from app.models import AuditEntry
from app.transactions import writing
from tests.trail.test_chain import HEAD, TABLE, act, by_hand, told, unguard


@pytest.fixture
def flask(app):
    """Runs a command; gives its exit code and what it said."""

    def run(*words):
        result = app.test_cli_runner().invoke(args=["audit", *words])
        return result.exit_code, result.output

    return run


def test_a_whole_chain_is_called_whole(app, flask):
    with app.app_context():
        act(3)
    assert flask("verify") == (0, "The chain is whole: 3 entries, none changed, taken away or added.\n")


def test_a_change_is_told_and_the_exit_code_says_so_too(app, flask):
    with app.app_context():
        act(3)
        unguard()
        by_hand(update(TABLE).where(TABLE.c.id == 2).values(what="nothing"))
    code, output = flask("verify")
    assert code == 1
    assert "Entry 2 was changed" in output and "The 1 entry before that" in output and "flask db upgrade" in output


def test_a_database_that_guards_nothing_is_told_of(app, flask):
    with app.app_context():
        act()
        unguard()
    code, output = flask("verify")
    assert code == 1 and "The chain is whole" in output and "does not guard" in output


def test_a_backup_that_was_restored_is_written_down_and_the_chain_goes_on(app, flask):
    with app.app_context():
        act(2)
        backup = db.session.execute(select(*HEAD.columns)).one()._asdict()
        act(3)
        unguard()
        by_hand(delete(TABLE).where(TABLE.c.id > 2), update(HEAD).values(backup))
    code, output = flask("verify")
    assert code == 1 and "5 entries were written, the last that is there is 2" in output
    assert flask("restored") == (0, "Written down: A backup with 2 entries; 5 had been written.\n")
    with app.app_context():
        newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (newest.action, newest.details) == (audit.RESTORE, {"entries": 2, "written": 5})
    assert "The chain is whole: 3 entries" in flask("verify")[1]


def test_where_nothing_is_missing_nothing_is_written_down(app, flask):
    assert flask("restored")[0] == 1
    with app.app_context():
        act()
    assert flask("restored") == (0, "Nothing is missing, and nothing was written down.\n")
    with app.app_context():
        assert told() == ["export 0"]


def test_a_change_is_not_taken_for_a_restored_backup(app, flask):
    with app.app_context():
        act(3)
        unguard()
        by_hand(update(TABLE).where(TABLE.c.id == 2).values(what="nothing"))
    code, output = flask("restored")
    assert code == 1 and "Entry 2 was changed" in output


def test_without_a_server_nothing_is_forwarded(flask):
    assert flask("forward") == (1, "Error: SYSLOG_HOST names no server.\n")


def test_the_whole_system_forwards_where_a_server_is_named(settings):
    names = [program.name for program in _web_and_workers(replace(settings, syslog_host="log.example"))]
    assert "syslog" in names and "syslog" not in [program.name for program in _web_and_workers(settings)]


def test_an_entry_of_the_command_line_says_so(app):
    with app.app_context():
        with writing():
            audit.record(audit.EXPORT, "act")
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.username, entry.remote_address) == (None, None)
