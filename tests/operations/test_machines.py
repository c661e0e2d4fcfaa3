"""Disks of several machines, of which whoever looks sees one."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from app import disk, heard
from app.extensions import db
from app.jobs.clock import now
from app.models import AlarmWatch
from app.operations import alarms, machines
from app.operations.conditions import found
from app.queue import shared_connection
from app.transactions import writing
from tests.servers import free_port, wait_until

LOW, PLENTY = 1900 * 10**6, 9000 * 10**6


@pytest.fixture
def free(settings, monkeypatch):
    """Sets how much is free on the disk of a folder of this machine; each has one of its own."""
    paths = {"media": settings.media_root, "instance": settings.instance, "spool": settings.spool}
    bytes_free = dict.fromkeys(paths.values(), PLENTY)
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": bytes_free[path]}))
    monkeypatch.setattr(disk, "name_of", lambda path: f"{socket.gethostname()} {path}")
    return lambda folder, free: bytes_free.update({paths[folder]: free})


@pytest.fixture
def be(monkeypatch):
    """Lets this be another machine."""
    return lambda host: monkeypatch.setattr(socket, "gethostname", lambda: host)


def look(settings, times=2):
    """So many looks, each a minute after the other."""
    only = replace(settings, alarms=("disk",))
    for _ in range(times):
        with writing():
            if watch := db.session.get(AlarmWatch, 1):
                watch.looked_at = now() - timedelta(hours=1)
        shared_connection(settings.redis_url).delete(f"openrem:machine-turn:{socket.gethostname()}")
        assert alarms.look(only)
    return [alarm.words for alarm in alarms.open_now()]


def test_a_look_of_one_machine_ends_nothing_of_another(database, settings, free, be, redis_server):
    be("a")
    free("media", LOW)
    (words,) = look(settings)
    assert words.startswith("Only 1,900 MB of disk are free where the media folder lies on a; 2,000 MB should be.")
    be("b")
    free("media", PLENTY)
    assert look(settings, times=4) == [words]
    free("media", LOW)
    assert len(look(settings)) == 2, "b has one of its own"
    be("a")
    free("media", PLENTY)
    assert [" on b;" in words for words in look(settings)] == [True]


def test_a_machine_that_is_gone_keeps_no_alarm_for_ever(database, settings, free, be, redis_server):
    be("a")
    free("media", LOW)
    assert look(settings)
    assert 0 < redis_server.client.ttl("openrem:machine:a") <= machines.KEPT_SECONDS
    be("b")
    free("media", PLENTY)
    assert look(settings)
    redis_server.client.delete("openrem:machine:a")  # an hour later
    assert not look(settings)


def test_a_spool_on_a_disk_of_its_own_is_watched(database, settings, free):
    free("spool", LOW)
    (low,) = found(settings, {"disk"})[0]
    assert "where the spool folder lies on" in low.words


def test_containers_that_see_one_disk_raise_one_alarm_whoever_looks(database, settings, free, be, monkeypatch):
    monkeypatch.setattr(disk, "name_of", lambda _: "the only one")
    keys = set()
    for host in ("c1", "c2", "c1"):
        be(host)
        for folder in ("media", "instance", "spool"):
            free(folder, LOW)
        look(settings)
        (alarm,) = alarms.open_now()
        keys.add(alarm.id)
    assert len(keys) == 1
    for folder in ("media", "instance", "spool"):
        free(folder, PLENTY)
    be("c2")
    assert not look(settings), "c1 is gone, and c2 has seen the disk later"


def test_a_listener_is_told_of_before_it_refuses(database, settings, free):
    teller = heard.Teller(settings, "scanner-side", 17)
    told = {"disk": "far away", "free_mb": 1900, "full": False}
    beat = heard.Heartbeat("scanner-side", 17, 1.0, 2.0, 1, (), "", 5, 500, True, 12, 34)
    teller.heartbeat = lambda: replace(beat, **told)
    teller.start()
    wait_until(lambda: heard.listeners(settings), "the listener was heard")
    (low,) = found(settings, {"disk"})[0]
    assert low.words.startswith("Only 1,900 MB of disk are free where the spool folder lies on scanner-side")
    teller.stop()


def test_the_disk_here_is_seen_though_the_queue_is_away_and_nothing_of_others_is_over(database, settings, free):
    free("media", LOW)
    conditions, looked = found(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}"), {"disk"})
    assert len(conditions) == 1 and not looked


def test_files_that_can_not_be_reached_are_one_alarm_that_names_the_machines(database, settings, be, free, tmp_path):
    shared = tmp_path / "shared"
    away = replace(settings, storage_url=shared.as_uri())
    for host in ("a", "b"):
        be(host)
        look(away)
    (words,) = look(away)
    assert words.startswith("The files that machines share can't be reached from a, b; what modalities send waits")
    shared.mkdir()
    assert [" from a;" in words for words in look(away, times=4)] == [True], "a has not told yet that it can"
    be("a")
    assert not look(away)


def test_a_disk_has_a_name_that_is_this_machines(tmp_path):
    (tmp_path / "folder").mkdir()
    assert disk.name_of(tmp_path) == disk.name_of(tmp_path / "folder")
