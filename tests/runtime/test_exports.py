"""Exports whose worker is stopped or killed for real, at the worst moments."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from functools import partial

import psutil
import pytest
import sqlalchemy
from sqlalchemy import select

from app import accounts
from app.exports.kinds import KINDS
from app.extensions import db
from app.ingest.receive import receive
from app.jobs import control, housekeeping, upkeep
from app.models import Job
from app.queries.selection import Selection
from app.settings import ROOT
from app.transactions import writing
from tests.factories import ct_report, report_file
from tests.processes import program
from tests.servers import wait_until

# A worker like ours, whose workbooks take for ever at one point.
SLOW = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from app.exports import {module}
def stay(*args, **_options):
    Path({trace!r}).write_text("here")
    {stays}
{module}.{name} = stay
import worker
worker.main(["export"])
"""
PHASES = {
    "its first statement": ("kinds", "Book"),
    "its sheets": ("workbook.Table", "pages"),
    "packing the workbook": ("xlsx_file.Workbook", "close"),
}
STATEMENT = "SELECT pg_sleep(600)"


@pytest.fixture
def job_id(database):
    """An export that waits."""
    receive(report_file(ct_report({"dlp": 100.0})))
    with writing():
        accounts.create("exporter", "a password for tests", ["exportgroup"])
    control.request(KINDS["ct-xlsx"], Selection.from_args("ct", {}), accounts.find("exporter").id)
    return db.session.scalars(select(Job.id)).one()


@pytest.fixture
def slow_worker(settings, tmp_path):
    """Starts a worker that stays in the phase; comes back when it has got there."""

    def start(phase, stays="time.sleep(600)"):
        (module, _, owner), name = PHASES[phase][0].partition("."), PHASES[phase][1]
        trace, script = tmp_path / "here", tmp_path / "slow_worker.py"
        text = SLOW.format(
            root=str(ROOT), module=module, trace=str(trace), name=f"{owner}.{name}" if owner else name, stays=stays
        )
        script.write_text(text)
        trace.unlink(missing_ok=True)
        return program(settings, str(script), output=tmp_path / "worker.log"), trace

    return start


@pytest.fixture
def worker(settings, tmp_path):
    """Starts a worker."""
    return partial(program, settings, "worker.py", "export", output=tmp_path / "other.log")


@pytest.fixture
def files(settings):
    """All files and folders in which exports are made."""
    folder = settings.media_root / "exports"
    return lambda: sorted(path.name for path in folder.rglob("*") if path.is_file() or path.suffix == ".sheets")


def the(job_id):
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def asking(database_url):
    """How many of the statements that take for ever PostgreSQL is at."""
    with sqlalchemy.create_engine(database_url, poolclass=sqlalchemy.NullPool).connect() as connection:
        ours = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = %(statement)s"
        return connection.exec_driver_sql(ours, {"statement": STATEMENT}).scalar()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_abort_ends_the_statement_that_the_database_is_at(database_url, job_id, slow_worker):
    running, _ = slow_worker("its sheets", f"args[0].connection.exec_driver_sql({STATEMENT!r})")
    with running:
        wait_until(lambda: asking(database_url), "the database is at the statement", seconds=30)
        control.abort(the(job_id))
        wait_until(lambda: the(job_id).state == "aborted", "it is aborted", seconds=10)
        wait_until(lambda: not asking(database_url), "the database has heard of it", seconds=5)


@pytest.mark.parametrize("phase", PHASES)
def test_abort_stops_within_two_seconds_whatever_it_is_at_and_leaves_no_file(job_id, slow_worker, files, phase):
    running, trace = slow_worker(phase)
    with running as process:
        wait_until(trace.exists, f"the export is at {phase}", seconds=30)
        began = time.monotonic()
        control.abort(the(job_id))
        wait_until(lambda: the(job_id).state == "aborted", "it is aborted", seconds=10)
        took = time.monotonic() - began
        wait_until(lambda: not files(), "nothing is left", seconds=1)
        assert process.poll() is None, "the worker lives on"
    print(f"aborted at {phase} after {took:.2f} s")
    assert took < 2


def test_a_process_that_is_killed_is_a_failed_export_at_once_which_can_be_started_again(
    job_id, slow_worker, worker, files
):
    running, trace = slow_worker("packing the workbook")
    with running as process:
        wait_until(trace.exists, "the export is being made", seconds=30)
        (horse,) = psutil.Process(process.pid).children()
        horse.kill()
        wait_until(lambda: the(job_id).state == "failed", "it has failed", seconds=5)
    assert "was stopped before it was done" in the(job_id).message and files() == []
    again = control.retry(the(job_id))
    with worker():
        wait_until(lambda: the(again).state == "ready", "it is made", seconds=30)
    assert len(files()) == 2


def test_an_export_whose_worker_is_killed_has_failed_within_a_minute_though_nobody_looks(
    job_id, slow_worker, worker, files
):
    running, trace = slow_worker("its sheets")
    with running as process:
        wait_until(trace.exists, "the export is being made", seconds=30)
        process.kill()
    killed = time.monotonic()
    with worker():  # which the supervisor starts again
        wait_until(lambda: the(job_id).state == "failed", "it has failed", seconds=60)
    print(f"failed {time.monotonic() - killed:.0f} s after its worker was killed")
    assert files() == []


def test_the_page_sees_it_without_another_worker(job_id, slow_worker):
    running, trace = slow_worker("its sheets")
    with running as process:
        wait_until(trace.exists, "the export is being made", seconds=30)
        process.kill()
    wait_until(lambda: housekeeping.settle() or the(job_id).state == "failed", "it has failed", seconds=60)


def test_two_workers_make_two_exports_at_once(job_id, slow_worker, worker):
    running, trace = slow_worker("its sheets")
    with running:
        wait_until(trace.exists, "the first is being made", seconds=30)
        owner = accounts.find("exporter").id
        control.request(KINDS["ct-csv"], Selection.from_args("ct", {}), owner)
        with worker():
            states = lambda: sorted(db.session.scalars(select(Job.state)))  # noqa: E731
            wait_until(lambda: db.session.rollback() or states() == ["ready", "running"], "the second is made", 30)


def age(settings, **past):
    """Let everything in the folder of exports be older."""
    then = time.time() - timedelta(**past).total_seconds()
    for path in (settings.media_root / "exports").rglob("*"):
        os.utime(path, (then, then))


def copy_database(settings, copy, back=False):
    """Keep the database in a file, or restore it from there."""
    with closing(sqlite3.connect(settings.instance / "openrem.db")) as live, closing(sqlite3.connect(copy)) as kept:
        (kept if back else live).backup(live if back else kept)


def test_what_a_killed_worker_left_is_swept_though_a_restored_database_knows_of_no_job(
    app, settings, database, slow_worker, files, tmp_path
):
    receive(report_file(ct_report({"dlp": 100.0})))
    copy_database(settings, tmp_path / "backup.db")
    control.request(KINDS["ct-xlsx"], Selection.from_args("ct", {}), None)
    running, trace = slow_worker("packing the workbook")
    with running as process:
        wait_until(trace.exists, "the export is being made", seconds=30)
        age(settings, days=2)
        assert upkeep.sweep_exports() == 0 and files(), "its job is running"
        (horse,) = psutil.Process(process.pid).children()
        process.kill()
        horse.kill()
        horse.wait()
    left = files()
    assert left, "nobody tidies up after who was killed"
    db.session.rollback()
    copy_database(settings, tmp_path / "backup.db", back=True)
    assert db.session.scalars(select(Job)).all() == []
    age(settings, hours=23)
    assert upkeep.sweep_exports() == 0 and files() == left, "the database may be exchanged again"
    age(settings, days=2)
    upkeep.tend()
    assert files() == [] and not list((settings.media_root / "exports").rglob("*.sheets"))


def test_what_a_job_knows_stays_and_so_does_what_is_not_ours(settings, job_id, worker, files):
    with worker():
        wait_until(lambda: the(job_id).state == "ready", "it is made", seconds=30)
    made = files()
    folder = (settings.media_root / the(job_id).result).parent
    (folder / f"{made[-1]}.part").write_text("half")
    (folder / f"{made[-1]}.part.sheets").mkdir()
    (folder / "ct-studies-00000000.xlsx").write_text("of a job that is forgotten")
    (folder / "ct-studies-00000000.json").write_text("its story")
    (folder / "notes.txt").write_text("somebody's own")
    age(settings, days=2)
    assert upkeep.sweep_exports() == 4
    assert files() == sorted([*made, "notes.txt"])
