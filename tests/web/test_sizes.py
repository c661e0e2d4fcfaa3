"""Importing heights and weights on pages: choosing columns, following the job, what came of it, what is left."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app import queue
from app.extensions import db
from app.jobs import control, housekeeping, progress, upkeep
from app.jobs.clock import now
from app.models import AuditEntry, Job, Study, UploadedFile
from app.sizes import importing
from app.transactions import writing
from tests.web.checks import text_of

TABLE = "Accession;Height (cm);Weight (kg);Name\r\nA1;175,5;70,2;Müller\r\nA2;2,75;60;Meier\r\nA3;160;55;Schmidt\r\n"


@pytest.fixture
def boss(visitor):
    """Somebody who may import sizes, and nothing else but look."""
    return visitor("sizes", "boss")


def send(person, content, name="Mueller.csv", **options):
    """Upload the table."""
    content = content.encode("cp1252") if isinstance(content, str) else content
    return person.post("/sizes/", {"table": (io.BytesIO(content), name)}, content_type="multipart/form-data", **options)


def form_of(page):
    """What the form on the page would send."""
    sent = {}
    for field in page.iterfind(".//form[@id='columns']//*[@name]"):
        chosen = [one for one in field.iterfind("option") if one.get("selected") is not None]
        if field.tag == "select":
            options = chosen or field.findall("option")[:1]
            sent[field.get("name")] = options[0].get("value", text_of(options[0]))
        elif field.get("type") not in ("checkbox", "hidden", None):
            sent[field.get("name")] = field.get("value")
    return sent


@pytest.fixture
def imported(boss, run_jobs):
    """Imports the table as the page proposes, but for these changes; gives the page of imports."""

    def import_(content, **changes):
        address = send(boss, content).location
        answer = boss.post(address, form_of(boss.get_page(address)) | changes)
        assert answer.status_code == 303, answer.text
        run_jobs(queue.EXPORT)
        return boss.get_page("/sizes/")

    return import_


def sizes_of(app, uid):
    with app.app_context():
        asked = select(Study.patient_size, Study.patient_weight).where(Study.study_instance_uid == uid)
        return tuple(db.session.execute(asked).one())


def counts_of(page):
    """The rows added, unchanged, without a study, rejected, of the import on top."""
    return [text_of(cell) for cell in page.find(".//tbody/tr").iterfind("td[@class='number']")]


def files_left(settings):
    return [path for path in (settings.media_root / "uploads").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("database_url")
def test_a_table_is_imported_as_it_was_confirmed(app, boss, imported, study, settings):
    uid = study({}, AccessionNumber="A1")
    page = imported(TABLE)
    assert sizes_of(app, uid) == (1.755, 70.2)
    (row,) = page.iterfind(".//tbody/tr")
    assert "Complete" in text_of(row)
    assert counts_of(page) == ["1", "0", "1", "1"]
    links = [link.get("href") for link in row.iterfind(".//a[@class='button']")]
    log = boss.get(links[0])
    assert log.data.count(b"\r\n") == log.data.count(b"\n") > 5
    assert "Row 2, A1: height 1.755 m and weight 70.2 kg added\r\n" in log.text
    assert "Row 4, A3: no such study\r\n" in log.text and "Müller" not in log.text
    rejected = list(csv.reader(io.StringIO(boss.get(links[1]).data.decode("utf-8-sig")), delimiter=";"))
    assert rejected == [
        ["Accession", "Height (cm)", "Weight (kg)", "Row", "Reason"],
        ["A2", "2,75", "60", "3", "Height would be 0.0275 m; it can be 0.2 to 2.6 m"],
    ]
    assert files_left(settings) == []
    assert "height and weight imported" in text_of(boss.get_page(f"/study/{uid}", part=False))


def test_rejected_rows_stand_as_they_stood_in_the_table(boss, imported):
    page = imported(
        "Ward\tkg\tcm\tAccession\r\nB\t70\t275\tA1\r\n", weight="1", height="2", height_unit="cm", sure="yes"
    )
    told = boss.get(page.findall(".//tbody//a[@class='button']")[1].get("href")).data.decode("utf-8-sig")
    assert told.splitlines()[0] == "kg\tcm\tAccession\tRow\tReason"
    assert told.splitlines()[1].startswith("70\t275\tA1\t2\tHeight would be 2.75 m")


@pytest.mark.parametrize("column", ["identifier", "height"])
def test_names_are_not_repeated_where_their_column_was_chosen_by_mistake(boss, imported, column):
    chosen = {"identifier": "0", "height": "1"} | {column: "3"}
    page = imported(TABLE, **chosen, sure="yes")
    files = [boss.get(link.get("href")).data.decode() for link in page.findall(".//tbody//a[@class='button']")]
    assert files and not any(name in told for told in files for name in ("Müller", "Meier", "Schmidt"))
    assert "Row 2" in files[0]


def test_the_page_shows_the_first_ten_rows_and_what_the_columns_are(boss):
    rows = "".join(f"A{n};1,75;70;Name{n}\r\n" for n in range(20))
    page = boss.get_page(send(boss, f"Accession;Height;Weight;Name\r\n{rows}").location)
    assert len(page.findall(".//tbody/tr")) == 10
    assert form_of(page) == {
        "kind": "accession", "identifier": "0", "height": "1", "weight": "2", "height_unit": "m", "weight_unit": "kg",
    }  # fmt: skip
    assert "Mueller" not in text_of(page.find(".//title")) + text_of(page.find(".//h1"))


@pytest.mark.usefixtures("database_url")
def test_what_a_study_has_stays_unless_somebody_asks(app, imported, study):
    uid = study({}, AccessionNumber="A1", PatientSize=1.6, PatientWeight=50.0)
    lacking = study({}, AccessionNumber="A1", PatientSize=1.6)
    assert counts_of(imported(TABLE)) == ["1", "0", "1", "1"]
    assert sizes_of(app, uid) == (1.6, 50) and sizes_of(app, lacking) == (1.6, 70.2)
    imported(TABLE, overwrite="yes")
    assert sizes_of(app, uid) == sizes_of(app, lacking) == (1.755, 70.2)


def test_the_first_row_of_an_identifier_counts_and_another_one_is_told(app, boss, imported, study):
    uid = study({}, AccessionNumber="A1")
    page = imported(TABLE + "A1;175,5;70,2;Müller\r\nA1;180;70;Müller\r\n", overwrite="yes")
    assert sizes_of(app, uid) == (1.755, 70.2)
    assert counts_of(page) == ["1", "1", "1", "2"]
    link = page.findall(".//a[@class='button']")[1].get("href")
    assert "Row 2 has another size for the same identifier" in boss.get(link).text


def test_study_instance_uids_find_studies_too(app, imported, study):
    uid = study()
    imported(f"StudyInstanceUID\tTaille\tPoids\n{uid}\t1.70\t60\n")
    assert sizes_of(app, uid) == (1.7, 60)


def test_swapped_columns_are_told_before_anything_is_imported(app, boss, study):
    study({}, AccessionNumber="A1")
    address = send(boss, "Accession;Height (cm);Weight (kg)\r\nA1;70;175\r\nA2;60;162\r\n").location
    form = form_of(boss.get_page(address))
    answer = boss.post(address, form)
    assert answer.status_code == 422 and "look swapped" in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Job)) == 0
    assert boss.post(address, form | {"height": form["weight"], "weight": form["height"]}).status_code == 303


def test_who_is_sure_imports_all_the_same(app, boss, run_jobs, study):
    uid = study({}, AccessionNumber="A1")
    address = send(boss, "Accession;Height (m);Weight (kg)\r\nA1;1.75;70\r\nA2;175;75\r\nA3;162;60\r\n").location
    form = form_of(boss.get_page(address))
    assert boss.post(address, form).status_code == 422
    assert boss.post(address, form | {"sure": "yes"}).status_code == 303
    run_jobs(queue.EXPORT)
    assert sizes_of(app, uid) == (1.75, 70)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"identifier": ""}, "Choose the column of the identifier"),
        ({"height": "", "weight": ""}, "Choose the column of the height"),
        ({"height": "2"}, "One column is chosen for two things"),
        ({"height": "99"}, "one of the table"),
        ({"height": "-1"}, "one of the table"),
        ({"height_unit": "furlong"}, "Choose a unit"),
        ({"kind": "patient"}, "Say what the identifier is"),
        ({"kind": "<script>"}, "Say what the identifier is"),
    ],
)
def test_what_can_not_be_chosen_is_told(boss, changes, words):
    address = send(boss, TABLE).location
    answer = boss.post(address, form_of(boss.get_page(address)) | changes)
    assert answer.status_code == 422 and words in answer.text and "<script>" not in answer.text


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"", b"Height\r\n1.75\r\n", b"\x00\x01\x02"])
def test_what_is_no_table_is_told_and_not_kept(boss, settings, content):
    assert send(boss, content).location == "/sizes/"
    assert "message error" in boss.get("/sizes/").text
    assert files_left(settings) == []


def test_without_a_file_nothing_begins(boss):
    assert boss.post("/sizes/", {}).location == "/sizes/"
    assert "No table was chosen" in boss.get("/sizes/").text


def test_a_table_of_somebody_else_is_not_there(boss, visitor):
    address = send(boss, TABLE).location
    colleague = visitor("admin", "colleague")
    assert colleague.get(address).status_code == 404
    assert colleague.post(address, {}).status_code == 404
    assert colleague.post(f"{address}/forget").status_code == 404
    assert boss.get("/sizes/new/../../etc/passwd").status_code == 404


def test_a_table_can_be_deleted_before_it_is_imported(boss, settings):
    address = send(boss, TABLE).location
    assert boss.post(f"{address}/forget").status_code == 303
    assert boss.get(address).status_code == 404
    assert files_left(settings) == []


def test_a_table_whose_columns_nobody_chose_is_gone_after_a_day(app, boss, settings):
    address = send(boss, TABLE).location
    with app.app_context():
        upkeep.tend()
        assert len(files_left(settings)) == 1
        with writing():
            db.session.execute(update(UploadedFile).values(uploaded_at=now() - timedelta(days=2)))
        upkeep.tend()
    assert files_left(settings) == []
    assert boss.get(address).status_code == 404


def test_it_stops_within_a_batch_and_says_what_was_done(app, boss, run_jobs, study, settings, monkeypatch):
    monkeypatch.setattr(progress, "TELL_SECONDS", 0)
    monkeypatch.setattr(importing, "BATCH", 2)
    uid = study({}, AccessionNumber="A1")
    address = send(boss, TABLE + "".join(f"B{n};170;70;x\r\n" for n in range(20))).location
    boss.post(address, form_of(boss.get_page(address)))
    store = importing.Import._store

    def store_and_stop(self, batch):
        results = store(self, batch)
        control.abort(db.session.scalars(select(Job)).one())
        return results

    monkeypatch.setattr(importing.Import, "_store", store_and_stop)
    run_jobs(queue.EXPORT)
    words = text_of(boss.get_page("/sizes/"))
    assert "Aborted" in words and "2 rows: 1 added, 1 rejected" in words and "Start again" not in words
    assert sizes_of(app, uid) == (1.755, 70.2)
    assert files_left(settings) == []
    with app.app_context():
        outcomes = list(db.session.scalars(select(AuditEntry.outcome).where(AuditEntry.action == "import sizes")))
        assert outcomes == ["asked for", "aborted"]


def test_one_that_waits_is_stopped_at_once_and_its_table_is_gone(app, boss, settings):
    address = send(boss, TABLE).location
    boss.post(address, form_of(boss.get_page(address)))
    with app.app_context():
        job_id = db.session.scalar(select(Job.id))
    assert boss.post(f"/jobs/{job_id}/abort").location == "/sizes/"
    assert "Aborted" in text_of(boss.get_page("/sizes/"))
    assert files_left(settings) == []


def test_one_that_fails_says_so_and_its_table_is_gone(boss, run_jobs, settings, monkeypatch):
    address = send(boss, TABLE).location
    boss.post(address, form_of(boss.get_page(address)))
    monkeypatch.setattr(importing, "_studies", None)
    run_jobs(queue.EXPORT)
    page = text_of(boss.get_page("/sizes/"))
    assert "Failed" in page and "Complete" not in page and "upload the table again" in page
    assert files_left(settings) == []


def test_one_whose_worker_was_killed_has_failed_and_its_table_is_gone(app, boss, settings, redis_server, monkeypatch):
    address = send(boss, TABLE).location
    boss.post(address, form_of(boss.get_page(address)))
    redis_server.client.flushall()
    monkeypatch.setattr(housekeeping, "JUST_NOW", timedelta(0))
    assert "Failed" in text_of(boss.get_page("/sizes/"))
    assert files_left(settings) == []


def test_deleting_a_record_takes_its_log_and_leaves_the_sizes(app, boss, imported, study, settings):
    uid = study({}, AccessionNumber="A1")
    log = imported(TABLE).find(".//tbody//a").get("href")
    job_id = log.split("/")[2]
    assert boss.post(f"/jobs/{job_id}/dismiss").location == "/sizes/"
    assert boss.get(log).status_code == 404
    assert not list((settings.media_root / "sizes").iterdir())
    assert sizes_of(app, uid) == (1.755, 70.2)
    assert "imported" in text_of(boss.get_page(f"/study/{uid}", part=False))
    with app.app_context():
        assert "delete size import" in set(db.session.scalars(select(AuditEntry.action)))


def test_nothing_of_the_table_gets_into_logs_the_queue_or_the_audit(app, boss, run_jobs, study, redis_server, caplog):
    study({}, AccessionNumber="A1")
    address = send(boss, TABLE).location
    boss.post(address, form_of(boss.get_page(address)))
    redis_server.client.save()
    kept = b"".join(path.read_bytes() for path in redis_server.folder.rglob("*.rdb"))
    run_jobs(queue.EXPORT)
    with app.app_context():
        told = str([vars(one) for model in (AuditEntry, Job) for one in db.session.scalars(select(model))])
    for name in ("Mueller", "Müller", "A1;"):
        assert name not in told and name not in caplog.text and name.encode() not in kept


def test_an_import_survives_later_objects_of_the_study(app, imported, study):
    uid = study({}, AccessionNumber="A1")
    imported(TABLE)
    study({}, StudyInstanceUID=uid, AccessionNumber="A1")
    assert sizes_of(app, uid) == (1.755, 70.2)
    study({}, StudyInstanceUID=uid, AccessionNumber="A1", PatientSize=1.6)  # what an object tells goes before a gap
    assert sizes_of(app, uid) == (1.6, 70.2)
    imported(TABLE, overwrite="yes")
    study({}, StudyInstanceUID=uid, AccessionNumber="A1", PatientSize=1.65)
    assert sizes_of(app, uid) == (1.755, 70.2)
