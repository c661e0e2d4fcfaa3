"""A worker that is killed while it deletes leaves whole studies, each of them told or still there."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import accounts, audit
from app.extensions import db
from app.jobs import control, deletion, housekeeping
from app.models import AuditEntry, CtEvent, Job, Report, Study
from app.queries.deletion import extent
from app.queries.selection import Selection
from app.queue import EXPORT
from app.transactions import writing
from bench.web import archive
from tests.processes import program
from tests.servers import wait_until

STUDIES = 6000  # of all modalities


def of_ct():
    """The UIDs of the studies that are there."""
    db.session.rollback()
    return set(db.session.scalars(select(Study.study_instance_uid).where(Study.modality == "CT")))


def count(what, *clauses):
    return db.session.scalar(select(what).where(*clauses)) or 0


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="only Linux tells a process that its parent ended")
def test_what_a_killed_worker_left_can_be_deleted(database, settings, run_jobs, tmp_path, monkeypatch):
    archive.make(db.engine, STUDIES)
    with writing():
        accounts.create("boss", "a password for tests", ["admingroup"])
    before, selection = of_ct(), Selection.from_args("ct", {})
    newest, owner_id = extent(selection.studies()).newest, accounts.find("boss").id
    with program(settings, "worker.py", EXPORT, output=tmp_path / "worker.log") as worker:
        job_id = deletion.request(selection, newest, "/ct/", owner_id)
        wait_until(lambda: len(of_ct()) < len(before), "some are deleted")
        worker.kill()
    left = of_ct()
    assert left, "all were gone before the worker was killed"
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == audit.DELETE_STUDIES, AuditEntry.outcome == audit.DONE)
    )
    told = [entry.details["studies"] for entry in entries]
    assert {uid for some in told for uid in some} == before - left
    assert count(func.count(Report.id)) == count(func.count(Study.id))
    assert count(func.count(CtEvent.id)) == count(func.sum(Study.number_of_events), Study.modality == "CT")

    monkeypatch.setattr(housekeeping, "JUST_NOW", timedelta(0))
    monkeypatch.setattr(housekeeping, "SILENCE", timedelta(0))
    housekeeping.settle()
    db.session.rollback()
    job = db.session.get_one(Job, job_id)
    assert job.state == "failed" and "Try again" in job.message
    control.retry(job)
    run_jobs(EXPORT)
    assert not of_ct()
