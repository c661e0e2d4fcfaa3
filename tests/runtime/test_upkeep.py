"""Upkeep through the queue, with real workers: whatever becomes of one piece, others are done, and all next time."""

import time
from contextlib import ExitStack
from dataclasses import replace

import pytest
from rq.registry import FailedJobRegistry, StartedJobRegistry

from app.jobs import upkeep
from app.operations import overdue
from app.operations.conditions import found
from app.operations.overdue import EVERY_SECONDS, LATE_SECONDS, PIECES, SINCE, SOON_SECONDS, TURN
from app.queue import EXPORT, enqueue, enqueue_anew, queue_of
from tests.processes import program
from tests.servers import wait_until

LONG_AGO = time.time() - 30 * 24 * 3600


@pytest.fixture
def start(settings, app, tmp_path):
    """Starts workers of a site as processes of their own; their words are in worker.log."""
    with ExitStack() as stack:

        def start_(queue_name=EXPORT, **changes):
            changed = replace(settings, **changes)
            return stack.enter_context(program(changed, "worker.py", queue_name, output=tmp_path / "worker.log"))

        yield start_


@pytest.fixture
def redis(redis_server):
    """The queue's server of a site where it is time to put things in order."""
    for piece in PIECES:
        redis_server.client.hset(SINCE, piece, LONG_AGO)
    return redis_server.client


def done(redis):
    return {name.decode() for name, since in redis.hgetall(SINCE).items() if float(since) > LONG_AGO + 60}


def words_of(settings):
    return [one.words for one in found(settings, {"failures"})[0]]


def test_each_piece_is_what_somebody_does():
    assert upkeep.WORK.keys() == PIECES.keys()


@pytest.mark.parametrize("queue_name", ["ingest", EXPORT])
def test_a_site_without_a_listener_is_put_in_order(settings, redis, start, queue_name):
    start(queue_name)
    wait_until(lambda: redis.exists(TURN), "somebody took the turn")
    if queue_name == EXPORT:
        wait_until(lambda: done(redis) == PIECES.keys(), "everything was done")
    else:
        wait_until(lambda: queue_of(settings, EXPORT).count == len(PIECES), "everything waits")
    assert 0 < redis.ttl(TURN) <= EVERY_SECONDS


def test_a_piece_that_fails_stops_no_other_and_is_done_the_next_time(database, settings, redis, start, tmp_path):
    shared = tmp_path / "shared"
    worker = start(storage_url=shared.as_uri())
    wait_until(lambda: done(redis) and not queue_of(settings, EXPORT).count, "all had their turn")
    wait_until(lambda: len(done(redis)) + FailedJobRegistry(queue=queue_of(settings, EXPORT)).count == 12, "it ended")
    failed = {PIECES[piece] for piece in PIECES.keys() - done(redis)}
    assert failed == {one.words for one in overdue.failures(settings)} >= {"files of exports that no job knows"}
    assert "old jobs" not in failed
    assert overdue.failures(settings)[0].reason == f"StorageAway: the folder {shared} is not there"
    assert "is not there" in (tmp_path / "worker.log").read_text()
    (words,) = words_of(settings)
    assert (
        "not put everything in order for 720 h" in words
        and f"The last time: StorageAway: the folder {shared} is not there." in words
        and "old jobs" not in words
    )
    worker.terminate()
    worker.wait()
    shared.mkdir()
    redis.delete(TURN)  # an hour later
    start(storage_url=shared.as_uri())
    wait_until(lambda: done(redis) == PIECES.keys(), "everything was done")
    assert not words_of(settings)
    wait_until(lambda: not overdue.failures(settings), "nothing is told of it any longer")


def test_a_worker_that_is_killed_meanwhile_hinders_nothing(settings, redis, start, tmp_path):
    trace = tmp_path / "trace"
    enqueue(settings, EXPORT, "tests.example_jobs.never_end", str(trace), job_id=overdue.job_id("jobs"))
    redis.set(TURN, "taken")
    worker = start()
    wait_until(trace.exists, "it has begun")
    assert not enqueue_anew(settings, EXPORT, upkeep.TEND, "jobs", job_id=overdue.job_id("jobs")), "it runs"
    worker.kill()
    started = StartedJobRegistry(queue=queue_of(settings, EXPORT)).key
    for execution in redis.zrange(started, 0, -1):
        redis.zadd(started, {execution: time.time() - 1})  # a minute later
    redis.delete(TURN)
    start()
    wait_until(lambda: done(redis) == PIECES.keys(), "everything was done")


def test_a_job_that_got_lost_hinders_nothing(redis, start):
    redis.hset(f"rq:job:{overdue.job_id('jobs')}", mapping={"status": "queued", "origin": EXPORT})
    start()
    wait_until(lambda: done(redis) == PIECES.keys(), "everything was done")


def test_of_many_workers_one_asks_and_what_waits_is_not_asked_for_twice(app, settings, redis):
    for _ in range(3):
        with app.app_context():
            upkeep.ask()
        assert queue_of(settings, EXPORT).count == len(PIECES)
    redis.delete(TURN)
    with app.app_context():
        upkeep.ask()
    assert queue_of(settings, EXPORT).count == len(PIECES)


def test_a_queues_server_that_is_new_or_has_lost_everything_is_given_a_moment(app, settings, redis_server):
    with app.app_context():
        upkeep.ask()
    assert queue_of(settings, EXPORT).count == 0
    assert 0 < redis_server.client.ttl(TURN) <= SOON_SECONDS and not overdue.overdue(settings)
    redis_server.client.delete(TURN)
    with app.app_context():
        upkeep.ask()
    assert queue_of(settings, EXPORT).count == len(PIECES)


def test_what_is_not_done_for_hours_is_told_whatever_the_reason(database, settings, redis):
    for piece in PIECES:
        redis.hset(SINCE, piece, time.time() - LATE_SECONDS + 60)
    assert not words_of(settings)
    redis.hset(SINCE, "exports", time.time() - LATE_SECONDS - 60)
    assert words_of(settings) == ["Workers have not put everything in order for 3 h: old exports."]
