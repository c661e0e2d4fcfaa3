"""Texts that no study uses any more go, whatever importers remember of them or do meanwhile."""

import pytest
from sqlalchemy import delete, select

from app.extensions import db
from app.ingest import lookups, names
from app.ingest.receive import IMPORTED, receive
from app.ingest.reread import UNCHANGED, reread
from app.jobs import upkeep
from app.models import Name, Report, Study
from app.transactions import changing, writing
from tests.factories import ct_report, report_file, uid

TYPED = "Thorax of Mrs Doe"


def arrive(**header):
    header = {"StudyInstanceUID": uid(), "SOPInstanceUID": uid(), "StudyDescription": "Thorax"} | header
    assert receive(report_file(ct_report({}), **header)).result == IMPORTED
    return header["StudyInstanceUID"]


def drop(study):
    with writing():
        db.session.execute(delete(Study).where(Study.study_instance_uid == study))


def texts():
    db.session.rollback()
    return set(db.session.scalars(select(Name.text)))


def described():
    db.session.rollback()
    return db.session.scalar(select(Name.text).join(Study, Study.description == Name.id))


@pytest.mark.usefixtures("database_url")
def test_what_no_study_uses_goes_and_nothing_else(app):
    with app.app_context():
        gone = arrive(StudyDescription=TYPED)
        arrive()
        drop(gone)
        assert TYPED in texts()
        assert upkeep.sweep_names() > 0
        assert TYPED not in texts() and "Thorax" in texts()
        assert upkeep.sweep_names() == 0


@pytest.mark.usefixtures("database_url")
def test_an_importer_that_remembers_a_swept_text_asks_for_it_anew(app):
    with app.app_context():
        drop(arrive(StudyDescription=TYPED))
        upkeep.sweep_names()
        with changing(db.engine) as connection:
            lookups.insert_new(connection, Name.__table__, [{"digest": "0", "text": "another", "folded": "another"}])
        arrive(StudyDescription=TYPED)
        assert described() == TYPED
        assert {reread(id).result for id in db.session.scalars(select(Report.id)).all()} == {UNCHANGED}


@pytest.mark.usefixtures("database_url")
def test_a_text_that_is_taken_up_while_it_is_swept_stays(app, monkeypatch):
    with app.app_context():
        drop(arrive(StudyDescription=TYPED))
        unused = names._unused(db.engine)
        monkeypatch.setattr(names, "_unused", lambda engine: unused)
        arrive(StudyDescription=TYPED)
        upkeep.sweep_names()
        assert described() == TYPED
