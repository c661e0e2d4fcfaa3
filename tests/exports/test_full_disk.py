"""Disks that are really full, at every stage of every kind of file: a sentence, and nothing left behind."""

import subprocess
from contextlib import contextmanager
from datetime import date
from io import BytesIO

import psutil
import pytest

from app.demo.study import study
from app.exports.kinds import KINDS
from app.exports.options import answered
from app.exports.place import provenance_of
from app.extensions import db
from app.ingest.layouts import REPORT
from app.ingest.receive import receive
from app.jobs import control
from app.models import Job
from app.queries.selection import Selection
from tests.processes import program
from tests.servers import wait_until

resource = pytest.importorskip("resource")

ONE_EACH = ("ct-csv", "ct-xlsx", "ct-phe-adult", "mg-nhsbsp", "ct-long-csv", "ct-long-xlsx", "ct-long-parquet")
SIZES = (4, 8, 12, 16, 32, 64, 128, 256, 512, 1024)  # kB
LONGEST_FILES = (100, 400, 1_000, 4_000, 16_000, 64_000, 256_000)  # bytes


@pytest.fixture
def folder(settings):
    """The folder of exports, empty."""
    folder = settings.media_root / "exports"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def worker(database, settings, tmp_path):
    """A worker as in real life, and studies of all kinds."""
    for number in range(25):
        for file in study(1, number, date(2026, 1, 31), REPORT).files:
            receive(BytesIO(file))
    with program(settings, "worker.py", "export", output=tmp_path / "worker.log") as process:
        yield psutil.Process(process.pid)


def outcome(name):
    """Export all studies as the kind; gives the job as it ended."""
    kind = KINDS[name]
    control.request(kind, Selection.from_args(kind.modality, {}), None, answered(kind.options, {}))
    job = db.session.query(Job).one()
    wait_until(lambda: db.session.rollback() or job.finished, f"{name} has ended", seconds=30)
    return job


@contextmanager
def disk(folder, kilobytes):
    """A disk of this size in the place of the folder."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk can't be mounted here")
    try:
        yield
    finally:
        unmounted = lambda: not subprocess.run(["umount", str(folder)], capture_output=True).returncode  # noqa: E731
        wait_until(unmounted, "nothing holds the disk")


def check(folder, name):
    """Export; whether it was made. What was not has failed with a sentence, and left nothing."""
    job = outcome(name)
    left = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.suffix == ".sheets")
    if made := job.state == "ready":
        file = folder.parent / job.result
        assert left == sorted([file, provenance_of(file)])
    else:
        assert (job.state, left) == ("failed", [])
        assert "The disk is full." in job.message or "could not be written: File too large." in job.message
    control.discard(job)
    return made


def test_a_disk_that_is_full_is_a_failed_export_that_leaves_nothing(folder, worker):
    made = {name: [] for name in ONE_EACH}
    for size in SIZES:
        with disk(folder, size):
            for name in ONE_EACH:
                if True not in made[name]:
                    made[name].append(check(folder, name))
    assert all(len(tries) > 1 and tries[-1] for tries in made.values()), made


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_files_that_can_not_grow_are_a_failed_export_that_leaves_nothing(database_url, folder, worker):
    made = {name: [] for name in ONE_EACH}
    for size in LONGEST_FILES:
        worker.rlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        for name in ONE_EACH:
            if True not in made[name]:
                made[name].append(check(folder, name))
    assert all(len(tries) > 1 and tries[-1] for tries in made.values()), made
