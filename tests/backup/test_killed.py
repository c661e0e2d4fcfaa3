"""Whoever is killed while a site is saved or restored leaves nothing that looks whole."""

import os
import subprocess
import sys

import flask_migrate
import pytest
from sqlalchemy import func, select

from app import create_app
from app.backup import UNFINISHED
from app.extensions import db
from app.models import Study
from app.settings import ROOT, load
from bench.web import archive
from tests.backup.test_restore import flask
from tests.processes import program
from tests.servers import wait_until

STUDIES = 4_000

pytestmark = pytest.mark.skipif(os.uname().sysname != "Linux", reason="looks into /proc")


@pytest.fixture
def old(tmp_path, redis_server):
    app = create_app(load({"INSTANCE": str(tmp_path / "old"), "REDIS_URL": redis_server.url}))
    with app.app_context():
        flask_migrate.upgrade()
        archive.make(db.engine, STUDIES)
    yield app
    with app.app_context():
        db.engine.dispose()


def begin(app, *words):
    """Starts a command in a process of its own."""
    settings = app.config["SETTINGS"]
    names = ("INSTANCE", "REDIS_URL", "DATABASE_URL")
    told = dict(os.environ) | {name: str(getattr(settings, name.lower())) for name in names}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_killed_backup_leaves_no_backup(old, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    process = begin(old, "backup", folder)
    wait_until(lambda: [path for path in folder.iterdir() if path.stat().st_size], "it writes", 60)
    process.kill()
    process.wait()
    assert [path.suffix for path in folder.iterdir()] == [".part"]
    assert flask(old, "backup", folder)[0] == 0
    assert [path.suffix for path in folder.iterdir()] == [".tar"]


def test_a_killed_restore_leaves_an_empty_site_that_can_be_restored(old, tmp_path, redis_server, database_url):
    backup = tmp_path / "backup.tar"
    assert flask(old, "backup", backup)[0] == 0
    given = {"INSTANCE": str(tmp_path / "new"), "REDIS_URL": redis_server.url, "DATABASE_URL": database_url}
    new = create_app(load(given))
    process = begin(new, "restore", backup)
    wait_until((tmp_path / "new" / UNFINISHED).exists, "it fills the database", 60)
    process.kill()
    process.wait()
    with program(new.config["SETTINGS"], "worker.py", "ingest", output=tmp_path / "worker.log") as worker:
        assert worker.wait(timeout=60) == 1
    assert "run flask restore again" in (tmp_path / "worker.log").read_text()
    with new.app_context():
        there = db.inspect(db.engine).has_table("study") and db.session.scalar(select(func.count(Study.id)))
        assert not there
        db.session.remove()
    assert flask(new, "restore", backup)[0] == 0
    with new.app_context():
        assert db.session.scalar(select(func.count(Study.id))) == STUDIES
        db.session.remove()
        db.engine.dispose()
    assert not (tmp_path / "new" / UNFINISHED).exists()
