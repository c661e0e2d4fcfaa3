"""Reading what was uploaded, whatever happens to the worker meanwhile."""

import io
import signal
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import accounts, queue
from app.extensions import db
from app.jobs import arrivals, control, housekeeping, progress, slices, upload
from app.models import Job, Refusal, Study, UploadedFile
from app.models.upload import OPENED
from app.transactions import writing
from tests.factories import ct_report, report_file
from tests.processes import program
from tests.servers import wait_until


@pytest.fixture
def ask(database):
    """Uploads an archive of three reports and two single files, and asks for them to be read; gives the job's id."""
    with writing():
        accounts.create("boss", "a password for tests", ["admingroup"])
    owner_id = accounts.find("boss").id

    def arrive(more=0):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for number in range(3):
                archive.writestr(f"{number}.dcm", report_file(ct_report({})).getvalue())
        contents = [packed.getvalue(), *(report_file(ct_report({})).getvalue() for _ in range(1 + more)), b"no DICOM"]
        batch = arrivals.new_batch()
        arrivals.add(batch, owner_id, [(f"{n}.dcm", write(content)) for n, content in enumerate(contents)])
        return arrivals.request(batch, owner_id)

    return arrive


def write(content):
    return lambda path: path.write_bytes(content)


def the(job_id):
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def count(model):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def verdicts():
    db.session.rollback()
    told = select(UploadedFile.result, func.count()).where(UploadedFile.result != OPENED).group_by(UploadedFile.result)
    return dict(db.session.execute(told).all())


@pytest.mark.usefixtures("database_url")
def test_everything_is_read_once_slice_by_slice(ask, run_jobs, monkeypatch):
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    job_id = ask()
    run_jobs(queue.EXPORT)
    job = the(job_id)
    assert (job.state, job.done, job.total) == ("ready", 5, 5)
    assert job.message == "5 files: 4 imported, 1 failed."
    assert (count(Study), count(Refusal), verdicts()) == (4, 1, {"imported": 4, "failed": 1})


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("fatal", range(1, 6))
def test_a_worker_that_dies_between_reading_and_telling_loses_nothing(ask, run_jobs, monkeypatch, fatal):
    calls = []
    for name in ("_note", "_note_member"):
        monkeypatch.setattr(upload, name, dying(getattr(upload, name), calls, fatal))
    job_id = ask()
    run_jobs(queue.EXPORT)
    assert the(job_id).state == "failed"
    again = control.retry(the(job_id))
    run_jobs(queue.EXPORT)
    assert the(again).state == "ready"
    assert count(Study) == 4 and sum(verdicts().values()) == 5 and "waiting" not in verdicts()


def dying(note, calls, fatal):
    """Fails at that call, as far as the database can tell the same as being killed there."""

    def note_or_die(*args):
        calls.append(args)
        if len(calls) == fatal:
            raise SystemError("killed")
        note(*args)

    return note_or_die


def test_an_upload_whose_worker_was_killed_can_be_started_again(ask, run_jobs, settings, tmp_path, monkeypatch):
    job_id = ask(more=150)
    with program(settings, "worker.py", "export", output=tmp_path / "worker.log") as worker:
        wait_until(lambda: verdicts().get("imported", 0) > 3, "some files were read")
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert not the(job_id).finished
    for patience in ("JUST_NOW", "SILENCE"):  # nobody waits for minutes here
        monkeypatch.setattr(housekeeping, patience, timedelta(0))
    housekeeping.settle()
    assert (the(job_id).state, the(job_id).message) == ("failed", housekeeping.LOST)
    again = control.retry(the(job_id))
    run_jobs(queue.EXPORT)
    job = the(again)
    assert (job.state, job.done, job.total) == ("ready", 155, 155)
    assert (count(Study), count(Refusal)) == (154, 1)
    assert sum(verdicts().values()) == 155 and "waiting" not in verdicts()


def test_a_stopped_upload_keeps_what_was_not_read_for_another_start(ask, run_jobs, monkeypatch):
    monkeypatch.setattr(progress, "TELL_SECONDS", 0)
    job_id = ask()
    read = upload.deal_with

    def read_and_stop(file):
        control.abort(the(job_id))
        return read(file)

    monkeypatch.setattr(upload, "deal_with", read_and_stop)
    run_jobs(queue.EXPORT)
    job = the(job_id)
    assert (job.state, job.message) == ("aborted", "4 files: 1 imported, 3 not read.")
    monkeypatch.setattr(upload, "deal_with", read)
    again = control.retry(job)
    run_jobs(queue.EXPORT)
    assert the(again).message.endswith("4 imported, 1 failed.")
    assert count(Study) == 4
