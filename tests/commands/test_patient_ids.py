"""`flask patient-ids` on the command line."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.exports.place import file_of
from app.extensions import db
from app.identity import STORED, Identity
from app.ingest.receive import receive
from app.models import Job, Study
from tests.factories import ct_report, report_file
from tests.web.test_access import a_job
from tests.web.visitor import make_user


@pytest.fixture
def apply(app, settings):
    """Stores studies of two patients with their IDs, and one of nobody; then lets the site keep less."""
    with app.app_context():
        for id in ("1", "2", ""):
            receive(report_file(ct_report({}), PatientID=id), identity=Identity(STORED, "secret"))

    def apply(keeps):
        app.config["SETTINGS"] = replace(settings, patient_id=keeps, patient_id_secret="secret")
        words = app.test_cli_runner().invoke(args=["patient-ids", "apply"]).output
        with app.app_context():
            left = db.session.execute(select(func.count(Study.patient_key), func.count(Study.patient_id))).one()
        return words, tuple(left)

    return apply


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize(
    ("keeps", "changed", "left"), [("stored", 0, (2, 2)), ("hashed", 2, (2, 0)), ("none", 2, (0, 0))]
)
def test_what_the_site_keeps_no_more_is_taken_away(apply, keeps, changed, left):
    words, found = apply(keeps)
    assert found == left
    assert words.startswith(
        f"{changed} changed. Of 3 studies {left[0]} tell their patients apart, {left[1]} keep the ID."
    )
    assert ("come again" in words) == (keeps != "none")


@pytest.mark.parametrize(("keeps", "left"), [("stored", {"ct-csv", "ct-csv-pid"}), ("hashed", {"ct-csv"})])
def test_files_with_ids_go_with_the_ids(app, apply, settings, keeps, left):
    make_user(app, "exporter", "export-pid")
    (settings.media_root / "exports").mkdir(parents=True)
    for kind in ("ct-csv", "ct-csv-pid"):
        job_id = a_job(app, "exporter", kind=kind, title=kind, state="ready", result=f"exports/{kind}.csv")
        with app.app_context():
            file = file_of(settings.media_root, db.session.get_one(Job, job_id))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("Patient ID")
    words, _ = apply(keeps)
    assert ("1 export with patients’ IDs deleted." in words) == (keeps == "hashed")
    assert len(list((settings.media_root / "exports").rglob("*.csv"))) == len(left)
    with app.app_context():
        assert set(db.session.scalars(select(Job.kind))) == left
