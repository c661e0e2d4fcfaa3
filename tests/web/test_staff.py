"""A site that wants no names of staff any more: what is stored loses them too, and reading again brings none back."""

import zlib
from dataclasses import replace

import pytest
from sqlalchemy import select

from app import queue
from app.extensions import db
from app.ingest.policy import RDSR, Policy
from app.ingest.receive import DUPLICATE, IMPORTED, receive
from app.ingest.reread import UNCHANGED, reread
from app.models import Name, Original, Report, Study
from tests.factories import ct_report, report_file, uid

STAFF = {"OperatorsName": "Kanarienvogel^Olga", "ReferringPhysicianName": "Wellensittich^Paul"}
TRACES = (b"anarienvogel", b"ellensittich")


@pytest.fixture
def wants(app, settings):
    """Lets the site want something of names of staff."""

    def wants(staff):
        app.config["SETTINGS"] = replace(settings, staff_names=staff, patient_id_secret="secret")
        return app.config["SETTINGS"].identity

    return wants


def traces():
    """Which names of staff are in what is stored."""
    db.session.rollback()
    kept = [held for pair in db.session.execute(select(Original.told, Original.kept)) for held in pair if held]
    texts = [text.encode() for text in db.session.scalars(select(Name.text))]
    return [trace for trace in TRACES if trace in b"\n".join([*map(zlib.decompress, kept), *texts])]


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize("staff", ["none", "hashed"])
def test_names_of_staff_go_from_what_is_stored(app, wants, visitor, run_jobs, keep, staff):
    header = {"StudyInstanceUID": uid(), "SOPInstanceUID": uid()} | STAFF
    if keep:  # otherwise texts can't be searched again
        header["StudyDescription"] = "Thorax by Olga Kanarienvogel"
    report, policy = ct_report({}), Policy(frozenset() if keep else frozenset({RDSR}))
    with app.app_context():
        assert receive(report_file(report, **header), identity=wants("stored"), policy=policy).result == IMPORTED
        receive(report_file(ct_report({}), StudyInstanceUID=uid(), SOPInstanceUID=uid(), StudyDescription="Head"))
        assert b"anarienvogel" in traces()
        identity = wants(staff)
    person = visitor("admin")
    assert "2 studies have more of names of staff" in person.get("/privacy").text
    person.post("/privacy")
    run_jobs(queue.EXPORT)
    assert "Nothing more is stored" in person.get("/privacy").text
    with app.app_context():
        if keep:
            assert traces() == []
            assert receive(report_file(report, **header), identity=identity).result == DUPLICATE
        else:
            assert b"anarienvogel" not in traces()
        shown = db.session.scalar(select(Name.text).join(Study, Study.operator == Name.id))  # the other has none
        assert shown == (identity.staff_name(STAFF["OperatorsName"]) or None)
        if keep:
            assert {reread(id).result for id in db.session.scalars(select(Report.id)).all()} == {UNCHANGED}


def test_reading_again_takes_names_away_that_the_site_does_not_want_any_more(app, wants):
    with app.app_context():
        receive(report_file(ct_report({}), **STAFF), identity=wants("stored"))
        id = db.session.scalar(select(Report.id))
        for staff in ("none", "stored"):
            db.session.rollback()
            reread(id, wants(staff))
            assert db.session.scalar(select(Study.operator)) is None
