"""A patient with a name that nobody has goes through every route, and is looked for everywhere afterwards."""

import io
import re
import zlib
from dataclasses import replace

import pytest
from sqlalchemy import String, cast, select

from app import queue
from app.extensions import db
from app.identity import STORED
from app.ingest.reread import reread
from app.jobs.ingest import ingest
from app.models import Job, Original
from tests.factories import ct_report, report_file, uid
from tests.web.conftest import visitor  # noqa: F401 (a fixture)

PATIENT = {
    "PatientName": "Kanarienvogel^Hansi", "PatientID": "CANARY-4711", "OtherPatientIDs": "CANARY-0815",
    "PatientBirthDate": "19370514", "PatientAddress": "Canarystreet 99", "PatientTelephoneNumbers": "0815-4711-99",
    "AccessionNumber": "CANARY-ACC-77", "IssuerOfPatientID": "CANARYLAND", "OtherPatientNames": "Hansibird^Canary",
}  # fmt: skip
COMMENT = "Hansi Kanarienvogel, CANARY-4711, born 14.05.1937, Canarystreet 99, CANARY-ACC-77, call 0815-4711-99"
TRACES = ("kanarien", "canary", "hansi", "19370514", "1937-05-14", "14.05.1937", "0815-4711")
PAGES = ("/", "/ct/", "/jobs/", "/exports/", "/quarantine/", "/audit/", "/rooms/", "/users/", "/privacy", "/search",
         "/sizes/")  # fmt: skip
LEVELS = [
    {"accession_number": "none"},
    {"accession_number": "hashed", "patient_id": "hashed", "patient_name": "hashed"},
]


def report(**header):
    told = ct_report({"acquisition_protocol": f"Thorax {COMMENT}"}, comment=COMMENT)
    header = {"StudyInstanceUID": uid(), "StudyDescription": COMMENT[:19], "ImageComments": COMMENT} | header
    return report_file(told, **PATIENT, **header).getvalue()


@pytest.fixture(params=LEVELS, ids=["none", "hashed"])
def site(request, app, settings):
    """A site that keeps nothing of patients, or hashes."""
    settings = app.config["SETTINGS"] = replace(settings, patient_id_secret="secret", **request.param)
    settings.spool.mkdir(parents=True)
    return settings


def traces(text):
    """Which traces of the patient are in the text, whatever its bytes."""
    told = (text if isinstance(text, bytes) else text.encode()).lower()
    return [trace for trace in TRACES if trace.encode() in told]


def arrive(app, site, monkeypatch):
    """Objects come by the spool: whole, twice, cut short, no DICOM; one makes the importer fail with all it knows."""
    whole = report()
    files = {"whole": whole, "again": whole, "cut": report()[:-60], "noise": COMMENT.encode()}
    with app.app_context():
        for name, content in files.items():
            path = site.spool / f"{name}.dcm"
            path.write_bytes(content)
            queue.enqueue_ingest(site, path)
            ingest(str(path))
        path = site.spool / "crash.dcm"
        path.write_bytes(report())
        with monkeypatch.context() as patched:
            patched.setattr("app.ingest.store.study_values", lambda *args: 1 / 0)
            assert ingest(str(path)) == "failed"
        for id in db.session.scalars(select(Original.report_id)).all():
            reread(id)


def work(person, run_jobs):
    """Somebody uploads, exports and imports sizes."""
    files = [(io.BytesIO(report()), "whole.dcm"), (io.BytesIO(report()[:-60]), "cut.dcm")]
    person.post("/uploads/", {"files": files}, content_type="multipart/form-data")
    run_jobs(queue.EXPORT)
    for kind in ("ct-csv", "ct-xlsx", "ct-long-csv", "ct-long-parquet"):
        assert person.post(f"/exports/{kind}").status_code == 303
    run_jobs(queue.EXPORT)


def pages(person):
    """Each page that an administrator finds by following links, with its address; files too."""
    seen, waiting = {}, list(PAGES)
    while waiting and len(seen) < 150:
        address = waiting.pop(0)
        if address in seen:
            continue
        answer = person.get(address)
        seen[address] = address.encode() + answer.get_data()
        answer.close()
        if answer.mimetype == "text/html":
            found = re.findall(r'href="(/[^"#]*)"', answer.text)
            waiting += [one.replace("&amp;", "&") for one in found if not re.search("static|/quarantine/.+/file", one)]
    return seen


@pytest.mark.usefixtures("database_url")
def test_a_patient_is_nowhere(request, app, site, run_jobs, redis_server, caplog, capfd, monkeypatch):
    make = request.getfixturevalue("visitor")
    arrive(app, site, monkeypatch)
    person = make("admin", "boss")
    work(person, run_jobs)
    found = {address: traces(content) for address, content in pages(person).items()}
    person.app.testing = False
    person.app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("app.web.search.queries.by_accession", lambda *args: 1 / 0)
    found["an error"] = traces(person.post("/search", {"q": "Nobody"}).get_data())
    found["the log"] = traces(caplog.text + "".join(capfd.readouterr()))
    redis_server.client.save()
    found |= {str(path): traces(path.read_bytes()) for path in redis_server.folder.rglob("*") if path.is_file()}
    with app.app_context():
        for table in db.metadata.sorted_tables:
            rows = db.session.execute(select(*(cast(column, String) if not is_bytes(column) else column
                                               for column in table.columns)))  # fmt: skip
            found[table.name] = traces(b"\n".join(value_bytes(value) for row in rows for value in row))
        assert db.session.scalars(select(Job)).all()
        db.session.rollback()
    refused = site.media_root / "dicom_refused"
    for path in [*site.instance.rglob("*"), *site.media_root.rglob("*")]:
        if path.is_file() and refused not in path.parents:
            found[str(path)] = traces(path.read_bytes())
        found[f"the name {path.name}"] = traces(path.name)
    found |= {str(path): traces(path.read_bytes()) for path in site.instance.parent.glob("*.db*")}
    assert {where: what for where, what in found.items() if what} == {}
    assert STORED not in (site.patient_id, site.patient_name, site.accession_number)


def is_bytes(column):
    return column.type.python_type is bytes


def value_bytes(value):
    """The value; kept objects and what they said are compressed."""
    if isinstance(value, bytes):
        return zlib.decompress(value)
    return str(value).encode()
