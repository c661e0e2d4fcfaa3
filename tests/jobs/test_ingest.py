"""What becomes of a file that the listener left in the spool."""

import errno
import os
import shutil
import signal
import sqlite3
import time
from contextlib import contextmanager, nullcontext
from dataclasses import replace

import psycopg
import pytest
from rq.timeouts import JobTimeoutException
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.ingest.receive import receive
from app.jobs.ingest import PATIENT_SECONDS, PAUSES, ingest
from app.jobs.quarantine import try_again
from app.jobs.reading import TOO_LONG
from app.models import Original, Refusal, Study
from app.queue import INGEST, TIMEOUT_SECONDS

FLASH = "CT-RDSR-Siemens_Flash-TAP-SS.dcm"


@pytest.fixture
def spooled(settings, dicom_folder):
    """Puts a real file into the spool and gives its path."""

    def spool(name: str) -> str:
        settings.spool.mkdir(parents=True, exist_ok=True)
        return shutil.copy(dicom_folder / name, settings.spool / "0f3a.dcm")

    return spool


def kept(settings, folder: str) -> list[str]:
    """The names of the files kept in a folder of the media."""
    return sorted(path.name for path in (settings.media_root / folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("keeps", [True, False])
def test_a_report_is_read_and_kept_where_the_site_wants_that(app, database, settings, spooled, keeps):
    app.config["SETTINGS"] = replace(settings, rm_dcm_rdsr=not keeps)
    assert ingest(spooled(FLASH)) == "imported"
    assert db.session.scalars(select(Study)).one().dlp_total == 724.52
    assert kept(settings, "spool") == []
    assert (db.session.scalar(select(Original.kept)) is not None) == keeps


@pytest.mark.parametrize("deletes", [True, False])
def test_of_what_says_nothing_of_dose_a_line_stays_and_the_file_where_the_site_wants_that(
    app, database, settings, spooled, deletes
):
    app.config["SETTINGS"] = replace(settings, rm_dcm_nomatch=deletes)
    assert ingest(spooled("ESR_non-dose.dcm")) == "not a dose object"
    assert kept(settings, "dicom_refused") == ([] if deletes else ["0f3a.dcm"])
    assert kept(settings, "spool") == []
    refusal = db.session.scalars(select(Refusal)).one()
    assert "Diagnostic Imaging Report" in refusal.reason and refusal.kept != deletes


def test_a_file_that_was_dealt_with_already_does_no_harm(database, settings, spooled):
    path = spooled(FLASH)
    assert ingest(path) == "imported"
    assert ingest(path) == "gone"


def test_a_job_that_ran_half_and_runs_again_stores_the_report_once(database, settings, spooled):
    # A worker may die between storing a report and moving its file.
    ingest(spooled(FLASH))
    assert ingest(spooled(FLASH)) == "duplicate"
    assert len(db.session.scalars(select(Study)).all()) == 1


def test_an_object_that_kills_its_readers_is_refused_in_the_end(database, settings, spooled):
    # A process that is killed takes nothing back: each of its tries stays counted.
    path = spooled(FLASH)
    (settings.spool / "0f3a.tries").write_bytes(b"...")
    assert ingest(path) == "failed"
    assert "stopped the worker 3 times" in db.session.scalars(select(Refusal)).one().reason
    assert kept(settings, "spool") == []


def test_a_fault_of_the_database_is_not_counted_against_the_object(database, settings, spooled, monkeypatch):
    def fail(*_, **__):
        raise OperationalError("select", {}, Exception())

    path = spooled(FLASH)
    with monkeypatch.context() as broken:
        broken.setattr("app.jobs.reading.receive", fail)
        for _ in range(5):
            with pytest.raises(OperationalError):
                ingest(path)
    assert ingest(path) == "imported"


def faults():
    """What comes of a database that is away and of a disk that is full."""
    away = OperationalError("select", {}, psycopg.OperationalError("connection failed"))
    stopped = OperationalError("select", {}, psycopg.errors.AdminShutdown())
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorname = "SQLITE_BUSY"
    return [away, stopped, OperationalError("select", {}, locked), OSError(errno.ENOSPC, "No space left on device")]


@pytest.mark.parametrize("fault", faults())
def test_a_worker_waits_with_the_object_while_the_database_is_away_or_the_disk_full(
    database, settings, spooled, monkeypatch, fault
):
    """Else everything that waits would fail within a second, and be left alone for ten minutes."""
    tries = []

    def fail_at_first(*args, **named):
        tries.append(1)
        if len(tries) < 4:
            raise fault
        return receive(*args, **named)

    monkeypatch.setattr("app.jobs.reading.receive", fail_at_first)
    monkeypatch.setattr("app.jobs.ingest.PAUSES", (0,) * 5)
    assert ingest(spooled(FLASH)) == "imported"
    assert len(tries) == 4 and kept(settings, "spool") == []


def test_a_worker_does_not_wait_for_ever(database, settings, spooled, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.jobs.reading.receive", fail)
    monkeypatch.setattr("app.jobs.ingest.PAUSES", (0,) * 5)
    with pytest.raises(OSError, match="No space"):
        ingest(spooled(FLASH))
    assert kept(settings, "spool") == ["0f3a.dcm"]


DAY = 24 * 3600


def refused():
    return OperationalError("insert", {}, psycopg.errors.ProgramLimitExceeded())


def cut_off():
    return OperationalError("insert", {}, psycopg.OperationalError("the server closed it"), connection_invalidated=True)


@pytest.mark.parametrize(
    ("fault", "days", "others_are_read", "is_refused"),
    [
        (refused(), 4, True, True),
        (refused(), 2, True, False),
        (refused(), 4, False, False),
        (OSError(errno.EIO, "Input/output error"), 4, True, True),
        (cut_off(), 4, True, True),
        (cut_off(), 4, False, False),
        (OSError(errno.ENOSPC, "No space left on device"), 4, True, False),
    ],
)
def test_an_object_that_fails_for_days_while_others_are_read_is_refused_in_the_end(
    database, settings, spooled, monkeypatch, fault, days, others_are_read, is_refused
):
    """Else it would be tried for ever, and nobody would know."""

    def fail(*_, **__):
        raise fault

    if others_are_read:
        assert ingest(spooled("MG-RDSR-Hologic_2D.dcm")) == "imported"
    path = spooled(FLASH)
    os.utime(path, (time.time() - days * DAY,) * 2)
    monkeypatch.setattr("app.jobs.ingest.PAUSES", (0,) * 2)
    with monkeypatch.context() as broken:
        broken.setattr("app.jobs.reading.receive", fail)
        with nullcontext() if is_refused else pytest.raises(type(fault)):
            assert ingest(path) == "failed"
    assert bool(kept(settings, "spool")) != is_refused
    if is_refused:
        refusal = db.session.scalars(select(Refusal)).one()
        assert type(fault).__name__ in refusal.reason and refusal.kept
        assert try_again(refusal.id) == "imported"


@contextmanager
def alarm(seconds):
    """Time is up after so long, as workers have it."""

    def ring(*_):
        raise JobTimeoutException

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_object_that_waits_for_the_database_until_time_is_up_is_read_later(database, settings, spooled, monkeypatch):
    path = spooled(FLASH)
    with monkeypatch.context() as silent, alarm(0.2):
        silent.setattr("app.jobs.reading.receive", lambda *_, **__: time.sleep(20))
        with pytest.raises(JobTimeoutException):
            ingest(path)
    assert ingest(path) == "imported"


def busy(*_, **__):
    while True:
        pass


def test_an_object_that_takes_too_long_to_read_is_refused(database, settings, spooled, monkeypatch):
    monkeypatch.setattr("app.jobs.reading.receive", busy)
    monkeypatch.setattr("app.jobs.reading.BUSY_SECONDS", 0.1)
    with alarm(0.5):
        assert ingest(spooled(FLASH)) == "failed"
    assert db.session.scalars(select(Refusal)).one().reason == TOO_LONG


def test_what_took_too_long_and_cannot_be_refused_now_is_not_read_without_a_limit(
    database, settings, spooled, monkeypatch
):
    """The alarm of a job rings once: a worker would read such an object for ever."""

    def away(*_, **__):
        raise faults()[0]

    monkeypatch.setattr("app.jobs.reading.receive", busy)
    monkeypatch.setattr("app.jobs.reading.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("app.jobs.ingest.PATIENT_SECONDS", 0.3)
    monkeypatch.setattr("app.jobs.ingest.PAUSES", (0,) * 5)
    monkeypatch.setattr("app.jobs.quarantine.refuse", away)
    with alarm(0.5), pytest.raises(OperationalError):
        ingest(spooled(FLASH))
    assert kept(settings, "spool") == ["0f3a.dcm"]


def test_it_waits_less_than_a_job_may_take():
    assert sum(PAUSES) < PATIENT_SECONDS <= TIMEOUT_SECONDS[INGEST] - 20
