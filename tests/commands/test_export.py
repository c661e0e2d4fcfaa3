"""`flask export`."""

import csv
import json
from dataclasses import replace

import pytest

from app.extensions import db
from app.ingest.receive import receive
from app.models import AuditEntry
from tests.factories import ct_report, report_file


@pytest.fixture
def run(app):
    """Runs the command."""
    with app.app_context():
        for dlp in (100.0, 200.0):
            receive(report_file(ct_report({"dlp": dlp})))
    return lambda *words: app.test_cli_runner().invoke(args=["export", *map(str, words)])


def test_the_file_of_the_filter_is_written_with_its_story_beside_it(run, app, tmp_path):
    answer = run("ct-csv", "--filter", "?dlp__min=150", "-o", tmp_path / "ct.csv")
    assert (answer.exit_code, answer.stderr) == (0, f"1 study in {tmp_path / 'ct.csv'}\n")
    (row,) = csv.DictReader((tmp_path / "ct.csv").read_text("utf-8-sig").splitlines())
    assert row["DLP total (mGy.cm)"] == "200"
    assert json.loads((tmp_path / "ct.json").read_text())["studies"] == 1
    assert sorted(path.name for path in tmp_path.glob("ct*")) == ["ct.csv", "ct.json"]
    with app.app_context():
        (entry,) = db.session.scalars(db.select(AuditEntry))
        assert (entry.action, entry.username, entry.details["studies"]) == ("export", None, 1)


def test_nothing_is_overwritten_unless_told(run, tmp_path):
    file = tmp_path / "ct.xlsx"
    file.write_text("mine")
    answer = run("ct-xlsx", "-o", file)
    assert answer.exit_code == 2 and "--force" in answer.stderr and file.read_text() == "mine"
    assert run("ct-xlsx", "-o", file, "--force").exit_code == 0
    assert file.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ct-pdf", "-o", "x"], "ct-pdf"),
        (["ct-csv", "--filter", "colour=red", "-o", "x"], "colour"),
        (["ct-csv", "--answer", "survey=1", "-o", "x"], "survey"),
        (["ct-csv"], "--output"),
    ],
)
def test_what_is_not_understood_is_said_and_ends_with_two(run, words, told):
    answer = run(*words)
    assert answer.exit_code == 2 and told in answer.stderr


def test_what_can_not_be_made_ends_with_one_and_leaves_nothing(run, tmp_path):
    (tmp_path / "ct.csv.part").symlink_to("/dev/full")
    answer = run("ct-csv", "-o", tmp_path / "ct.csv")
    assert answer.exit_code == 1 and "The disk is full." in answer.stderr
    assert not list(tmp_path.glob("ct*"))


def test_patient_ids_are_written_where_the_site_keeps_them_and_that_is_written_down(run, app, tmp_path):
    answer = run("ct-csv-pid", "-o", tmp_path / "ct.csv")
    assert answer.exit_code == 2 and "keeps no patients’ IDs" in answer.stderr and not list(tmp_path.glob("ct*"))
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], patient_id="stored", patient_id_secret="secret")
    assert run("ct-csv-pid", "-o", tmp_path / "ct.csv").exit_code == 0
    rows = list(csv.DictReader((tmp_path / "ct.csv").read_text("utf-8-sig").splitlines()))
    assert [row["Patient ID"] for row in rows] == ["", ""], "what came while no IDs were kept has none"
    with app.app_context():
        (entry,) = db.session.scalars(db.select(AuditEntry))
        assert (entry.username, entry.details["kind"]) == (None, "ct-csv-pid") and entry.details["account"]


def test_the_kinds_are_listed(run):
    answer = run("--list")
    assert answer.exit_code == 0 and "ct-csv               CT as CSV" in answer.output
