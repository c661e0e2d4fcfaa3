"""Uploading: who may, what is kept, what each file gets for a verdict, and what is forgotten."""

import errno
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, update

from app import audit, queue
from app.extensions import db
from app.jobs import arrivals, upkeep
from app.jobs.clock import now
from app.models import AuditEntry, Job, Refusal, Study, UploadedFile
from app.queries import uploads, view
from app.transactions import writing
from app.web.uploads import FORM_BYTES
from tests.factories import ct_report, report_file, uid
from tests.web.checks import text_of

JSON = {"Accept": "application/json"}


def report(**header) -> bytes:
    return report_file(ct_report({}), **header).getvalue()


def archive(**members) -> bytes:
    """A zip archive of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"scans/{name}.dcm", content)
    return packed.getvalue()


def send(person, files, headers=None, **fields):
    """Upload the files, by the names that the browser tells."""
    parts = [(io.BytesIO(content), name) for name, content in files.items()]
    return person.post("/uploads/", fields | {"files": parts}, headers=headers, content_type="multipart/form-data")


@pytest.fixture
def boss(visitor):
    """An administrator."""
    return visitor("admin", "boss")


@pytest.fixture
def uploaded(boss, run_jobs):
    """Uploads the files and has them read; gives the address of the job's page."""

    def upload(**files):
        answer = send(boss, {f"{name}.dcm": content for name, content in files.items()})
        assert answer.status_code == 303
        run_jobs(queue.EXPORT)
        return answer.location

    return upload


def rows_of(page):
    """The first two cells of each row of the table of files."""
    return [tuple(text_of(cell) for cell in row)[:2] for row in page.iterfind(".//tbody/tr")]


@pytest.mark.usefixtures("database_url")
def test_each_file_gets_a_verdict_on_the_page_of_the_job(app, boss, uploaded):
    whole = report(StudyInstanceUID=uid())
    cut = report()[:-200]
    packed = archive(first=report(), second=b"no DICOM")
    address = uploaded(whole=whole, again=whole, cut=cut, text=b"no DICOM", packed=packed)
    page = boss.get_page(address)
    assert "6 files: 2 imported, 1 stored already, 3 failed." in text_of(page)
    assert rows_of(page) == [
        ("whole.dcm", "imported"),
        ("again.dcm", "stored already"),
        ("cut.dcm", "failed"),
        ("text.dcm", "failed"),
        ("packed.dcm: scans/first.dcm", "imported"),
        ("packed.dcm: scans/second.dcm", "failed"),
    ]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Study)) == 2
        assert db.session.scalar(select(func.count()).select_from(Refusal)) == 3
        kept = [path for path in (app.config["SETTINGS"].media_root / "uploads").rglob("*") if path.is_file()]
    assert kept == []
    link = page.find(".//tbody/tr/td/a").get("href")
    assert boss.get(link).status_code == 200
    assert rows_of(boss.get_page(f"{address}?result=imported"))[1][0] == "packed.dcm: scans/first.dcm"


def test_thousands_of_files_are_shown_by_pages(boss, uploaded, monkeypatch):
    monkeypatch.setattr(uploads, "PAGE", 2)
    address = uploaded(a=b"1", b=b"2", c=b"3")
    assert len(rows_of(boss.get_page(address))) == 2
    assert rows_of(boss.get_page(f"{address}?page=2")) == [("c.dcm", "failed")]
    assert rows_of(boss.get_page(f"{address}?page=9")) == [("c.dcm", "failed")]
    assert "No file has this verdict" in text_of(boss.get_page(f"{address}?result=imported"))


@pytest.mark.parametrize("query", ["result=good", "page=0", "page=x", "colour=red"])
def test_what_the_page_does_not_know_is_named(boss, uploaded, query):
    name, _, _ = query.partition("=")
    words = text_of(boss.get_page(f"{uploaded(a=b'1')}?{query}", 400, part=False))
    assert name in words


def test_while_it_runs_the_page_asks_for_news_and_then_no_more(boss, run_jobs):
    address = send(boss, {"a.dcm": report()}).location
    page = boss.get_page(address)
    assert len([one for one in page.iter() if one.get("hx-trigger", "").startswith("load")]) >= 2
    assert rows_of(page) == [("a.dcm", "not read yet")]
    part = boss.get(address, headers={"HX-Request": "true", "HX-Target": "files"}).text
    assert part.lstrip().startswith('<section id="files"')
    run_jobs(queue.EXPORT)
    assert "hx-get" not in boss.get(address, headers={"HX-Request": "true", "HX-Target": "files"}).text


def test_a_script_sends_many_files_in_several_requests_that_are_one_job(boss, run_jobs):
    batch = send(boss, {"ward/1.dcm": report()}, JSON, more="yes").json["batch"]
    assert send(boss, {"ward/2.dcm": report()}, JSON, more="yes", batch=batch).json == {"batch": batch}
    address = send(boss, {"ward/3.dcm": report()}, JSON, batch=batch).json["address"]
    run_jobs(queue.EXPORT)
    assert [name for name, _ in rows_of(boss.get_page(address))] == ["ward/1.dcm", "ward/2.dcm", "ward/3.dcm"]
    assert send(boss, {"4.dcm": report()}, JSON, batch=batch).status_code == 404  # it is being read, or was


@pytest.mark.parametrize("batch", ["../../etc", "00000000-0000-0000-0000-000000000000"])
def test_nobody_adds_to_what_is_not_an_upload_of_theirs(visitor, boss, batch):
    answer = send(boss, {"1.dcm": b"1"}, JSON, batch=batch)
    assert (answer.status_code, answer.json.keys()) == (404, {"sentence", "request"})
    own = send(boss, {"1.dcm": b"1"}, JSON, more="yes").json["batch"]
    assert send(visitor("admin", "colleague"), {"2.dcm": b"2"}, JSON, batch=own).status_code == 404


def test_a_name_that_is_a_path_leads_nowhere(app, boss, run_jobs):
    address = send(boss, {"../../../etc/passwd": report()}).location
    run_jobs(queue.EXPORT)
    assert rows_of(boss.get_page(address)) == [("../../../etc/passwd", "imported")]


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\x7fELF\2\1\1",
        b"MZ\x90",
        b"<html><script>alert(1)</script>",
        b"#!/bin/sh\ntouch x\n",
        b"name;weight\nx;80\n",
    ],
)
def test_a_file_that_is_neither_dicom_nor_an_archive_is_refused_in_a_sentence(app, boss, uploaded, content):
    page = boss.get_page(uploaded(file=content * 100))
    assert rows_of(page) == [("file.dcm", "failed")]
    assert next(text_of(row[2]) for row in page.iterfind(".//tbody/tr")).startswith("It is not a DICOM file.")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Study)) == 0


def test_without_a_file_nothing_begins(app, boss):
    answer = send(boss, {})
    assert answer.location == "/"
    assert "No file was chosen" in boss.get("/").text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_more_than_the_site_takes_is_refused_in_a_sentence(app, boss, settings):
    app.config["SETTINGS"] = replace(settings, upload_mb=0)
    answer = send(boss, {"large.dcm": b"x"}, JSON)
    assert answer.status_code == 413 and "may have 0 MB at most" in answer.json["sentence"]
    app.config["SETTINGS"] = replace(settings, upload_mb=1)
    batch = send(boss, {"1.dcm": b"x" * (400 << 10)}, JSON, more="yes").json["batch"]
    assert send(boss, {"2.dcm": b"x" * (400 << 10)}, JSON, more="yes", batch=batch).status_code == 200
    assert send(boss, {"3.dcm": b"x" * (400 << 10)}, JSON, batch=batch).status_code == 413


def test_an_archive_that_unpacks_to_too_much_is_refused_in_a_sentence(app, boss, settings, uploaded):
    app.config["SETTINGS"] = replace(settings, upload_unpacked_mb=1)
    page = boss.get_page(uploaded(bomb=archive(a=b"0" * (700 << 10), b=b"0" * (700 << 10))))
    assert "unpacks to more than 1 MB" in text_of(page)


def test_an_empty_and_a_broken_archive_say_so(boss, uploaded):
    packed = archive(a=report())
    page = boss.get_page(uploaded(empty=archive(), broken=packed[:40] + b"\0" * 40 + packed[80:]))
    assert next(text_of(row[2]) for row in page.iterfind(".//tbody/tr")) == "There is no file in it."
    assert all(verdict == "failed" for _, verdict in rows_of(page))


def test_what_a_packer_adds_of_its_own_accord_is_left_out(boss, run_jobs):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("__MACOSX/._a.dcm", b"litter")
        file.writestr("a.dcm", report())
    address = send(boss, {"mac.zip": packed.getvalue()}).location
    run_jobs(queue.EXPORT)
    assert rows_of(boss.get_page(address)) == [("mac.zip: a.dcm", "imported")]


def test_a_full_disk_is_told_and_leaves_nothing_behind(app, boss, monkeypatch, settings):
    def full(_file, _path, _buffer_size=0):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("werkzeug.datastructures.FileStorage.save", full)
    answer = send(boss, {"1.dcm": report()}, JSON)
    assert answer.status_code == 413 and "disk is full" in answer.json["sentence"]
    assert [path for path in (settings.media_root / "uploads").rglob("*") if path.is_file()] == []


def test_no_form_is_large_but_those_of_files(app, visitor, boss):
    longest = [("study", uid().ljust(64, "1")) for _ in range(max(view.SIZES))]
    assert len(urlencode(longest)) < FORM_BYTES / 4, "a page of chosen studies fits in"
    for person in (visitor(), visitor("view"), visitor("sizes"), boss):
        for path in ("/sign-in", "/account/password", "/delete", "/ct/saved", "/nowhere"):
            assert person.post(path, {"a": "x" * FORM_BYTES}).status_code in (404, 413)
    assert boss.post("/sizes/", {"table": (io.BytesIO(b"a,b\n1,2\n" * 40_000), "a.csv")}).status_code == 303


@pytest.mark.parametrize("role", [None, "view", "pid", "export"])
def test_who_may_not_upload_may_not_send_much_either(app, visitor, role):
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    person = visitor(role)
    assert send(person, {"small.dcm": b"x"}).status_code in (302, 403)
    assert send(person, {"large.dcm": b"x" * 10_000}).status_code == 413


def test_who_may_not_upload_sees_no_form_for_it(visitor, study):
    assert "uploads" not in visitor("export", "other").get("/").text
    study()
    assert "uploads" not in visitor("export").get("/").text
    assert "uploads" in visitor("admin").get("/").text


def test_names_of_files_are_for_who_uploaded_and_for_administrators(visitor, boss, uploaded):
    address = uploaded(Mueller_Anna=report())
    assert visitor("view").get(address).status_code == 404
    assert "Mueller_Anna" in visitor("admin").get(address).text


def test_names_of_files_stay_out_of_logs_and_of_the_queue(boss, run_jobs, redis_server, caplog):
    send(boss, {"Mueller_Anna.dcm": report(), "Mueller_Otto.dcm": b"no DICOM"})
    redis_server.client.save()
    assert b"Mueller" not in b"".join(path.read_bytes() for path in redis_server.folder.rglob("*.rdb"))
    run_jobs(queue.EXPORT)
    assert "Mueller" not in caplog.text
    assert "Mueller" not in boss.get("/quarantine/").text


def test_dismissing_the_job_forgets_the_names(app, boss, uploaded):
    address = uploaded(a=report(), packed=archive(b=report()))
    boss.post(f"{address}/dismiss")
    assert boss.get(address).status_code == 404
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UploadedFile)) == 0


def test_names_are_forgotten_after_days_and_abandoned_uploads_after_one(app, boss, uploaded, settings):
    address = uploaded(a=report())
    batch = send(boss, {"b.dcm": report()}, JSON, more="yes").json["batch"]
    fresh = send(boss, {"c.dcm": report()}, JSON, more="yes").json["batch"]
    with app.app_context():
        arrivals.drop_old()
        assert db.session.scalar(select(func.count()).select_from(UploadedFile)) == 3
        with writing():
            db.session.execute(update(Job).values(finished_at=now() - timedelta(days=8)))
            old = update(UploadedFile).where(UploadedFile.batch == batch)
            db.session.execute(old.values(uploaded_at=now() - timedelta(days=2)))
        upkeep.tend()
        assert list(db.session.scalars(select(UploadedFile.batch))) == [fresh]
    assert boss.get(address).status_code == 404
    assert [path.name for path in (settings.media_root / "uploads").iterdir() if any(path.iterdir())] == [fresh]


def test_the_page_of_a_large_upload_needs_few_statements(boss, uploaded):
    address = uploaded(**{f"f{number}": b"x" for number in range(30)})
    with boss.counted() as statements:
        boss.get(address)
    assert len(statements) <= 8, json.dumps(statements, indent=1)


def test_who_uploaded_is_written_down_without_the_names_of_files(app, uploaded):
    uploaded(murphy=report())
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == audit.UPLOAD_FILES)).one()
        assert (entry.username, entry.what, entry.outcome) == ("boss", "Upload of 1 file", "asked for")
        assert entry.details["files"] == 1 and "murphy" not in str(vars(entry))
