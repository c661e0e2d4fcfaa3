"""A site with something of everything, of which some means harm."""

from datetime import date
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from app.demo.study import study as made_study
from app.extensions import db
from app.identity import STORED, Identity
from app.ingest.receive import receive
from app.jobs import arrivals
from app.jobs.ingest import ingest
from app.models import Refusal, SavedFilter, Study, User
from app.models.job import SIZES
from app.transactions import writing
from tests.factories import REPORT, ct_report, report_file
from tests.web.hostile.values import MARK
from tests.web.test_access import ALLOWED, a_job, path_of
from tests.web.visitor import make_user

STUDIES = 8
SCRIPT = f'"><{MARK} on{MARK}="1">{{{{7*7}}}}'


@pytest.fixture
def site(app, settings):
    """Studies of all kinds, one of a device that means harm, a refused object, an export and a saved filter."""
    settings.spool.mkdir(parents=True)
    (settings.spool / "text.dcm").write_bytes(b"no DICOM")
    make_user(app, "boss", "admin")
    harm = {"StudyDescription": SCRIPT, "StationName": SCRIPT[:16], "InstitutionName": SCRIPT, "PatientID": SCRIPT}
    with app.app_context():
        identity = Identity(STORED, "a secret")
        for number in range(STUDIES):
            for file in made_study(1, number, date(2026, 1, 16), REPORT).files:
                receive(BytesIO(file), settings.test_patient_patterns, identity=identity)
        receive(report_file(ct_report({"acquisition_protocol": SCRIPT}), **harm), identity=identity)
        ingest(str(settings.spool / "text.dcm"))
        with writing():
            owner = db.session.scalar(db.select(User.id))
            words = {"name": SCRIPT, "words": SCRIPT, "query": {"protocol__has": SCRIPT}}
            db.session.add(SavedFilter(owner_id=owner, modality="ct", shared=True, **words))
    return app


@pytest.fixture
def paths(site):
    """An address of every view by every method, of things that are there."""
    with site.app_context():
        uid = db.session.scalar(db.select(Study.study_instance_uid).order_by(Study.id.desc()))
        refused = db.session.scalar(db.select(Refusal.id))
    values = {"filename": "app.css", "modality": "ct", "uid": uid, "kind": "ct-csv", "name": "ct-1"}
    found = {}
    for endpoint, method in ALLOWED:
        numbered = "<int:id>" in next(site.url_map.iter_rules(endpoint)).rule
        values["id"] = refused if endpoint.startswith("quarantine") else 1 if numbered else a_job(site, "boss")
        if "<batch>" in next(site.url_map.iter_rules(endpoint)).rule:
            values["batch"] = a_batch(site)
        values["name"] = "protocol" if endpoint == "filters.choose" else "ct-1"
        found[endpoint, method] = path_of(site, endpoint, values)
    return found


def a_batch(site):
    """A table of sizes that waits for its columns to be chosen."""
    table = FileStorage(BytesIO(b"<b>,height,weight\n=1+1,1.8,80\n"), f"{MARK}<{MARK}>.csv")
    with site.app_context():
        batch, owner_id = arrivals.new_batch(), db.session.scalar(db.select(User.id).where(User.username == "boss"))
        arrivals.add(batch, owner_id, [(table.filename, table.save)], SIZES)
    return batch
