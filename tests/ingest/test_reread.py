"""Kept objects can be read again; what that changes is changed, and told."""

import pytest
from sqlalchemy import select, update

from app.dicom.reader import Problem
from app.extensions import db
from app.ingest import understand
from app.ingest.policy import KINDS, Policy
from app.ingest.receive import receive
from app.ingest.reread import CHANGED, NOT_KEPT, UNCHANGED, UNREADABLE, reread
from app.models import CtAccumulated, CtEvent, Original, Report, Study
from app.transactions import writing
from tests.factories import ct_report, fluoroscopy_report, report_file, uid
from tests.ingest.test_order import everything


@pytest.fixture
def report_id(database):
    """A stored report of two events."""
    file = report_file(
        ct_report({"dlp": 100.0}, {"dlp": 50.0}), PatientName="Phy^Sics", PatientAge="", PatientBirthDate="19600301"
    )
    receive(file, {"name": ["phy"]})
    return db.session.scalar(select(Report.id))


def with_reader(monkeypatch, alter):
    """Let another version of the reader be at work, which alters what it reads."""
    ours = understand.read_object

    def read_object(*asked):
        reading = ours(*asked)
        alter(reading)
        return reading

    monkeypatch.setattr(understand, "read_object", read_object)


def test_reading_again_with_the_same_reader_changes_nothing(database, dicom_folder):
    for path in sorted(dicom_folder.glob("*.dcm")):
        receive(str(path))
    before = everything()
    results = {reread(id).result for id in db.session.scalars(select(Original.report_id)).all()}
    assert results == {UNCHANGED}
    db.session.rollback()
    assert everything() == before


def test_what_a_new_reader_reads_otherwise_is_changed_and_told(database_url, report_id, monkeypatch):
    def double(reading):
        reading.row.parts["ct_event"][0].values["dlp"] = 120.0

    with_reader(monkeypatch, double)
    outcome = reread(report_id)
    db.session.rollback()
    assert outcome.result == CHANGED
    told = {change["what"]: (change["before"], change["after"]) for change in outcome.changes}
    assert told["ct event 1, DLP"] == (100.0, 120.0)
    assert told["DLP, sum of events"] == (150.0, 170.0)
    assert "Problems between its objects" in told  # the total is now another than the sum
    assert db.session.scalars(select(CtEvent.dlp).order_by(CtEvent.number)).all() == [120.0, 50.0]
    (history,) = db.session.scalar(select(Report.changes))
    assert history["changes"] == list(outcome.changes)


def test_events_that_stay_as_they_are_keep_their_rows(report_id, monkeypatch):
    receive(report_file(ct_report({"dlp": 7.0})))  # whose event is the last: SQLite gives the last id again
    ids = select(CtEvent.id).join(Report).where(Report.id == report_id).order_by(CtEvent.number)
    first, second = db.session.scalars(ids).all()
    with_reader(monkeypatch, lambda reading: reading.row.parts["ct_event"][0].values.update(dlp=1.0))
    reread(report_id)
    db.session.rollback()
    replaced, kept = db.session.scalars(ids).all()
    assert kept == second
    assert replaced != first


def test_what_a_report_accumulates_is_read_again_too(report_id, monkeypatch):
    with_reader(monkeypatch, lambda reading: reading.row.parts["ct_accumulated"][0].values.update(comment="new"))
    reread(report_id)
    db.session.rollback()
    assert db.session.scalar(select(CtAccumulated.comment)) == "new"


def test_new_problems_and_unread_items_are_kept(report_id, monkeypatch):
    with_reader(monkeypatch, lambda reading: reading.problems.append(Problem("here", "is wrong")))
    assert [change["what"] for change in reread(report_id).changes] == ["Problems"]
    db.session.rollback()
    assert [problem["message"] for problem in db.session.scalar(select(Report.problems))] == ["is wrong"]
    assert db.session.scalar(select(Study.problem_count)) == 1


def test_what_was_worked_out_from_the_patients_identity_stays(report_id):
    study = db.session.scalars(select(Study)).one()
    before = (study.patient_age, study.test_patient, study.test_patterns)
    db.session.rollback()
    assert reread(report_id).result == UNCHANGED
    assert (study.patient_age, study.test_patient, study.test_patterns) == before
    assert before[0] == 65.9 and before[1] == "phy"


def test_an_object_that_the_new_reader_refuses_stays_as_it_was(report_id, monkeypatch):
    def refuse(*_):
        raise understand.Damaged("no")

    monkeypatch.setattr(understand, "read_object", refuse)
    assert reread(report_id).result == UNREADABLE
    assert db.session.scalar(select(Study.dlp_total)) == 150.0


def test_an_object_that_was_not_kept_is_told_so(database):
    receive(report_file(ct_report({})), policy=Policy(frozenset(KINDS)))
    assert reread(db.session.scalar(select(Report.id))).result == NOT_KEPT


def test_a_report_that_others_continue_is_read_again_among_them(database, monkeypatch):
    study = uid()
    for dlp in (10.0, 20.0):
        receive(report_file(ct_report({"dlp": dlp}), StudyInstanceUID=study))
    first = db.session.scalar(select(Report.id).order_by(Report.id))
    db.session.rollback()

    def alter(reading):
        reading.row.parts["ct_event"][0].values["dlp"] = 11.0
        reading.row.parts["ct_accumulated"][0].values["dlp_total"] = 11.0

    with_reader(monkeypatch, alter)
    reread(first)
    db.session.rollback()
    assert db.session.scalar(select(Study.dlp_total)) == 31.0


def repeating_reports(order):
    """Stores a report and one that tells its event again with another, in this order; gives which totals count."""
    study, event = uid(), {"irradiation_event_uid": uid()}
    reports = [
        report_file(
            fluoroscopy_report(*events),
            StudyInstanceUID=study,
            StudyDescription="Angio",
            ContentTime=at,
            SOPInstanceUID=f"2.25.9{at}",
        )
        for at, events in (("100000", [event]), ("110000", [event, {"irradiation_event_uid": uid()}]))
    ]
    for place in order:
        receive(reports[place])
    return counting(study)


def counting(study):
    """Whether each report of the study counts in its totals, the earlier one first."""
    db.session.rollback()
    asked = select(Report.in_totals).join(Study, Study.id == Report.study_id).where(Study.study_instance_uid == study)
    return list(db.session.scalars(asked.order_by(Report.content_time)))


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_counts_in_the_totals_does_not_depend_on_the_order_of_arrival(database, order):
    assert repeating_reports(order) == [False, True]


@pytest.mark.usefixtures("database_url")
def test_what_an_earlier_version_did_not_work_out_is_there_once_objects_are_read_again(database):
    repeating_reports((0, 1))
    study = db.session.scalars(select(Study)).one()
    uid_, title, protocols = study.study_instance_uid, study.title, study.protocols
    with writing():
        db.session.execute(update(Report).values(in_totals=True, outcome="counted"))  # as a new column begins
        db.session.execute(update(Study).values(title=None, protocols=None, dap_total=7.0))
    results = [reread(id) for id in db.session.scalars(select(Report.id).order_by(Report.id)).all()]
    assert counting(uid_) == [False, True]
    study = db.session.scalars(select(Study)).one()
    assert (study.title, study.protocols, study.dap_total) == (title, protocols, 2e-4)
    (told,) = [change for change in results[0].changes if change["before"] == 7.0]
    assert told["after"] == 2e-4 and results[1].result == UNCHANGED


def test_a_mark_that_somebody_took_away_does_not_come_back(report_id):
    with writing():
        db.session.execute(update(Study).values(test_patient=None, test_patterns=None))
    assert reread(report_id).result == UNCHANGED
    assert db.session.scalar(select(Study.test_patient)) is None
