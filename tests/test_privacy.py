"""What is written down of a failure does not tell of patients, and nothing else does unless the site wants it."""

from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app import queue
from app.extensions import db
from app.ingest.receive import receive
from app.jobs.ingest import ingest
from app.models import Study
from app.transactions import writing
from tests.factories import ct_report, report_file

CANARY = {"PatientID": "Canary-4711-0815", "PatientName": "Kanarienvogel^Hansi", "OtherPatientIDs": "Canary-99"}
TRACES = ("canary", "4711-0815", "47110815", "kanarienvogel")


def test_errors_of_the_database_do_not_quote_what_was_to_be_stored(database):
    with pytest.raises(IntegrityError) as failed, db.engine.begin() as connection:
        connection.execute(insert(Study).values(study_instance_uid=None, modality="CT", accession_number="SECRET-17"))
    assert "SECRET-17" not in str(failed.value)


def arrive(app, settings, **values):
    """The site with these settings receives an object of the patient as it does from the network; gives its study."""
    settings = app.config["SETTINGS"] = replace(settings, patient_id_secret="a secret", **values)
    settings.spool.mkdir(parents=True)
    path = settings.spool / "1.dcm"
    path.write_bytes(report_file(ct_report({}), IssuerOfPatientID="CanaryIsland", **CANARY).getvalue())
    with app.app_context():
        queue.enqueue_ingest(settings, path)
        assert ingest(str(path)) == "imported"
        return db.session.scalar(select(Study))


def traces(settings, redis_server):
    """Which traces of the patient are in any file of the site, or in the queue."""
    redis_server.client.save()
    files = [*settings.instance.rglob("*"), *redis_server.folder.rglob("*")]
    written = b"\n".join(path.read_bytes() for path in files if path.is_file()).lower()
    assert b"hospital" in written  # it would be found
    return [trace for trace in TRACES if trace.encode() in written]


def test_by_default_nothing_is_kept_of_who_the_patient_is(app, settings, redis_server, caplog):
    study = arrive(app, settings)
    assert (study.patient_key, study.patient_issuer, study.patient_id) == (None, None, None)
    assert traces(settings, redis_server) == []
    assert not (settings.instance / "patient_id_secret").exists()
    assert "canary" not in caplog.text.lower()


def test_a_hash_leaves_no_trace_of_the_id(app, settings, redis_server, caplog):
    study = arrive(app, settings, patient_id="hashed")
    assert study.patient_key and study.patient_issuer and study.patient_id is None
    assert traces(settings, redis_server) == []
    assert "canary" not in caplog.text.lower()


def test_the_id_itself_is_in_its_column_only_where_the_site_wants_it(app, settings, redis_server):
    assert arrive(app, settings, patient_id="stored").patient_id == "Canary-4711-0815"
    with app.app_context(), writing():
        study = db.session.scalar(select(Study))
        study.patient_id = None
    with app.app_context(), db.engine.connect() as connection:
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.connection.execute(statement)
    assert traces(settings, redis_server) == []


def test_an_object_that_is_received_by_hand_is_as_nameless(database):
    receive(BytesIO(report_file(ct_report({}), **CANARY).getvalue()))
    assert db.session.scalar(select(Study)).patient_key is None
