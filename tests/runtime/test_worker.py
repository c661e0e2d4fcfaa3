import os
import signal
import time
from dataclasses import replace
from functools import partial

import pytest
from rq.job import Job
from rq.registry import StartedJobRegistry

from app.queue import EXPORT, INGEST, enqueue
from tests.processes import living, program
from tests.servers import wait_until

KINDS = pytest.mark.parametrize("queue_name", [INGEST, EXPORT])


@pytest.fixture
def start_worker(settings, tmp_path):
    """Starts a worker as a process of its own; its words are in worker.log."""
    return partial(program, settings, "worker.py", output=tmp_path / "worker.log")


def state(redis_server, job_id):
    return Job.fetch(job_id, connection=redis_server.client).get_status()


@KINDS
def test_a_job_is_done_and_forgotten(settings, redis_server, start_worker, tmp_path, queue_name):
    trace = tmp_path / "trace"
    with start_worker(queue_name):
        enqueue(settings, queue_name, "tests.example_jobs.write", str(trace), job_id="one")
        wait_until(trace.exists, "the job was done")
        wait_until(lambda: not redis_server.client.exists("rq:job:one"), "the queue forgot it")


@KINDS
def test_a_failed_job_says_why_and_the_worker_lives_on(settings, redis_server, start_worker, tmp_path, queue_name):
    tries, trace = tmp_path / "tries", tmp_path / "trace"
    with start_worker(queue_name):
        enqueue(settings, queue_name, "tests.example_jobs.fail", str(tries), job_id="bad")
        enqueue(settings, queue_name, "tests.example_jobs.write", str(trace))
        wait_until(trace.exists, "the next job was done")
        wait_until(lambda: state(redis_server, "bad") == "failed", "the job has failed")
    assert len(tries.read_text().splitlines()) == (2 if queue_name == INGEST else 1)
    log = (tmp_path / "worker.log").read_text()
    assert "example_jobs.py" in log and "raise ValueError" in log


@KINDS
def test_an_error_that_nobody_caught_is_told_without_its_words(
    settings, redis_server, start_worker, tmp_path, queue_name
):
    with start_worker(queue_name):
        enqueue(settings, queue_name, "tests.example_jobs.fail_with_a_patient", job_id="bad")
        wait_until(lambda: state(redis_server, "bad") == "failed", "the job has failed")
    redis_server.client.save()
    places = [tmp_path / "worker.log", *(path for path in redis_server.folder.rglob("*") if path.is_file())]
    told = b"".join(path.read_bytes() for path in places)
    assert b"fail_with_a_patient" in told and b"anarienvogel" not in told


def test_a_wrong_setting_is_said_in_a_sentence(settings, tmp_path):
    wrong, output = replace(settings, patient_id="sometimes"), tmp_path / "worker.log"
    with program(wrong, "worker.py", INGEST, output=output) as worker:
        assert worker.wait(timeout=60) == 1
    log = output.read_text()
    assert log.startswith("OpenREM can't start. PATIENT_ID is “sometimes”") and "Traceback" not in log


def test_a_job_that_crashes_takes_only_itself_down(settings, redis_server, start_worker, tmp_path):
    trace = tmp_path / "trace"
    with start_worker(EXPORT):
        enqueue(settings, EXPORT, "tests.example_jobs.crash", job_id="bad")
        enqueue(settings, EXPORT, "tests.example_jobs.write", str(trace))
        wait_until(trace.exists, "the next job was done")
    assert state(redis_server, "bad") == "failed"


def test_an_object_whose_reader_was_killed_is_read_again(settings, redis_server, run_jobs, start_worker, tmp_path):
    trace = tmp_path / "pid"
    with start_worker(INGEST) as worker:
        enqueue(settings, INGEST, "tests.example_jobs.never_end_at_first", str(trace), job_id="one")
        wait_until(trace.exists, "the job has begun")
        worker.kill()
    StartedJobRegistry(INGEST, connection=redis_server.client).cleanup(timestamp=time.time() + 1000)
    run_jobs(INGEST)
    assert trace.read_text() == "done"


@KINDS
def test_each_job_sees_a_clean_database_session(settings, start_worker, tmp_path, queue_name):
    broken, answer = tmp_path / "broken", tmp_path / "answer"
    with start_worker(queue_name):
        enqueue(settings, queue_name, "tests.example_jobs.break_session", str(broken))
        enqueue(settings, queue_name, "tests.example_jobs.use_session", str(answer))
        wait_until(lambda: answer.exists() and answer.read_text() == "42", "the session could be used")
    assert broken.exists()


@KINDS
def test_the_queue_may_come_late_and_go_away(settings, redis_of_our_own, tmp_path, queue_name):
    settings = replace(settings, redis_url=redis_of_our_own.url)
    redis_of_our_own.stop()
    with program(settings, "worker.py", queue_name, output=tmp_path / "worker.log") as worker:
        wait_until(lambda: "waiting for the queue" in (tmp_path / "worker.log").read_text(), "it waits")
        for name in ("first", "second"):
            redis_of_our_own.start()
            enqueue(settings, queue_name, "tests.example_jobs.write", str(tmp_path / name))
            wait_until((tmp_path / name).exists, f"the {name} job was done")
            redis_of_our_own.stop()
        redis_of_our_own.start()
        assert worker.poll() is None


@KINDS
def test_a_worker_that_is_told_to_stop_finishes_its_job(settings, start_worker, tmp_path, queue_name):
    trace = tmp_path / "trace"
    with start_worker(queue_name) as worker:
        enqueue(settings, queue_name, "tests.example_jobs.write_slowly", str(trace))
        wait_until((tmp_path / "trace.begun").exists, "the job has begun")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
    assert trace.exists()


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="only Linux tells a process that its parent ended")
def test_a_job_does_not_outlive_a_worker_that_was_killed(settings, start_worker, tmp_path):
    trace = tmp_path / "pid"
    with start_worker(EXPORT) as worker:
        enqueue(settings, EXPORT, "tests.example_jobs.never_end", str(trace))
        job_process = int(wait_until(lambda: trace.exists() and trace.read_text(), "the job has begun"))
        worker.kill()
        wait_until(lambda: not living({job_process}), "the job's process ended")


def test_a_queue_that_does_not_exist_is_refused_with_a_sentence(start_worker, tmp_path):
    with start_worker("exprot") as worker:
        assert worker.wait(timeout=60) == 1
    assert (tmp_path / "worker.log").read_text() == "Say which queues to serve: ingest, export.\n"
