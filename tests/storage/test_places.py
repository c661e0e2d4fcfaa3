"""A place for files keeps what it promises, whichever it is."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from app import storage
from app.jobs import arrivals
from app.operations import overdue
from app.queue import EXPORT, INGEST
from app.storage import StorageAway
from tests.processes import program
from tests.servers import wait_until


@pytest.fixture(params=["own folder", "shared folder", "s3"])
def place(request, machine, tmp_path):
    """Where files are, and a file of this machine."""
    if request.param == "s3":
        return storage.of(machine("one", request.getfixturevalue("s3").environment))
    (tmp_path / "shared").mkdir()
    environment = {"STORAGE_URL": (tmp_path / "shared").as_uri()} if request.param == "shared folder" else {}
    return storage.of(machine("one", environment))


@pytest.fixture
def file(tmp_path):
    """A file of this machine."""
    path = tmp_path / "a file"
    path.write_bytes(b"content")
    return path


def test_what_was_put_is_there_and_here(place, file):
    place.put(file, "exports/2026/a b-ü.csv")
    assert file.exists()
    kept = place.status("exports/2026/a b-ü.csv")
    assert (kept.key, kept.size) == ("exports/2026/a b-ü.csv", 7)
    assert abs(kept.changed_at - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)
    with place.fetch(kept.key) as path, place.open(kept.key) as stream:
        assert path.read_bytes() == stream.read() == b"content"
        assert path.name == "a b-ü.csv"
    assert list(place.below("exports")) == [kept]


def test_what_was_taken_is_here_no_more_and_replaces_what_was_there(place, file):
    place.put(file, "sizes/one")
    file.write_bytes(b"another")
    place.take(file, "sizes/one")
    assert not file.exists()
    with place.open("sizes/one") as stream:
        assert stream.read() == b"another"


def test_what_is_not_there_is_told_so(place):
    assert place.status("exports/none") is None
    assert list(place.below("exports")) == []
    with pytest.raises(FileNotFoundError), place.fetch("exports/none"):
        pass
    with pytest.raises(FileNotFoundError):
        place.open("exports/none")
    place.remove("exports/none")
    place.remove_below("exports")


def test_what_is_not_here_can_not_be_put(place, tmp_path):
    for do in (place.put, place.take):
        with pytest.raises(FileNotFoundError):
            do(tmp_path / "none", "exports/none")
    assert place.status("exports/none") is None


def test_what_was_removed_is_gone_and_its_neighbours_are_not(place, file):
    for key in ("uploads/1/a", "uploads/1/b", "uploads/12/a"):
        place.put(file, key)
    place.remove("uploads/1/b")
    assert [kept.key for kept in place.below("uploads")] == ["uploads/1/a", "uploads/12/a"]
    place.remove_below("uploads/1")
    assert [kept.key for kept in place.below("uploads")] == ["uploads/12/a"]


def test_what_was_fetched_leaves_nothing_on_the_desk(place, file):
    place.take(file, "incoming/a.dcm")
    with place.fetch("incoming/a.dcm"):
        pass
    if place.desk != getattr(place, "root", None):
        assert not [path for path in place.desk.rglob("*") if path.is_file()]


def test_a_place_that_works_passes_its_check_and_keeps_nothing_of_it(place):
    place.check()
    place.reach()
    assert list(place.below("probes")) == []


def test_a_shared_folder_that_is_not_mounted_is_away_and_is_not_made(machine, tmp_path, file):
    folder = tmp_path / "not mounted"
    place = storage.of(machine("one", {"STORAGE_URL": folder.as_uri()}))
    for ask in (place.reach, place.check, lambda: place.put(file, "a"), lambda: list(place.below("exports"))):
        with pytest.raises(StorageAway, match="not mounted is not there"):
            ask()
    assert not folder.exists() and file.exists()


def test_a_store_that_does_not_answer_is_away_and_is_well_when_it_is_back(machine, s3, file):
    place = storage.of(machine("one", s3.environment))
    s3.stop()
    for ask in (place.reach, lambda: place.put(file, "a"), lambda: place.status("a"), lambda: place.open("a")):
        with pytest.raises(StorageAway, match="does not do what it was asked"):
            ask()
    s3.start()
    place.put(file, "a")
    assert place.status("a").size == 7


def test_what_a_process_left_on_the_desk_that_died_goes_after_a_day_and_a_place_of_its_own_is_no_desk(place):
    old, young = (place.desk / "fetched" / name / "object.dcm" for name in ("old", "young"))
    for path in (old, young):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    os.utime(old.parent, (yesterday, yesterday))
    place.tidy()
    assert young.exists() and old.exists(), "each machine clears its own desk"
    place.clear_desk()
    is_desk = place.desk != getattr(place, "root", None)
    assert young.exists() and old.parent.exists() is not is_desk


@pytest.fixture
def left(machine, tmp_path):
    """A machine, beside which the one is whose worker does the upkeep, and what was left on its desk a day ago."""
    (tmp_path / "shared").mkdir()
    here = machine("two", {"STORAGE_URL": (tmp_path / "shared").as_uri()})
    file = storage.of(here).desk / "uploads" / "a batch" / "half"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    for path in (file, file.parent):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    return here, file


@pytest.mark.parametrize("queue_name", [INGEST, EXPORT])
def test_a_worker_clears_the_desk_of_its_machine_whoever_does_the_upkeep(app, left, redis_server, tmp_path, queue_name):
    redis_server.client.set(overdue.TURN, "taken")
    here, file = left
    with program(here, "worker.py", queue_name, output=tmp_path / "worker.log"):
        wait_until(lambda: not file.parent.exists(), "it is cleared")


def test_a_web_server_clears_its_desk_when_something_is_uploaded(app, left):
    here, file = left
    app.config["SETTINGS"] = here
    with app.app_context():
        arrivals.add(arrivals.new_batch(), 1, [])
    assert not file.parent.exists()
