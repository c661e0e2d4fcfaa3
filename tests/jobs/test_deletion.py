"""Studies are deleted with all that belongs to them, at once or by a worker; importers meanwhile come to no harm."""

import threading
import time

import pytest
from sqlalchemy import func, select

from app import accounts, audit, queue
from app.extensions import db
from app.ingest.receive import receive
from app.jobs import control, deletion, housekeeping, slices
from app.models import AuditEntry, CtEvent, CtSource, Equipment, Job, Name, Original, Report, Study
from app.queries.deletion import chosen, extent
from app.queries.selection import Selection
from app.remembered import remembered
from app.transactions import writing
from tests.factories import ct_report, fluoroscopy_report, nuclear_report, report_file, uid

OF_STUDIES = {
    table
    for table in db.metadata.tables.values()
    if table.name
    not in ("audit_entry", "audit_head", "audit_sent", "job", "user", "name", "code", "equipment", "equipment_version")
}


def import_(number=1, **header) -> list[str]:
    """Stores so many CT studies; gives their UIDs."""
    source = {"ct_source": [{"kvp": 120.0}]}
    uids = [uid() for _ in range(number)]
    for one in uids:
        file = report_file(ct_report({"dlp": 100.0} | source), **({"StudyInstanceUID": one} | header))
        assert receive(file).result == "imported"
    return uids


def left() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Study.study_instance_uid)))


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


@pytest.mark.usefixtures("database_url")
def test_everything_of_the_study_goes_and_nothing_of_others(database):
    kept, gone = import_(2)
    for report in (fluoroscopy_report({}), nuclear_report({}, patient_characteristics=[{"height": 178.0}])):
        receive(report_file(report, StudyInstanceUID=gone))
    assert deletion.delete_chosen([gone, "1.2.3"]) == 1
    assert left() == {kept}
    assert [count(table) for table in (Report, Original, CtEvent, CtSource)] == [1] * 4
    assert count(Name) and count(Equipment) == 1
    assert deletion.delete_chosen([kept]) == 1
    assert {table.name: count(table) for table in OF_STUDIES if count(table)} == {}


@pytest.mark.usefixtures("database_url")
def test_who_deleted_what_is_written_down_and_nothing_where_it_fails(database, monkeypatch):
    uids = import_(2)
    deletion.delete_chosen(uids)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.what, entry.outcome) == ("delete studies", "2 studies", "done")
    assert entry.details["studies"] == uids
    others = import_(1)
    monkeypatch.setattr(deletion.audit, "record", lambda *_args, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        deletion.delete_chosen(others)
    assert left() == set(others)


@pytest.mark.usefixtures("database_url")
def test_what_is_deleted_and_sent_again_is_imported_as_new(database):
    file = report_file(ct_report({"dlp": 100.0}))
    study_uid = receive(file).study_instance_uid
    before = db.session.scalar(select(Study.id))
    deletion.delete_chosen([study_uid])
    file.seek(0)
    assert receive(file).result == "imported"
    db.session.rollback()
    assert db.session.scalar(select(Study.id)) > before, "numbers are never given twice"


@pytest.mark.usefixtures("database_url")
def test_the_question_says_what_goes(database):
    uids = import_(2, StudyDate="20260101") + import_(1, StudyDate="20260301", StationName="EAST")
    told = extent(chosen(uids))
    assert (told.studies, told.events, told.objects) == (3, 3, 3)
    assert (f"{told.first}", f"{told.last}") == ("2026-01-01", "2026-03-01")
    assert told.rooms == ["Hospital EAST", "Hospital ROOM1"]
    assert extent(chosen(["1.2.3"])).studies == 0


@pytest.fixture
def request_deletion(database):
    """Asks for the deletion of all studies that match and came so far; gives the job's id."""
    with writing():
        accounts.create("boss", "a password for tests", ["admingroup"])

    def ask(**asked) -> str:
        selection = Selection.from_args("ct", asked)
        newest = extent(selection.studies()).newest
        return deletion.request(selection, newest, "/ct/", accounts.find("boss").id)

    return ask


def the(job_id) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job_id)


@pytest.mark.usefixtures("database_url")
def test_all_that_match_go_in_slices_and_what_comes_later_stays(request_deletion, run_jobs, monkeypatch):
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    monkeypatch.setattr(deletion, "BATCH", 2)
    import_(5, StationName="WEST")
    others = import_(1, StationName="EAST")
    job_id = request_deletion(station__has="west")
    later = import_(1, StationName="WEST")
    run_jobs(queue.EXPORT)
    job = the(job_id)
    assert (job.state, job.message) == ("ready", "5 studies are deleted.")
    assert (job.done, job.total, job.query["slice"]) == (5, 5, 3)
    assert job.title == "Delete CT studies, station contains “west”"
    assert left() == {*others, *later}
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == audit.DELETE_STUDIES).order_by(AuditEntry.id)
    ).all()
    assert [(entry.outcome, entry.username) for entry in entries][1:] == [("done", "boss")] * 3
    assert entries[0].outcome == "asked for"


def test_figures_of_before_are_forgotten(request_deletion, run_jobs):
    def studies():
        time.sleep(0.05)  # dear enough to be remembered
        db.session.rollback()
        return count(Study)

    import_(2)
    assert [remembered("studies", studies) for _ in range(3)] == [2, 2, 2]
    import_(1)
    assert remembered("studies", studies) == 2
    db.session.rollback()
    request_deletion()
    run_jobs(queue.EXPORT)
    assert remembered("studies", studies) == 0


def test_deleting_stops_when_told_and_goes_on_where_it_was(request_deletion, run_jobs, monkeypatch):
    monkeypatch.setattr("app.jobs.progress.TELL_SECONDS", 0)
    monkeypatch.setattr(deletion, "BATCH", 2)
    import_(5)
    job_id = request_deletion()
    with monkeypatch.context() as patch:
        real = deletion._delete
        patch.setattr(deletion, "_delete", lambda *args: (control.abort(the(job_id)), real(*args))[1])
        run_jobs(queue.EXPORT)
    assert the(job_id).state == "aborted" and len(left()) == 3
    again = control.retry(the(job_id))
    run_jobs(queue.EXPORT)
    assert (the(again).state, the(again).total, left()) == ("ready", 3, set())


def test_a_worker_that_is_killed_half_way_leaves_whole_studies_and_the_rest_can_be_deleted(
    request_deletion, run_jobs, monkeypatch
):
    monkeypatch.setattr(deletion, "BATCH", 2)
    monkeypatch.setattr(housekeeping, "JUST_NOW", -housekeeping.JUST_NOW)

    class Killed(BaseException):
        """As if by kill -9: no line of ours runs any more."""

    import_(5)
    job_id = request_deletion()
    real, calls = db.session.execute, []

    def die(statement, *args, **options):
        if getattr(statement, "is_delete", False):
            calls.append(statement)
            if len(calls) == 2:
                real(statement, *args, **options)  # not committed
                raise Killed
        return real(statement, *args, **options)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(db.session, "execute", die)
        deletion.delete_slice(job_id)
    assert the(job_id).state == "running"
    assert len(left()) == 3 == count(Report) == count(CtEvent)
    queue.shared_connection(database_settings().redis_url).flushdb()  # the queue has no such job any more
    housekeeping.settle()
    assert the(job_id).state == "failed" and "Try again" in the(job_id).message
    control.retry(the(job_id))
    run_jobs(queue.EXPORT)
    assert left() == set()


def database_settings():
    from flask import current_app

    return current_app.config["SETTINGS"]


def test_a_fault_of_the_database_is_told(request_deletion, run_jobs, monkeypatch):
    import_(1)
    job_id = request_deletion()
    monkeypatch.setattr(deletion, "_delete", lambda *_args: 1 / 0)
    run_jobs(queue.EXPORT)
    assert the(job_id).state == "failed" and "try again" in the(job_id).message


@pytest.mark.usefixtures("database_url")
def test_an_import_of_the_same_study_at_the_same_moment_breaks_neither(app, database):
    study_uid = uid()
    results = []

    def work(act):
        with app.app_context():
            for _ in range(25):
                results.append(act())

    def import_another():
        return receive(report_file(ct_report({"dlp": 100.0}), StudyInstanceUID=study_uid)).result

    importers = [threading.Thread(target=work, args=[import_another]) for _ in range(2)]
    deleter = threading.Thread(target=work, args=[lambda: deletion.delete_chosen([study_uid])])
    for one in (*importers, deleter):
        one.start()
    for one in (*importers, deleter):
        one.join()
    assert len(results) == 75 and results.count("imported") == 50, results
    db.session.rollback()
    assert count(CtEvent) == count(Report)
    deletion.delete_chosen([study_uid])
    assert count(Report) == count(CtEvent) == count(Original) == 0
