"""What commands say where they can't work."""

from dataclasses import replace

import flask_migrate
import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from app.commands import importer


@pytest.fixture
def say(settings):
    """What a command says on a site whose database is not there yet, or as wished."""

    def say(*words, **wishes):
        return create_app(replace(settings, **wishes)).test_cli_runner().invoke(args=words)

    return say


@pytest.mark.parametrize("words", [("show", "1.2.3"), ("user", "list"), ("audit", "verify"), ("quarantine", "list")])
def test_without_tables_a_command_says_how_to_make_them(say, words):
    told = say(*words)
    assert told.exit_code == 1
    assert told.output.startswith("Error: The database ") and "flask db upgrade" in told.output
    assert "Traceback" not in told.output and "SELECT" not in told.output


def test_a_command_says_that_the_database_is_away_and_not_its_password(say):
    told = say("show", "1.2.3", database_url="postgresql+psycopg://me:secret@127.0.0.1:9/openrem")
    assert told.exit_code == 1
    assert told.output.startswith("Error: The database does not answer") and "secret" not in told.output


def test_a_mistake_of_ours_is_not_held_to_be_the_database_s(app, monkeypatch):
    def fail(*_):
        raise OperationalError("SELECT", {}, ValueError("a mistake of ours"))

    monkeypatch.setattr(importer, "everything", fail)
    with app.app_context():
        flask_migrate.stamp()
    told = app.test_cli_runner().invoke(args=["show", "1.2.3"])
    assert isinstance(told.exception, OperationalError)
