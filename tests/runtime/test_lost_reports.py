"""An object in the spool is read in the end, whatever became of the worker that was to read it."""

import logging
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest
from redis.connection import AbstractConnection as Connection
from rq.job import Job

from app import astray, queue
from app.network.listener import Listener
from app.queue import INGEST, ingest_job_id
from app.settings import ROOT
from tests.network.sender import dose_report, send
from tests.processes import program
from tests.servers import wait_until

TAKEN = "rq:queue:ingest:intermediate"  # where RQ keeps a job between the queue and the worker's beginning

# A worker like ours, which takes so many seconds for each object.
SLOW = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from app.jobs import ingest
deal_with = ingest.deal_with
def slowly(file):
    Path({trace!r}).open("a").write(".")
    time.sleep({seconds})
    return deal_with(file)
ingest.deal_with = slowly
import worker
worker.main(["ingest"])
"""


@pytest.fixture
def settings(settings):
    """The usual ones, with a sweep that does not make tests slow."""
    return replace(settings, sweep_seconds=1)


@pytest.fixture
def start_worker(settings, tmp_path):
    """Starts a worker for objects; its words are in worker.log."""
    return partial(program, settings, "worker.py", INGEST, output=tmp_path / "worker.log")


@pytest.fixture
def slow_worker(settings, tmp_path):
    """Starts a worker that is slow, and says how often it has begun."""

    def start(seconds):
        trace, script = tmp_path / "begun", tmp_path / "slow_worker.py"
        trace.touch()
        script.write_text(SLOW.format(root=str(ROOT), trace=str(trace), seconds=seconds))
        return program(settings, str(script), output=tmp_path / "slow.log"), lambda: len(trace.read_text())

    return start


@contextmanager
def listening(settings):
    listener = Listener(settings)
    listener.start()
    try:
        yield
    finally:
        listener.stop()


def waiting_for_work(redis_server):
    return any(client["cmd"] == "blmove" for client in redis_server.client.client_list())


def spool(settings):
    return list(settings.spool.glob("*.dcm"))


def test_an_object_whose_reader_was_killed_while_taking_it_is_read_soon(app, settings, redis_server, start_worker):
    with listening(settings):
        with start_worker() as worker:
            wait_until(lambda: waiting_for_work(redis_server), "the worker waits")
            worker.send_signal(signal.SIGSTOP)
            assert send(settings, dose_report()) == [0]
            wait_until(lambda: redis_server.client.llen(TAKEN) == 1, "the worker has taken it")
            worker.kill()
        with start_worker():
            wait_until(lambda: not spool(settings), "the object was read")
    assert not redis_server.client.exists(TAKEN)


def test_an_object_whose_reader_was_killed_while_reading_it_is_read_within_seconds(
    app, settings, redis_server, start_worker, slow_worker
):
    slow, begun = slow_worker(600)
    with listening(settings), slow as worker:
        assert send(settings, dose_report()) == [0]
        wait_until(begun, "it is being read")
        with start_worker():
            wait_until(lambda: waiting_for_work(redis_server), "another worker waits")
            time.sleep(astray.ALIVE_SECONDS)
            assert spool(settings), "the one that reads is left in peace"
            worker.kill()
            wait_until(lambda: not spool(settings), "the object was read", seconds=12)
            wait_until(lambda: not redis_server.client.zcard("rq:wip:ingest"), "nobody is held to read it")


def test_an_object_that_takes_long_is_left_to_the_worker_that_reads_it(app, settings, slow_worker, caplog):
    slow, begun = slow_worker(2 * astray.ALIVE_SECONDS)
    with listening(settings), slow:
        assert send(settings, dose_report()) == [0]
        wait_until(lambda: not spool(settings), "the object was read", seconds=60)
    assert begun() == 1
    assert "told the queue again" not in caplog.text


def test_an_object_whose_reading_failed_is_read_once_the_fault_has_passed(
    app, settings, redis_server, start_worker, monkeypatch, caplog
):
    in_the_way = settings.media_root / "dicom_refused"
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.touch()  # a file where the reader wants a folder
    with listening(settings), start_worker():
        send(settings, dose_report())
        (path,) = spool(settings)
        job = Job.fetch(ingest_job_id(path), connection=redis_server.client)
        wait_until(lambda: job.get_status() == "failed", "the reading failed twice")
        assert astray.unheard_of(settings, [path]) == ([], []), "it is left alone for a while"
        in_the_way.unlink()
        monkeypatch.setattr(astray, "LATELY_SECONDS", -1)  # the while is over
        wait_until(lambda: not spool(settings), "the object was read")
    assert "told the queue again of 1 files whose reading was interrupted or failed" in caplog.text
    wait_until(lambda: not redis_server.client.exists("rq:failed:ingest"), "the failure is forgotten")


def test_objects_that_wait_in_a_busy_queue_are_asked_for_once(app, settings, start_worker, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    settings.spool.mkdir(parents=True)
    for number in range(400):
        (settings.spool / f"{number}.dcm").write_bytes(b"")
    with listening(settings):
        wait_until(lambda: "told the queue of 400 files" in caplog.text, "the queue was told")
        with start_worker():
            wait_until(lambda: not spool(settings), "all were read", seconds=60)
    assert caplog.text.count("told the queue") == 1
    assert (tmp_path / "worker.log").read_text().count(".dcm: ") == 400


def test_a_sweep_asks_the_queue_as_often_for_many_files_as_for_one(settings, redis_server, monkeypatch):
    paths = [settings.spool / f"{number}.dcm" for number in range(300)]
    for path in paths:
        queue.enqueue_ingest(settings, path)
    asked = []
    ask = Connection.send_packed_command
    monkeypatch.setattr(
        Connection, "send_packed_command", lambda *args, **named: asked.append(1) or ask(*args, **named)
    )
    assert astray.unheard_of(settings, paths) == ([], [])
    assert len(asked) == 2  # what it cares for, and which of the files it knows
