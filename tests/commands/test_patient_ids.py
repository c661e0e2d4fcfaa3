"""`flask patient-ids` on the command line."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.identity import STORED, Identity
from app.ingest.receive import receive
from app.models import Study
from tests.factories import ct_report, report_file


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
