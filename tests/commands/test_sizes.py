"""`flask import-sizes`."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.ingest.receive import receive
from app.models import AuditEntry, Job, Study
from tests.factories import ct_report, report_file, uid

TABLE = "Height,Acc,Weight,UID\r\n175,A1,70,{uid}\r\n162,A2,55,1.2.3\r\n400,A3,60,1.2.4\r\n"


@pytest.fixture
def run(app, tmp_path):
    """Runs the command on a table; there is a study A1."""
    study = uid()
    with app.app_context():
        receive(report_file(ct_report({}), AccessionNumber="A1", StudyInstanceUID=study))
    (tmp_path / "t.csv").write_text(TABLE.format(uid=study), newline="")
    return lambda *words: app.test_cli_runner().invoke(args=["import-sizes", *words])


def stored(app):
    with app.app_context():
        return tuple(db.session.execute(select(Study.patient_size, Study.patient_weight)).one())


@pytest.mark.usefixtures("database_url")
@pytest.mark.parametrize("words", [["Acc"], ["-u", "UID"], ["--si-uid", "uid"]])
def test_sizes_are_imported_by_the_columns_that_are_named(app, run, tmp_path, words):
    *options, identifier = words
    path = tmp_path / "t.csv"
    answer = run(*options, str(path), identifier, "Height", "Weight")
    assert (answer.exit_code, answer.stdout) == (
        0,
        "3 rows: 1 added, 1 no such study, 1 rejected. 1 study has a new size.\n",
    )
    assert "Height: column 1, in cm" in answer.stderr
    assert stored(app) == (1.75, 70)
    assert path.exists()
    with app.app_context():
        job = db.session.scalars(select(Job)).one()
        assert (job.kind, job.state, job.owner_id) == ("sizes", "ready", None)
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.outcome, entry.details["counts"]["added"]) == ("import sizes", "done", 1)


def test_each_row_is_told_where_that_is_wanted(run, tmp_path):
    answer = run("-v", str(tmp_path / "t.csv"), "Acc", "Height", "Weight")
    assert answer.stdout.splitlines()[:3] == [
        "Row 2, A1: height 1.75 m and weight 70 kg added",
        "Row 3, A2: no such study",
        "Row 4, A3: Height would be 4 m; it can be 0.2 to 2.6 m",
    ]


def test_a_dry_run_changes_nothing(app, run, tmp_path, settings):
    answer = run("--dry-run", "-v", str(tmp_path / "t.csv"), "Acc", "Height", "Weight")
    assert answer.exit_code == 0
    assert "Row 2, A1: height 1.75 m and weight 70 kg added" in answer.stdout
    assert "Nothing was changed. It would be: 3 rows: 1 added" in answer.stdout
    assert stored(app) == (None, None)
    assert not (settings.media_root / "sizes").exists()
    with app.app_context():
        assert db.session.scalar(select(Job.id)) is None


def test_what_is_there_is_overwritten_only_where_that_is_wanted(app, run, tmp_path):
    run(str(tmp_path / "t.csv"), "Acc", "Height", "Weight")
    (tmp_path / "t.csv").write_text("Acc;Height;Weight\nA1;1,80;90\n")
    assert "1 unchanged" in run(str(tmp_path / "t.csv"), "Acc", "Height", "Weight").stdout
    assert stored(app) == (1.75, 70)
    assert "1 added" in run("-o", str(tmp_path / "t.csv"), "Acc", "Height", "").stdout
    assert stored(app) == (1.8, 70)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["Acc", "Size", "Weight"], 2, "no column “Size”"),
        (["", "Height", "Weight"], 2, "Name the column"),
        (["Acc", "", ""], 2, "Name the column"),
        (["Acc", "Weight", "Weight"], 2, "named for two things"),
        (["Acc", "Weight", "Height"], 1, "look swapped"),
        (["Acc", "Height", "Weight", "--height-unit", "m"], 1, "In cm they would be"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_imported(app, run, tmp_path, words, code, told):
    answer = run(str(tmp_path / "t.csv"), *words)
    assert (answer.exit_code, stored(app)) == (code, (None, None))
    assert told in answer.stderr


def test_a_file_that_is_no_table_is_told(run, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"PK\x03\x04")
    answer = run(str(tmp_path / "t.csv"), "Acc", "Height", "Weight")
    assert answer.exit_code == 1 and "workbook" in answer.stderr
