"""Refused objects: kept with the reason, read again, deleted, kept in order."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DataError, OperationalError

from app import accounts, queue
from app.extensions import db
from app.jobs import control, quarantine, reading, retry, upkeep
from app.jobs.clock import now
from app.jobs.ingest import ingest
from app.models import Job, Refusal, Study
from app.queries.quarantine import Refusals
from app.transactions import writing
from tests.factories import ct_report, report_file, uid

NAME = "Doe^Jane"


@pytest.fixture
def spooled(settings):
    """Puts bytes into the spool and gives the path."""

    def spool(content: bytes, name: str = "0f3a") -> str:
        settings.spool.mkdir(parents=True, exist_ok=True)
        path = settings.spool / f"{name}.dcm"
        path.write_bytes(content)
        return str(path)

    return spool


def whole(**header) -> bytes:
    return report_file(ct_report({"dlp": 100.0}), **({"Modality": "SR"} | header)).getvalue()


def cut_short(**header) -> bytes:
    return whole(**header)[:-200]


def refusals() -> list[Refusal]:
    db.session.rollback()
    return list(db.session.scalars(select(Refusal).order_by(Refusal.id)))


def mend(settings, refusal: Refusal, **header) -> None:
    """As if a later version could read it."""
    (settings.media_root / refusal.file).write_bytes(whole(**header))


@pytest.mark.usefixtures("database_url")
def test_what_is_refused_is_kept_with_the_reason_and_what_it_says_of_itself(database, settings, spooled):
    study_uid = uid()
    content = cut_short(StudyInstanceUID=study_uid, PatientName=NAME, PatientID="SECRET-17")
    assert ingest(spooled(content)) == "failed"
    (refusal,) = refusals()
    assert (settings.media_root / refusal.file).read_bytes() == content
    assert (refusal.result, refusal.tries, refusal.size) == ("failed", 1, len(content))
    assert "cut short" in refusal.reason
    assert (refusal.study_instance_uid, refusal.station_name) == (study_uid, "ROOM1")
    assert refusal.sop_class == "X-Ray Radiation Dose SR"
    assert now() - refusal.received_at < timedelta(minutes=1)
    stored = " ".join(str(getattr(refusal, column.name)) for column in Refusal.__table__.columns)
    assert "Doe" not in stored and "SECRET" not in stored


@pytest.mark.parametrize("content", [b"", b"These are the minutes.", bytes(128) + b"DICM" + bytes(200)])
def test_what_says_nothing_of_itself_is_kept_all_the_same(database, spooled, content):
    assert ingest(spooled(content)) == "failed"
    (refusal,) = refusals()
    assert refusal.study_instance_uid is None and refusal.reason


def test_what_stands_where_a_uid_or_a_modality_belongs_is_not_believed(database, spooled):
    content = (
        cut_short()
        .replace(b"ROOM1 ", b"D^JANE")
        .replace(b"\x08\x00\x60\x00CS\x02\x00SR", b"\x08\x00\x60\x00CS\x02\x00^d")
    )
    ingest(spooled(content))
    (refusal,) = refusals()
    assert refusal.modality is None and refusal.station_name is None
    assert refusal.sop_class


def test_refusing_twice_after_a_crash_makes_one_row(database, spooled):
    ingest(spooled(cut_short()))
    ingest(spooled(cut_short()))
    assert len(refusals()) == 1


@pytest.mark.parametrize("error", [KeyError(NAME), RecursionError(), MemoryError(), DataError(NAME, {}, Exception())])
def test_an_object_on_which_the_reader_stumbles_is_kept_and_nothing_of_it_is_in_the_log(
    database, spooled, monkeypatch, caplog, error
):
    def stumble(*_args, **_options):
        raise error

    monkeypatch.setattr(reading, "receive", stumble)
    assert ingest(spooled(whole())) == "failed"
    (refusal,) = refusals()
    assert "a mistake of this program" in refusal.reason and type(error).__name__ in refusal.reason
    assert "Doe" not in refusal.reason and "Doe" not in caplog.text
    assert "stumble" in caplog.text, "the log says where"


@pytest.mark.parametrize("error", [OperationalError("", {}, Exception()), OSError(28, "No space left on device")])
def test_an_object_is_not_refused_for_the_faults_of_the_machine(database, spooled, monkeypatch, error):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(reading, "receive", fail)
    monkeypatch.setattr("app.jobs.ingest.PAUSES", (0, 0.1))
    path = spooled(whole())
    with pytest.raises(type(error)):
        ingest(path)
    assert Path(path).exists() and refusals() == []


def test_no_later_object_of_the_study_suffers(database, spooled):
    study_uid = uid()
    ingest(spooled(cut_short(StudyInstanceUID=study_uid), "first"))
    assert ingest(spooled(whole(StudyInstanceUID=study_uid), "second")) == "imported"
    assert db.session.scalar(select(Study.dlp_total)) == 100.0


def test_what_reads_well_in_the_end_is_no_longer_refused_and_its_file_goes_the_normal_way(database, settings, spooled):
    ingest(spooled(cut_short()))
    (refusal,) = refusals()
    mend(settings, refusal)
    assert quarantine.try_again(refusal.id) == "imported"
    assert refusals() == [] and db.session.scalar(select(Study.id))
    assert list(settings.media_root.rglob("*.dcm")) == []


def test_what_is_refused_again_has_one_more_try_and_the_newest_reason(database, settings, spooled):
    ingest(spooled(cut_short()))
    (refusal,) = refusals()
    (settings.media_root / refusal.file).write_bytes(b"no DICOM at all")
    assert quarantine.try_again(refusal.id) == "failed"
    (refusal,) = refusals()
    assert refusal.tries == 2 and "not a DICOM file" in refusal.reason


def test_what_is_gone_is_forgotten(database, settings, spooled):
    ingest(spooled(cut_short()))
    (refusal,) = refusals()
    id = refusal.id
    (settings.media_root / refusal.file).unlink()
    assert quarantine.try_again(id) == "gone" == quarantine.try_again(id)
    assert refusals() == []


@pytest.fixture
def request_retry(database, spooled, settings):
    """Three refused objects of which the first reads well by now; asks for them to be read again."""
    for number in range(3):
        ingest(spooled(cut_short(), f"file{number}"))
    mend(settings, refusals()[0])
    with writing():
        accounts.create("boss", "a password for tests", ["admingroup"])

    def ask(**selected) -> Job:
        retry.request(Refusals(**selected), accounts.find("boss").id)
        return the_job()

    return ask


def the_job() -> Job:
    db.session.rollback()
    return db.session.scalars(select(Job)).one()


@pytest.mark.usefixtures("database_url")
def test_reading_all_again_tells_how_far_it_is_and_what_came_of_it(request_retry, run_jobs):
    assert request_retry().state == "waiting"
    run_jobs(queue.EXPORT)
    job = the_job()
    assert (job.state, job.done, job.total) == ("ready", 3, 3)
    assert job.message == "3 read again: 1 is stored now, 2 are refused again."
    assert len(refusals()) == 2


def test_only_what_was_selected_is_read_again(request_retry, run_jobs):
    request_retry(id=refusals()[1].id)
    run_jobs(queue.EXPORT)
    assert [refusal.tries for refusal in refusals()] == [1, 2, 1]


def test_reading_again_stops_when_told(request_retry, run_jobs, monkeypatch):
    monkeypatch.setattr("app.jobs.progress.TELL_SECONDS", 0)
    real = quarantine.try_again
    monkeypatch.setattr(quarantine, "try_again", lambda id: (control.abort(the_job()), real(id))[1])
    request_retry()
    run_jobs(queue.EXPORT)
    assert the_job().state == "aborted" and the_job().message.startswith("1 read again: 1 is stored now")
    assert len(refusals()) == 2


def test_a_fault_of_the_machine_while_reading_again_is_told_and_loses_nothing(request_retry, run_jobs, monkeypatch):
    def fail(*_args, **_options):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(reading, "receive", fail)
    request_retry()
    run_jobs(queue.EXPORT)
    assert the_job().state == "failed" and "is still here" in the_job().message
    assert len(refusals()) == 3


@pytest.mark.usefixtures("database_url")
def test_deleting_takes_rows_and_files(database, settings, spooled, monkeypatch):
    monkeypatch.setattr(quarantine, "BATCH", 2)
    for number in range(5):
        ingest(spooled(cut_short(), f"file{number}"))
    ids = [refusal.id for refusal in refusals()]
    assert quarantine.remove(ids[:4]) == 4
    (left,) = refusals()
    assert [path.name for path in settings.media_root.rglob("*.dcm")] == [Path(left.file).name]


def test_images_sent_by_mistake_are_dropped_after_a_while_and_failures_are_not(database, settings, spooled):
    ingest(spooled(cut_short(), "failed"))
    ingest(spooled(cut_short(), "image"))
    ingest(spooled(cut_short(), "new"))
    long_ago = now() - timedelta(days=settings.keep_refused_days + 1)
    with writing():
        db.session.execute(update(Refusal).where(Refusal.file.not_like("%new%")).values(received_at=long_ago))
        db.session.execute(update(Refusal).where(Refusal.file.not_like("%failed%")).values(result="not a dose object"))
    assert upkeep.drop_old() == 1
    assert [Path(refusal.file).stem for refusal in refusals()] == ["failed", "new"]


def test_a_row_whose_file_is_gone_is_forgotten_but_not_one_whose_file_is_just_coming(database, settings, spooled):
    for name in ("old", "coming", "there"):
        ingest(spooled(cut_short(), name))
    for refusal in refusals()[:2]:
        (settings.media_root / refusal.file).unlink()
    with writing():
        others = update(Refusal).where(Refusal.file.not_like("%coming%"))
        db.session.execute(others.values(refused_at=now() - timedelta(hours=1)))
    assert upkeep.forget_lost() == 1
    assert [Path(refusal.file).stem for refusal in refusals()] == ["coming", "there"]


def test_a_file_whose_row_is_missing_is_read_anew(database, settings, spooled):
    for name in ("bad", "good"):
        ingest(spooled(cut_short(), name))
    mend(settings, refusals()[1])
    with writing():
        db.session.execute(delete(Refusal))
    assert upkeep.read_strays() == 2
    assert [Path(refusal.file).stem for refusal in refusals()] == ["bad"]
    assert db.session.scalar(select(Study.id))
    assert upkeep.read_strays() == 0


def test_the_day_it_came_stays_known(database, settings, spooled):
    path = spooled(cut_short())
    os.utime(path, (time.time(), time.time() - 86400))
    ingest(path)
    assert timedelta(hours=23) < now() - refusals()[0].received_at < timedelta(hours=25)


def test_the_upkeep_is_harmless_where_there_is_nothing_to_do(database):
    upkeep.tend()
