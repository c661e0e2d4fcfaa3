"""`flask reread`: what was kept is read again, in the queue or here, and it says what changed."""

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.extensions import db
from app.ingest import understand
from app.ingest.receive import receive
from app.jobs import control, reread, slices
from app.models import Job, Study
from app.models.job import REREAD
from tests.factories import ct_report, report_file, uid


@pytest.fixture
def studies(app):
    """The UIDs of two studies, from two rooms."""
    with app.app_context():
        return [
            receive(report_file(ct_report({"dlp": 100.0}), StationName=room)).study_instance_uid
            for room in ("NORTH", "SOUTH")
        ]


@pytest.fixture
def another_reader(monkeypatch):
    """A reader that finds two more mGy·cm in every event."""
    ours = understand.read_object

    def read_object(*asked):
        reading = ours(*asked)
        reading.row.parts["ct_event"][0].values["dlp"] += 2
        return reading

    monkeypatch.setattr(understand, "read_object", read_object)


def run(app, *args):
    return app.test_cli_runner().invoke(args=["reread", *args])


def sums(app):
    with app.app_context():
        return dict(db.session.execute(select(Study.study_instance_uid, Study.dlp_event_sum)).all())


def test_everything_is_read_again_and_the_changes_are_printed(app, studies, another_reader):
    result = run(app, "--here")
    assert result.exit_code == 0, result.output
    assert f"study {studies[0]}" in result.output
    assert "ct event 1, DLP: 100.0 → 102.0" in result.output
    assert "2 read again: 2 changed." in result.output
    assert set(sums(app).values()) == {102.0}


def test_nothing_changed_is_said_too(app, studies):
    assert run(app, "--here").output == "2 read again: 2 as before.\n"


@pytest.mark.parametrize("option", ["--study", "--device"])
def test_only_what_is_asked_for_is_read(app, studies, another_reader, option):
    run(app, "--here", option, studies[0] if option == "--study" else "north")
    assert sums(app) == {studies[0]: 102.0, studies[1]: 100.0}


def test_only_what_came_since_a_day_is_read(app, studies):
    assert run(app, "--here", "--since", "2999-01-01").output == "There was nothing to read again.\n"
    assert "2 as before" in run(app, "--here", "--since", "2000-01-01").output


def test_programs_get_the_changes_as_json(app, studies, another_reader):
    told = json.loads(run(app, "--here", "--json", "--study", studies[1]).output)
    assert told["counts"] == {"changed": 1}
    assert {"what": "ct event 1, DLP", "before": 100.0, "after": 102.0} in told["changes"][studies[1]]


def test_a_worker_reads_slice_after_slice_while_the_command_looks_on(
    app, studies, another_reader, run_jobs, monkeypatch
):
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    with app.app_context():
        for _ in range(3):
            receive(report_file(ct_report({"dlp": 98.0}), StudyInstanceUID=uid()))  # by the new reader already
        job_id = control.submit(reread.job_for())
        db.session.rollback()
    run_jobs("export")
    with app.app_context():
        job = db.session.get_one(Job, job_id)
        assert (job.state, job.done, job.total, job.query["slice"]) == ("ready", 5, 5, 4)
        assert job.message == "5 read again: 3 as before, 2 changed."


def test_the_command_waits_for_the_worker(app, studies, run_jobs):
    answers = []
    looking = threading.Thread(target=lambda: answers.append(run(app)))
    looking.start()
    while looking.is_alive():
        run_jobs("export")
    assert "2 read again: 2 as before." in answers[0].output


def test_a_queue_that_is_away_is_said_in_a_sentence(app, settings, studies, redis_of_our_own):
    app.config["SETTINGS"] = replace(settings, redis_url=redis_of_our_own.url)
    redis_of_our_own.stop()
    result = run(app)
    assert result.exit_code == 1
    assert "The queue does not answer" in result.output
    with app.app_context():
        assert db.session.scalars(select(Job.state).where(Job.kind == REREAD)).all() == ["failed"]
