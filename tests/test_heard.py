"""What listeners tell, as people read it."""

import logging
import time
from contextlib import contextmanager
from dataclasses import replace

from app import heard
from app.heard import Association, Heartbeat, Running, Teller
from tests.servers import wait_until

BEAT = Heartbeat(
    host="store1",
    pid=42,
    since=1000.0,
    at=2000.0,
    version=7,
    endpoints=(Running("ct", "STORE", "0.0.0.0", 104, False, 1000.0, "", 2),),
    error="",
    free_mb=1000,
    least_free_mb=500,
    full=False,
    spool_files=3,
    spool_mb=1,
)
ENDED = Association(
    began=1500.0,
    seconds=2.5,
    ae_title="CT1",
    called="STORE",
    address="10.1.0.1",
    endpoint="ct",
    outcome=heard.RELEASED,
    reason="",
    known=True,
    tls=False,
    objects={heard.KEPT: 2},
    bytes=4000,
)


@contextmanager
def telling(settings):
    teller = Teller(settings, "store1", 42)
    teller.heartbeat = lambda: BEAT
    teller.start()
    try:
        yield teller
    finally:
        teller.stop()


def test_what_is_told_is_read_again(settings):
    with telling(settings) as teller:
        teller.association(ENDED)
        teller.association(replace(ENDED, began=1600.0))
        for outcome in (heard.KEPT, heard.KEPT, heard.FULL):
            teller.object(outcome, "CT1", "10.1.0.1")
        teller.handle(logging.makeLogRecord({"msg": "stored %d", "args": (2,), "levelname": "INFO"}))
        wait_until(lambda: heard.listeners(settings) == [BEAT], "the listener is there")
    assert heard.listeners(settings) == [], "a listener that ends says so"
    assert heard.associations(settings) == [replace(ENDED, began=1600.0), ENDED]
    assert sum(counts.get(heard.KEPT, 0) for _, counts in heard.objects_by_hour(settings, 2)) == 2
    assert sum(counts.get(heard.FULL, 0) for _, counts in heard.objects_by_hour(settings, 2)) == 1
    (last,) = heard.last_objects(settings)
    assert (last.ae_title, last.address) == ("CT1", "10.1.0.1") and last.at > time.time() - 60
    assert [(line.text, line.host) for line in heard.log_lines(settings)] == [("stored 2", "store1")]


def test_hours_without_objects_are_there_too(settings):
    hours = heard.objects_by_hour(settings, 24)
    assert len(hours) == 24 and {count for _, counts in hours for count in counts} == set()
    assert hours[-1][0] <= time.time() < hours[-1][0] + 3600


def test_what_redis_could_not_be_told_is_told_when_it_is_back(settings, redis_of_our_own, monkeypatch):
    monkeypatch.setattr(heard, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(heard, "TELL_SECONDS", 0.05)
    settings = replace(settings, redis_url=redis_of_our_own.url)
    redis_of_our_own.stop()
    with telling(settings) as teller:
        teller.association(ENDED)
        begun = time.perf_counter()
        for _ in range(5000):
            teller.object(heard.KEPT, "CT1", "10.1.0.1")
        assert time.perf_counter() - begun < 1
        redis_of_our_own.start()
        wait_until(lambda: heard.associations(settings) == [ENDED], "the association was told")
        wait_until(lambda: heard.objects_by_hour(settings, 2), "the objects were told")
    assert sum(counts.get(heard.KEPT, 0) for _, counts in heard.objects_by_hour(settings, 2)) == 5000


def test_lists_do_not_grow_for_ever(settings, monkeypatch):
    monkeypatch.setattr(heard, "MOST_ASSOCIATIONS", 3)
    monkeypatch.setattr(heard, "MOST_SENDERS", 3)
    monkeypatch.setattr(heard, "MOST_LINES", 3)
    with telling(settings) as teller:
        for number in range(9):
            teller.association(replace(ENDED, began=float(number)))
            teller.object(heard.KEPT, f"CT{number}", "10.1.0.1")
            teller.handle(logging.makeLogRecord({"msg": str(number), "levelname": "INFO"}))
    assert [ended.began for ended in heard.associations(settings)] == [8.0, 7.0, 6.0]
    assert {last.ae_title for last in heard.last_objects(settings)} == {"CT8", "CT7", "CT6"}
    assert [line.text for line in heard.log_lines(settings)] == ["8", "7", "6"]
