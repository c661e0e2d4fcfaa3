"""`flask test-patients` on the command line."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.extensions import db
from app.ingest import marks
from app.ingest.receive import receive
from app.models import Study
from tests.factories import ct_report, report_file, uid


@pytest.fixture
def apply(app, settings):
    """Stores studies of some patients, then applies other patterns."""
    with app.app_context():
        for name, id in (("Physics^QA", "1"), ("Murphy^Anna", "2"), ("Doe^Jane", "QA-3"), ("Doe^John", "4")):
            report = report_file(ct_report({}), PatientName=name, PatientID=id)
            assert receive(report, settings.test_patient_patterns).result == "imported"

    def apply(**patterns):
        app.config["SETTINGS"] = replace(settings, **patterns)
        return app.test_cli_runner().invoke(args=["test-patients", "apply"]).output

    return apply


def marked(app):
    with app.app_context():
        return [
            tuple(row) for row in db.session.execute(select(Study.test_patient, Study.test_patterns).order_by(Study.id))
        ]


@pytest.mark.usefixtures("database_url")
def test_patterns_that_are_no_longer_set_are_taken_away_and_others_stay(app, apply, monkeypatch):
    monkeypatch.setattr(marks, "BATCH", 2)
    before = [("phy", ["name: phy", "name: qa"]), ("phy", ["name: phy"]), ("qa", ["ID: qa"]), (None, None)]
    assert marked(app) == before
    said = apply(test_patient_name_patterns=("QA", "phantom"), test_patient_id_patterns=("qa",))
    assert marked(app) == [("qa", ["name: qa"]), (None, None), ("qa", ["ID: qa"]), (None, None)]
    assert said.startswith("3 marked studies: 2 changed, 2 still marked.\n")
    assert "names and IDs of patients are not kept" in said


def test_the_same_patterns_change_nothing(app, apply):
    before = marked(app)
    assert apply().startswith("3 marked studies: 0 changed, 3 still marked.\n")
    assert marked(app) == before
    assert apply(test_patient_name_patterns=(), test_patient_id_patterns=()).startswith(
        "3 marked studies: 3 changed, 0"
    )
    assert apply().startswith("0 marked studies: 0 changed, 0 still")


def test_a_pattern_that_was_taken_away_and_set_again_marks_the_study_with_its_next_object(app):
    study = uid()
    with app.app_context():
        receive(report_file(ct_report({}), StudyInstanceUID=study, PatientName="Multi^Phantom"), {"name": ["multi"]})
        assert list(marks.apply({"name": ["xyz"]}))
        assert db.session.scalar(select(Study.test_patient)) is None
        db.session.rollback()
        receive(report_file(ct_report({}), StudyInstanceUID=study, PatientName="Multi^Phantom"), {"name": ["multi"]})
        assert db.session.scalar(select(Study.test_patient)) == "multi"
