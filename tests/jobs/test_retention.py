"""What is kept for a time only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.extensions import db
from app.ingest.receive import receive
from app.jobs import retention, upkeep
from app.jobs.clock import now
from app.models import Job, Original, Report, Study
from app.models.job import DELETE, SIZES, UPLOAD
from app.transactions import writing
from tests.factories import ct_report, report_file

pytestmark = pytest.mark.usefixtures("database_url")


@pytest.fixture
def wants(app, database):
    """Lets the site want something else."""

    def change(**changes):
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], **changes)

    return change


def job(name, days, **values):
    ended = now() - timedelta(days=days)
    told = {"kind": DELETE, "state": "ready", "finished_at": ended} | values
    db.session.add(Job(id=name, title=name, query={"batch": name}, created_at=ended, **told))


def names():
    return {job.id for job in db.session.scalars(db.select(Job))}


def test_jobs_are_listed_for_as_long_as_the_site_wants(wants):
    with writing():
        job("young", 3)
        job("old", 91)
        job("old, running", 91, state="running", finished_at=None)
        job("old, with names", 91, kind=UPLOAD)
        job("old, with a log", 91, kind=SIZES)
        job("old, with a file", 91, kind="ct-csv")
    retention.drop_old_jobs()
    assert names() == {"young", "old, running", "old, with names", "old, with a log", "old, with a file"}
    wants(keep_jobs_days=0)
    with writing():
        job("very old", 4000)
    retention.drop_old_jobs()
    assert "very old" in names()


def test_no_more_jobs_are_listed_than_the_site_wants(wants):
    wants(keep_jobs=2)
    with writing():
        for days in range(1, 6):
            job(f"{days} days ago", days)
    retention.drop_old_jobs()
    assert names() == {"1 days ago", "2 days ago"}


def test_objects_are_not_kept_longer_than_the_site_wants_and_what_was_read_of_them_is(wants):
    for _ in range(2):
        receive(report_file(ct_report({})))
    with writing():
        first = db.session.scalars(db.select(Report).order_by(Report.id)).first()
        first.received_at = now() - timedelta(days=400)
        first_id = first.id
    upkeep.tend()
    assert db.session.scalar(db.select(db.func.count()).where(Original.kept.is_(None))) == 0
    wants(keep_objects_days=365)
    upkeep.tend()
    gone = list(db.session.scalars(db.select(Original.report_id).where(Original.kept.is_(None))))
    assert gone == [first_id]
    assert db.session.scalar(db.select(db.func.count(Study.id))) == 2
