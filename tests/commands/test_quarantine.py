"""`flask quarantine` on the command line."""

import json

import pytest

from app.jobs.ingest import ingest
from tests.factories import ct_report, report_file


@pytest.fixture
def flask(app, settings):
    """Runs `flask quarantine` where two objects were refused, the first of which reads well by now."""
    settings.spool.mkdir(parents=True)
    for name in ("good", "bad"):
        path = settings.spool / f"{name}.dcm"
        path.write_bytes(report_file(ct_report({})).getvalue()[:-200])
        with app.app_context():
            ingest(str(path))
    for path in settings.media_root.rglob("good.dcm"):
        path.write_bytes(report_file(ct_report({})).getvalue())
    return lambda *args, **options: app.test_cli_runner().invoke(args=["quarantine", *args], **options)


def test_what_was_refused_is_listed_with_the_reason(flask):
    lines = flask("list").output.splitlines()
    assert len(lines) == 3
    assert "good.dcm" in lines[0] and "failed. " in lines[0] and "cut short" in lines[0]
    assert lines[2].startswith("2 refused objects, ")
    assert flask("list", "--result", "not a dose object").output == "0 refused objects, 0 bytes.\n"


def test_programs_get_it_as_json(flask):
    first, _ = json.loads(flask("list", "--json").output)
    assert first["result"] == "failed" and first["station_name"] == "ROOM1"


def test_what_reads_well_is_no_longer_refused(flask):
    assert flask("retry").output == "2 read again: 1 is stored now, 1 is refused again.\n"
    (left,) = json.loads(flask("list", "--json").output)
    assert left["tries"] == 2
    assert flask("retry", "--id", "999").output == "There was nothing to read again.\n"


def test_deleting_asks_first(flask):
    refusing = flask("delete", input="n\n")
    assert "2 refused objects" in refusing.output and refusing.exit_code == 1
    assert flask("delete", "--id", "1", "--yes").output == "1 deleted.\n"
    assert flask("delete", "--yes").output == "1 deleted.\n"
    assert flask("delete", "--yes").output == "There is nothing to delete.\n"
