import time
from pathlib import Path

import pytest
from rq.job import Job

from app.astray import ASTRAY_SECONDS, bring_back, tell_alive, unheard_of
from app.queue import EXPORT, enqueue, enqueue_ingest, forget, ingest_job_id, queue_of


def waiting(redis_server, queue_name):
    return redis_server.client.llen(f"rq:queue:{queue_name}")


def test_asking_twice_for_a_file_is_harmless(settings, redis_server):
    path = settings.spool / "9f0c.dcm"
    assert enqueue_ingest(settings, path)
    assert not enqueue_ingest(settings, path)
    assert waiting(redis_server, "ingest") == 1


def test_work_without_a_name_of_its_own_is_added_each_time(settings, redis_server):
    for _ in range(2):
        assert enqueue(settings, EXPORT, "tests.example_jobs.write", "somewhere")
    assert waiting(redis_server, "export") == 2


def test_arguments_do_not_appear_in_the_description(settings, redis_server):
    enqueue(settings, EXPORT, "tests.example_jobs.write", "Hidden^Patient", job_id="export-1")
    assert Job.fetch("export-1", connection=redis_server.client).description == "tests.example_jobs.write"


def test_work_for_a_queue_that_nobody_serves_is_refused(settings):
    with pytest.raises(KeyError, match="exprot"):
        enqueue(settings, "exprot", "tests.example_jobs.write")


def test_any_file_name_gives_a_job_id_that_is_allowed(settings):
    assert ingest_job_id(Path("spool/Müller 1.2.dcm")) == "M-ller-1-2"


def test_files_that_the_queue_has_a_job_for_are_told_apart(settings, redis_server):
    known, unknown, taken = (settings.spool / name for name in ("known.dcm", "unknown.dcm", "taken.dcm"))
    enqueue_ingest(settings, taken)
    redis_server.client.lmove("rq:queue:ingest", "rq:queue:ingest:intermediate")  # and its worker went no further
    enqueue_ingest(settings, known)
    assert unheard_of(settings, [known, unknown, taken]) == ([unknown], [taken])
    assert unheard_of(settings, []) == ([], [])


def test_a_job_that_is_forgotten_can_be_asked_for_anew_and_leaves_nothing(settings, redis_server):
    path = settings.spool / "9f0c.dcm"
    enqueue_ingest(settings, path)
    redis_server.client.lmove("rq:queue:ingest", "rq:queue:ingest:intermediate")
    forget(settings, [path])
    assert not redis_server.client.exists("rq:queue:ingest:intermediate")
    assert enqueue_ingest(settings, path)


def test_a_job_that_runs_is_astray_once_its_worker_is_silent_or_its_time_is_up(settings, redis_server):
    path, queue = settings.spool / "9f0c.dcm", redis_server.client
    enqueue_ingest(settings, path)
    queue.lpop("rq:queue:ingest")
    queue.zadd("rq:wip:ingest", {"9f0c:an-execution": time.time() + 100})
    queue.hset("rq:execution:9f0c:an-execution", "worker_name", "a-worker")
    tell_alive(queue, "a-worker")
    assert unheard_of(settings, [path]) == ([], [])
    queue.delete("openrem:alive:a-worker")
    assert unheard_of(settings, [path]) == ([], [path])
    tell_alive(queue, "a-worker")
    queue.zadd("rq:wip:ingest", {"9f0c:an-execution": time.time() - 100})
    assert unheard_of(settings, [path]) == ([], [path])


def test_a_job_that_is_forgotten_is_no_longer_held_to_run_and_others_are(settings, redis_server):
    for name in ("9f0c", "9f0d"):
        enqueue_ingest(settings, settings.spool / f"{name}.dcm")
        redis_server.client.zadd("rq:wip:ingest", {f"{name}:an-execution": time.time() + 100})
    forget(settings, [settings.spool / "9f0c.dcm"])
    assert redis_server.client.zrange("rq:wip:ingest", 0, -1) == [b"9f0d:an-execution"]


def test_a_job_that_was_handed_to_a_host_that_is_away_waits_again_before_others(settings, redis_server):
    for name in ("one", "another"):
        enqueue(settings, EXPORT, "tests.example_jobs.write", "somewhere", job_id=name)
    queue, now = queue_of(settings, EXPORT), time.time()
    between = queue.intermediate_queue
    redis_server.client.lmove(queue.key, between.key, "LEFT", "RIGHT")
    assert bring_back(queue) == 0  # it may be begun any moment
    redis_server.client.set(between.get_first_seen_key("one"), now - ASTRAY_SECONDS - 1)
    assert bring_back(queue) == 1
    assert bring_back(queue) == 0
    assert queue.get_job_ids() == ["one", "another"]
    assert between.get_job_ids() == []
    redis_server.client.lmove(queue.key, between.key, "LEFT", "RIGHT")
    assert bring_back(queue) == 0  # it was handed out anew
