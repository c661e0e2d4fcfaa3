"""Who may ask for which export, sees its button, and may have its file: every kind, every role."""

import csv
import io
from dataclasses import replace

import pytest
from pyarrow import parquet
from python_calamine import CalamineWorkbook

from app import accounts, queue
from app.exports.kinds import IDENTIFIED, KINDS, SURVEYS
from app.extensions import db
from app.identity import Identity
from app.models import AuditEntry, Job
from app.queries.modalities import MODALITIES
from app.transactions import writing
from tests.exports.each import store
from tests.web.test_access import a_job, is_refusal
from tests.web.visitor import ROLES, make_user

PLAIN = {name for name, kind in KINDS.items() if not kind.identified}
PID = KINDS.keys() - PLAIN
MAY = {None: set(), "view": set(), "pid": set(), "export": PLAIN, "export-pid": PLAIN | PID, "admin": PLAIN | PID}
STORED = Identity("stored", "secret")


@pytest.fixture
def site(app):
    """A site that keeps patients' IDs, with a study of each modality."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], patient_id="stored", patient_id_secret="secret")
    with app.app_context():
        for modality in MODALITIES:
            store(modality, identity=STORED)
    return app


@pytest.fixture
def ready(site):
    """Makes an export of the kind that is ready, by that person, with a file."""
    (site.config["SETTINGS"].media_root / "exports").mkdir(parents=True)

    def make(username, kind):
        place = f"exports/{username}-{kind}{KINDS[kind].writer.suffix}"
        file = site.config["SETTINGS"].media_root / place
        file.write_text("Patient ID")
        file.with_suffix(".json").write_text("{}")
        return a_job(site, username, kind=kind, state="ready", result=place, size=10, done=1)

    return make


def role_of(app, username, role):
    """Gives the person another role."""
    with app.app_context(), writing():
        accounts.find(username).roles = ROLES[role]


def test_each_list_and_long_table_has_a_kind_with_patient_ids_and_no_survey_has():
    with_ids = {name.removesuffix("-pid") for name in PID}
    assert with_ids == {name for name in PLAIN if KINDS[name].group != SURVEYS}
    assert {KINDS[name].group for name in PID} == {IDENTIFIED}
    for modality in MODALITIES:
        labels = [kind.label for kind in KINDS.values() if kind.modality == modality and kind.identified]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("role", MAY)
def test_each_kind_is_started_by_whom_it_is_for_and_by_nobody_else(site, visitor, role):
    person = visitor(role)
    for name in KINDS:
        answer = person.post(f"/exports/{name}")
        assert is_refusal(answer) != (name in MAY[role]), f"{name} answers {answer.status} to {role}"
    with site.app_context():
        assert set(db.session.scalars(db.select(Job.kind))) == MAY[role], "a refusal asks for nothing"
        asked = {one.details["kind"] for one in db.session.scalars(db.select(AuditEntry)) if one.action == "export"}
        assert asked == MAY[role]


@pytest.mark.parametrize("role", [role for role in MAY if role])
def test_people_see_the_buttons_of_what_they_may_have(site, visitor, role):
    person = visitor(role)
    pages = {modality: person.get_page(f"/{modality}/") for modality in MODALITIES}
    for name, kind in KINDS.items():
        addresses = [one.get("action") or one.get("href") for one in pages[kind.modality].iter()]
        assert (f"/exports/{name}" in addresses) == (name in MAY[role]), name


@pytest.mark.parametrize("role", MAY)
def test_each_file_is_fetched_by_whom_it_is_for_whoever_asked_for_it(site, visitor, ready, role):
    person, username = visitor(role), f"{role}er"
    if role is None:
        make_user(site, username, "export-pid")
    for name in KINDS:
        id = ready(username, name)
        answer = person.get(f"/exports/{id}/file")
        assert (answer.status_code == 200) == (name in MAY[role]), f"{name} answers {answer.status} to {role}"
        assert is_refusal(answer) == (name not in MAY[role])


def test_who_lost_the_right_after_making_it_has_the_file_no_more(site, visitor, ready):
    person = visitor("export-pid")
    for name in sorted(PID):
        id = ready("export-pider", name)
        assert person.get(f"/exports/{id}/file").status_code == 200
        role_of(site, "export-pider", "export")
        assert person.get(f"/exports/{id}/file").status_code == 403
        role_of(site, "export-pider", "export-pid")


def test_a_site_that_keeps_ids_no_more_gives_no_file_with_them(site, visitor, ready):
    person = visitor("admin")
    id = ready("adminer", "ct-csv-pid")
    site.config["SETTINGS"] = replace(site.config["SETTINGS"], patient_id="hashed")
    assert person.get(f"/exports/{id}/file").status_code == 403
    failed = a_job(site, "adminer", kind="ct-csv-pid")
    assert person.post(f"/jobs/{failed}/again").status_code == 403


@pytest.mark.parametrize(("role", "status"), [("export", 404), ("export-pid", 404), ("admin", 200)])
def test_the_files_of_others_are_there_for_administrators_alone(site, visitor, ready, role, status):
    make_user(site, "owner", "export-pid")
    person = visitor(role)
    for name in KINDS:
        id = ready("owner", name)
        for what in ("file", "provenance"):
            assert person.get(f"/exports/{id}/{what}").status_code == status, name


def test_who_may_export_but_not_identify_starts_no_such_export_of_others_again(site, visitor):
    visitor("export")
    failed = a_job(site, "exporter", kind="ct-csv-pid")
    person = visitor("export", "colleague")
    assert person.post(f"/jobs/{failed}/again").status_code == 404
    role_of(site, "colleague", "admin")
    assert person.post(f"/jobs/{failed}/again").status_code == 303


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_id_stands_there_where_it_is_stored_and_is_empty_elsewhere(site, visitor, run_jobs, modality):
    with site.app_context():
        store(modality, identity=Identity("hashed", "secret"), StudyTime="010000")
    person = visitor("export-pid")
    for name in (wanted := {name for name in PID if KINDS[name].modality == modality}):
        assert person.post(f"/exports/{name}").status_code == 303
    run_jobs(queue.EXPORT)
    with site.app_context():
        jobs = {job.kind: job.id for job in db.session.scalars(db.select(Job)) if job.state == "ready"}
    assert jobs.keys() == wanted
    for name, id in jobs.items():
        told = person.get(f"/exports/{id}/file").get_data()
        assert patients(told, KINDS[name].writer.suffix) == ["", "0012"], f"{name}: one study with its ID, one without"
    with site.app_context():
        entries = [one for one in db.session.scalars(db.select(AuditEntry)) if "export" in one.action]
    assert {one.username for one in entries} == {"export-pider"}
    for happened in (("export", "asked for"), ("export", "done"), ("download export", "done")):
        assert {one.details["kind"] for one in entries if (one.action, one.outcome) == happened} == wanted
    assert all("with patient identifiers" in one.what for one in entries if one.action == "export")


def patients(told, suffix):
    """The patients' IDs of a file, of each row that it has."""
    if suffix == ".parquet":
        return sorted(one or "" for one in parquet.read_table(io.BytesIO(told)).column("patient_id").to_pylist())
    rows = list(csv.reader(io.StringIO(told.decode("utf-8-sig")))) if suffix == ".csv" else sheet_with_ids(told)
    place = next(at for at, heading in enumerate(rows[0]) if heading in ("Patient ID", "patient_id"))
    return sorted(row[place] for row in rows[1:])


def sheet_with_ids(told):
    """The sheet of a workbook that has all studies."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(told))
    return book.get_sheet_by_name(next(name for name in book.sheet_names if name in ("All data", "Data"))).to_python()
