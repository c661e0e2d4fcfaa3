"""A patient with a name that nobody has goes through every route, and is looked for everywhere afterwards."""

import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pydicom
import pytest
from pyarrow import parquet
from pydicom.uid import generate_uid
from sqlalchemy import String, cast, select

from app import queue
from app.extensions import db
from app.identity import STORED
from app.ingest.reread import reread
from app.jobs.ingest import ingest
from app.models import Job, Original, Study
from app.models.job import SIZES
from app.operations import alarms
from tests.factories import ct_report, report_file, uid
from tests.network.sender import send
from tests.processes import program
from tests.servers import wait_until
from tests.smtp import mail_server
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
SIZES_TABLE = """UID;ID;Acc;Date;Height;Weight;Name
{study};CANARY-4711;CANARY-ACC-77;2026-01-15;175;70;Kanarienvogel
{study};CANARY-4711;CANARY-ACC-77;2026-01-15;176;71;Kanarienvogel
1.2.3;CANARY-0815;CANARY-ACC-78;2026-01-15;162;55;Hansi
1.2.4;CANARY-0816;CANARY-ACC-79;2026-01-15;462;55;Canary
"""
QUESTIONS = 3  # that are asked of one page in its address
COLUMNS = {"uid": "0", "patient": "1", "accession": "2"}


def report(**header):
    told = ct_report({"acquisition_protocol": f"Thorax {COMMENT}"}, comment=COMMENT)
    header = {"StudyInstanceUID": uid(), "StudyDescription": COMMENT[:19], "ImageComments": COMMENT} | header
    return report_file(told, **PATIENT, **header).getvalue()


@pytest.fixture
def mails():
    """What a server takes that sends mails for the site."""
    with mail_server() as server:
        yield server


@pytest.fixture(params=LEVELS, ids=["none", "hashed"])
def site(request, app, settings, mails):
    """A site that keeps nothing of patients, or hashes, and writes a mail about the first object it can't read."""
    told = {"smtp_host": "127.0.0.1", "smtp_port": mails.port, "smtp_tls": "none", "alarm_to": ("it@hospital.example",)}
    told |= {"alarm_failures": 1, "patient_id_secret": "secret"}
    settings = app.config["SETTINGS"] = replace(settings, **told, **request.param)
    settings.spool.mkdir(parents=True)
    return settings


def traces(text):
    """Which traces of the patient are in the text, whatever its bytes, packed ones too."""
    told = unpacked(text if isinstance(text, bytes) else text.encode()).lower()
    return [trace for trace in TRACES if trace.encode() in told]


def unpacked(content):
    """The content; of a workbook or another archive its members, of a Parquet file its rows and what describes them."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(one.filename.encode() + unpacked(archive.read(one)) for one in archive.infolist())
    if content.startswith(b"PAR1"):
        table = parquet.read_table(io.BytesIO(content))
        return f"{table.schema.to_string(show_schema_metadata=True)}\n{table.to_pylist()}".encode()
    return content


def files_of(whole):
    """The object twice, cut short, and no object at all."""
    return {"whole": whole, "again": whole, "cut": whole[:-60], "noise": COMMENT.encode()}


def arrive(app, site, monkeypatch):
    """Objects come by the spool: whole, twice, cut short, no DICOM; one makes the importer fail with all it knows."""
    with app.app_context():
        for name, content in files_of(report()).items():
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


def programs(app, site, redis_server, folder):
    """Objects come over the network and on the command line, to programs that write logs; one can't be put away."""
    whole = pydicom.dcmread(io.BytesIO(report()))
    refused = pydicom.dcmread(io.BytesIO(report(SOPInstanceUID=generate_uid())))
    del refused.ContentSequence
    in_the_way = site.media_root / "dicom_refused"
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.touch()
    listener, worker = (program(site, *words, output=folder / f"{words[0]}.log")
                        for words in (["scp.py"], ["worker.py", queue.INGEST]))  # fmt: skip
    with listener, worker, command(site, folder) as importer:
        wait_until(lambda: "listening" in (folder / "scp.py.log").read_text(), "it listens")
        assert send(site, whole, whole, refused) == [0, 0, 0]
        assert importer.wait(timeout=60) == 1
        wait_until(lambda: redis_server.client.zcard("rq:failed:ingest"), "the reading failed")
        wait_until(lambda: len(list(site.spool.glob("*.dcm"))) == 1, "the others were read")
    in_the_way.unlink()
    with app.app_context():
        assert [ingest(str(path)) for path in site.spool.glob("*.dcm")] == ["failed"]
    return {path.name: path.read_bytes() for path in folder.glob("*.log")}


def command(site, folder):
    """`flask import` of files, under way."""
    paths = [folder / f"{name}.dcm" for name in files_of(b"")]
    for path, content in zip(paths, files_of(report()).values(), strict=True):
        path.write_bytes(content)
    words = ["-m", "flask", "--app", "wsgi", "import", "--json", *map(str, paths)]
    return program(site, *words, output=folder / "import.log")


def commands(app, folder, study):
    """What the command line says otherwise."""
    again = app.test_cli_runner().invoke(args=["import", *map(str, sorted(folder.glob("*.dcm")))])
    shown = app.test_cli_runner().invoke(args=["show", study])
    assert "duplicate" in again.output and shown.exit_code == 0
    return {"flask import": again.output.encode(), "flask show": shown.output.encode()}


def sizes(person, study, run_jobs, kinds, monkeypatch):
    """Somebody imports heights and weights by each identifier; once more, and that fails with all it knows."""

    def import_(kind):
        table = (io.BytesIO(SIZES_TABLE.format(study=study).encode()), "Kanarienvogel.csv")
        address = person.post("/sizes/", {"table": table}, content_type="multipart/form-data").location
        chosen = {"kind": kind, "identifier": COLUMNS[kind], "date": "3", "height": "4", "weight": "5"}
        chosen |= {"height_unit": "cm", "weight_unit": "kg", "order": "iso", "days": "7", "sure": "yes"}
        assert person.post(address, chosen).status_code == 303
        run_jobs(queue.EXPORT)

    for kind in kinds:
        import_(kind)
    with monkeypatch.context() as patched:
        patched.setattr("app.sizes.importing.Import._result", lambda self, line, studies: {}[" ".join(line.cells)])
        import_(kinds[0])


def work(person, run_jobs):
    """Somebody uploads, exports and imports sizes."""
    files = [(io.BytesIO(report()), "whole.dcm"), (io.BytesIO(report()[:-60]), "cut.dcm")]
    person.post("/uploads/", {"files": files}, content_type="multipart/form-data")
    run_jobs(queue.EXPORT)
    for kind in ("ct-csv", "ct-xlsx", "ct-long-csv", "ct-long-parquet"):
        assert person.post(f"/exports/{kind}").status_code == 303
    run_jobs(queue.EXPORT)


def mailed(app, site, server, monkeypatch):
    """The mails about what is wrong by now, as they went over the network, and as people read them."""
    monkeypatch.setattr(alarms, "LOOK", timedelta(0))
    with app.app_context():
        for _ in range(alarms.SURE):
            assert alarms.look(site)
    assert any("could not be read" in subject for subject in server.subjects)
    return {f"mail {number}": bytes(mail) + mail.get_content().encode() for number, mail in enumerate(server.mails)}


def pages(person):
    """Each page that an administrator finds by following links, with its address; files too."""
    seen, asked, waiting = {}, Counter(), list(PAGES)
    while waiting:
        address = waiting.pop(0)
        path, _, query = address.partition("?")
        if address in seen or (query and asked[path] == QUESTIONS):
            continue
        asked[path] += bool(query)
        answer = person.get(address)
        seen[address] = answer.get_data()
        answer.close()
        if answer.mimetype == "text/html":
            found = re.findall(r'href="(/[^"#]*)"', answer.text)
            waiting += [one.replace("&amp;", "&") for one in found if not re.search("static|/quarantine/.+/file", one)]
    return seen


@pytest.mark.usefixtures("database_url")
def test_a_patient_is_nowhere(
    request, app, site, mails, run_jobs, redis_server, caplog, capfd, monkeypatch, tmp_path_factory
):
    make = request.getfixturevalue("visitor")
    folder = tmp_path_factory.mktemp("programs")
    told = programs(app, site, redis_server, folder)
    arrive(app, site, monkeypatch)
    person = make("admin", "boss")
    with app.app_context():
        study = db.session.scalars(select(Study.study_instance_uid).order_by(Study.id)).first()
    told |= commands(app, folder, study)
    sizes(person, study, run_jobs, ["uid"] if site.patient_id == "none" else ["accession", "patient"], monkeypatch)
    work(person, run_jobs)
    told |= mailed(app, site, mails, monkeypatch)
    told |= pages(person)
    found = {where: traces(where) + traces(content) for where, content in told.items()}
    packed = [unpacked(content) for content in told.values() if content.startswith((b"PK", b"PAR1"))]
    assert ["Hospital" in content.decode(errors="replace") for content in packed] == [True, True]
    person.app.testing = False
    person.app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("app.web.search.queries.by_accession", lambda typed, *rest: {}[typed])
    found["an error"] = traces(person.post("/search", {"q": PATIENT["AccessionNumber"]}).get_data())
    found["the log"] = traces(caplog.text + "".join(capfd.readouterr()))
    redis_server.client.save()
    found |= {str(path): traces(path.read_bytes()) for path in redis_server.folder.rglob("*") if path.is_file()}
    with app.app_context():
        for table in db.metadata.sorted_tables:
            rows = db.session.execute(select(*(cast(column, String) if not is_bytes(column) else column
                                               for column in table.columns)))  # fmt: skip
            found[table.name] = traces(b"\n".join(value_bytes(value) for row in rows for value in row))
        imports = db.session.scalars(select(Job).where(Job.kind == SIZES).order_by(Job.created_at)).all()
        assert [job.state for job in imports] == [*["ready"] * (len(imports) - 1), "failed"]
        assert imports[0].query["counts"]["added"] == 1
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
