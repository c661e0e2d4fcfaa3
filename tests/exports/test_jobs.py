"""An export from the request to the file, with a real queue and a worker; and all that can go wrong."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy
from python_calamine import CalamineWorkbook
from rq.job import Job as QueuedJob
from sqlalchemy import func, select
from xlsxwriter.exceptions import FileCreateError

from app import __version__, accounts, queue
from app.exports import place
from app.exports.csv_file import write_csv
from app.exports.kinds import KINDS
from app.extensions import db
from app.ingest.receive import receive
from app.jobs import control, deletion, housekeeping, progress
from app.jobs import export as export_module
from app.jobs.clock import now
from app.jobs.export import Wish, make
from app.models import Job, Study
from app.queries.selection import Selection
from app.transactions import writing
from tests.factories import ct_report, report_file


@pytest.fixture
def site(database):
    """A few studies, and somebody to export them."""
    for dlp in (100.0, 200.0, 300.0):
        assert receive(report_file(ct_report({"dlp": dlp}))).result == "imported"
    with writing():
        accounts.create("exporter", "a password for tests", ["exportgroup"])


@pytest.fixture
def request_export(site):
    """Asks for an export as the page does; gives the job's id."""

    def ask(**args):
        control.request(KINDS["ct-csv"], Selection.from_args("ct", args), accounts.find("exporter").id)
        return db.session.scalars(select(Job.id).order_by(Job.created_at.desc())).first()

    return ask


@pytest.fixture
def files(settings):
    """The names of all files below the folder of exports."""
    return lambda: sorted(path.name for path in (settings.media_root / "exports").rglob("*") if path.is_file())


def the(job_id):
    """The job as it is now."""
    db.session.rollback()
    return db.session.get_one(Job, job_id)


class Written:
    """Writes what the function gives, a page of one row at a time."""

    suffix = ".csv"

    def __init__(self, rows):
        self.rows = rows

    def write(self, order):
        pages = ([row] for row in self.rows())
        write_csv(order.path, ["Heading"], order.told(pages, order.total))


def with_rows(monkeypatch, rows):
    """Have the export get its rows from the function."""
    monkeypatch.setitem(KINDS, "ct-csv", replace(KINDS["ct-csv"], writer=Written(rows)))
    monkeypatch.setattr(progress, "TELL_SECONDS", 0)


@pytest.mark.usefixtures("database_url")
def test_an_export_becomes_a_file_with_its_story_beside_it(request_export, run_jobs, settings):
    job_id = request_export(dlp__min="150", sort="dlp")
    assert the(job_id).state == "waiting"
    run_jobs(queue.EXPORT)
    job = the(job_id)
    assert (job.state, job.done, job.total, job.message) == ("ready", 2, 2, None)
    file = settings.media_root / job.result
    assert file.parent == settings.media_root / "exports" / f"{job.created_at:%Y/%m/%d}"
    assert file.name.startswith("ct-studies-dlp-at-least-150-mgy-cm-")
    assert job.size == file.stat().st_size
    assert [line.split(",")[18] for line in file.read_text("utf-8-sig").splitlines()[1:]] == ["200", "300"]
    story = json.loads(place.provenance_of(file).read_text())
    assert story.pop("made_at").endswith("+00:00")
    assert story == {
        "made_by": "exporter",
        "made_with": f"OpenREM {__version__}",
        "export": "CT as CSV",
        "selection": "CT studies, DLP at least 150 mGy·cm",
        "query": {"dlp__min": "150", "sort": "dlp"},
        "studies": 2,
    }


def test_an_export_of_nothing_is_a_heading(request_export, run_jobs, settings):
    job_id = request_export(dlp__min="9999")
    run_jobs(queue.EXPORT)
    assert (settings.media_root / the(job_id).result).read_text("utf-8-sig").startswith("Institution,")


def test_people_see_how_far_it_is(request_export, run_jobs, monkeypatch):
    seen = []

    def rows():
        for _ in range(3):
            yield ["cell"]
            seen.append((the(job_id).state, the(job_id).done, the(job_id).total))

    with_rows(monkeypatch, rows)
    job_id = request_export()
    run_jobs(queue.EXPORT)
    assert seen == [("running", 1, 3), ("running", 2, 3), ("running", 3, 3)]


def test_an_export_that_waits_is_aborted_at_once_and_never_begun(request_export, run_jobs, files):
    job_id = request_export()
    control.abort(the(job_id))
    assert the(job_id).state == "aborted"
    run_jobs(queue.EXPORT)
    assert the(job_id).state == "aborted"
    assert files() == []


def test_an_export_that_runs_stops_when_told_and_leaves_nothing(request_export, run_jobs, files, monkeypatch):
    def rows():
        yield ["first"]
        control.abort(the(job_id))
        assert the(job_id).state == "aborting"
        yield ["second"]
        pytest.fail("it went on")

    with_rows(monkeypatch, rows)
    job_id = request_export()
    run_jobs(queue.EXPORT)
    assert the(job_id).state == "aborted"
    assert files() == []


def test_an_export_that_is_aborted_when_all_is_written_is_aborted(request_export, run_jobs, files, monkeypatch):
    def rows():
        yield ["only"]

    with_rows(monkeypatch, rows)
    job_id = request_export()
    real = os.replace
    monkeypatch.setattr(place.os, "replace", lambda *paths: (control.abort(the(job_id)), real(*paths)))
    run_jobs(queue.EXPORT)
    assert the(job_id).state == "aborted"
    assert files() == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (OSError(28, "No space left on device"), "The disk is full."),
        (OSError(13, "Permission denied"), "could not be written: Permission denied"),
        (RuntimeError("Doe^Jane"), "Something went wrong, and the log says what."),
    ],
)
def test_what_fails_says_why_in_a_sentence_and_leaves_nothing(
    request_export, run_jobs, files, monkeypatch, reason, words
):
    def rows():
        yield ["first"]
        raise reason

    with_rows(monkeypatch, rows)
    job_id = request_export()
    run_jobs(queue.EXPORT)
    job = the(job_id)
    assert job.state == "failed" and words in job.message and "Doe" not in job.message
    assert files() == []


def test_a_filter_that_is_not_known_any_more_fails_with_its_sentence(request_export, run_jobs):
    job_id = request_export()
    with writing():
        db.session.get_one(Job, job_id).query = {"colour": "red"}
    run_jobs(queue.EXPORT)
    assert the(job_id).state == "failed" and "colour" in the(job_id).message


def test_a_failed_export_can_be_made_again_in_place_of_it(request_export, run_jobs, monkeypatch):
    with monkeypatch.context() as patch:
        with_rows(patch, lambda: 1 / 0)
        job_id = request_export(dlp__min="150")
        run_jobs(queue.EXPORT)
    control.retry(the(job_id))
    run_jobs(queue.EXPORT)
    (job,) = db.session.scalars(select(Job))
    assert (job.state, job.done, job.title) == ("ready", 2, "CT studies, DLP at least 150 mGy·cm")


def test_an_export_that_the_queue_gives_out_twice_is_made_once(request_export, run_jobs):
    job_id = request_export()
    run_jobs(queue.EXPORT)
    finished = the(job_id).finished_at
    export_module.export(job_id)
    assert the(job_id).finished_at == finished


def test_deleting_takes_the_files_away_but_not_what_is_being_made(request_export, run_jobs, files):
    job_id = request_export()
    assert not control.discard(the(job_id))
    run_jobs(queue.EXPORT)
    assert len(files()) == 2
    assert control.discard(the(job_id))
    assert files() == [] and db.session.scalar(select(Job)) is None


def test_while_the_queue_is_away_an_export_fails_at_once_with_what_to_do(site, settings, monkeypatch, request_export):
    def away(*_args, **_options):
        raise queue.QueueAway

    monkeypatch.setattr(queue, "enqueue", away)
    job = the(request_export())
    assert job.state == "failed" and "The queue does not answer" in job.message


def begun(job_id, settings, minutes_ago=5):
    """As a worker left it that was killed: running, with a part of the file."""
    with writing():
        job = db.session.get_one(Job, job_id)
        job.state, job.started_at = "running", now() - timedelta(minutes=minutes_ago)
        part = place.part_of(place.file_of(settings.media_root, job))
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text("half a li")


def test_an_export_whose_worker_was_killed_is_failed_not_running_for_ever(
    request_export, settings, redis_server, files
):
    job_id = request_export()
    begun(job_id, settings)
    queued = QueuedJob.fetch(job_id, connection=redis_server.client)
    queued.set_status("failed")
    housekeeping.settle()
    assert the(job_id).state == "failed" and "was stopped before it was done" in the(job_id).message
    assert files() == []


def test_an_export_whose_worker_is_silent_is_failed(request_export, settings, redis_server):
    job_id = request_export()
    begun(job_id, settings)
    queued = QueuedJob.fetch(job_id, connection=redis_server.client)
    queued.set_status("started")
    queued.last_heartbeat = now()
    queued.save()
    housekeeping.settle()
    assert the(job_id).state == "running", "a worker gave a sign of life"
    queued.last_heartbeat = now() - timedelta(minutes=4)
    queued.save()
    housekeeping.settle()
    assert the(job_id).state == "failed"


def test_an_export_that_the_queue_forgot_is_failed(request_export, settings, redis_server):
    job_id = request_export()
    begun(job_id, settings)
    redis_server.client.flushall()
    housekeeping.settle()
    assert the(job_id).state == "failed"


def test_an_export_that_was_asked_for_just_now_is_not_taken_for_lost(request_export, redis_server):
    job_id = request_export()
    redis_server.client.flushall()
    housekeeping.settle()
    assert the(job_id).state == "waiting"


def test_an_export_that_waits_long_for_a_worker_is_not_lost(request_export):
    job_id = request_export()
    with writing():
        db.session.get_one(Job, job_id).created_at = now() - timedelta(hours=3)
    housekeeping.settle()
    assert the(job_id).state == "waiting"


def test_names_of_files_have_letters_digits_and_dashes_whatever_the_words():
    assert place.slug("CT studies, protocol contains “Thorax/ÄÖ 患者”, DLP ≥ 5 mGy·cm") == (
        "ct-studies-protocol-contains-thorax-ao-dlp-5-mgy-cm"
    )
    assert len(place.slug("word " * 100)) <= place.LONGEST_NAME


def test_a_disk_that_is_full_is_a_failed_export_with_a_sentence(request_export, run_jobs, settings, files):
    job = the(request_export())
    part = place.part_of(place.file_of(settings.media_root, the(job.id)))
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    run_jobs(queue.EXPORT)
    assert the(job.id).state == "failed" and "The disk is full." in the(job.id).message
    assert files() == []


def test_who_asked_hears_what_was_cut(site, run_jobs, settings):
    receive(report_file(ct_report({"comment": "é" * 40_000})))
    control.request(KINDS["ct-long-xlsx"], Selection.from_args("ct", {}), None)
    run_jobs(queue.EXPORT)
    job = db.session.scalars(select(Job)).one()
    assert job.state == "ready" and "which were cut: " in job.message
    assert json.loads(place.provenance_of(settings.media_root / job.result).read_text())["notes"] == [job.message]
    first, *_ = CalamineWorkbook.from_path(settings.media_root / job.result).get_sheet_by_index(0).to_python()[-1:]
    assert first[:2] == ["Note", job.message]


def test_a_workbook_that_finds_the_disk_full_says_so_too():
    assert "The disk is full." in export_module.in_words(FileCreateError(OSError(28, "No space left on device")))


def test_studies_that_are_deleted_meanwhile_are_in_it_as_they_were(database_url, site, tmp_path):
    class Deleting:
        def tell(self, **_values):
            deletion.delete_chosen(list(db.session.scalars(select(Study.study_instance_uid))))

        def __call__(self, done):
            pass

    wish = Wish(KINDS["ct-xlsx"], Selection.from_args("ct", {}), "exporter")
    assert make(tmp_path / "ct.xlsx", wish, Deleting()).total == 3
    assert db.session.scalar(select(func.count()).select_from(Study)) == 0
    book = CalamineWorkbook.from_path(tmp_path / "ct.xlsx")
    assert len(book.get_sheet_by_name("All data").to_python()) == 1 + 3


def test_a_database_that_goes_away_in_the_middle_is_a_failed_export(
    postgres_url, database_url, request_export, run_jobs, files, monkeypatch
):
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite is a file")

    def rows():
        yield ["first"]
        server = sqlalchemy.create_engine(postgres_url, poolclass=sqlalchemy.NullPool)
        with server.connect() as connection:
            name = sqlalchemy.make_url(database_url).database
            ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %(name)s"
            connection.exec_driver_sql(ours, {"name": name})
        yield ["second"]

    with_rows(monkeypatch, rows)
    job_id = request_export()
    run_jobs(queue.EXPORT)
    db.session().invalidate()  # this test's own connection went with the others
    assert the(job_id).state == "failed" and "The database failed or went away" in the(job_id).message
    assert files() == []
    monkeypatch.undo()
    again = control.retry(the(job_id))
    run_jobs(queue.EXPORT)
    assert the(again).state == "ready" and db.session.scalar(select(func.count()).select_from(Job)) == 1
