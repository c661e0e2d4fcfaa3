"""Importing heights and weights in a real browser: the whole walk, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from app import queue
from app.extensions import db
from app.ingest.receive import receive
from app.models import Study
from tests.factories import ct_report, report_file
from tests.web.visitor import make_user

TABLE = "Gewicht;Name;Größe;Accession number\r\n" + "".join(
    f"{60 + n},5;Patient {n};{160 + n};A{n}\r\n" for n in range(12)
)


@pytest.fixture
def table(tmp_path):
    """A table as a German spreadsheet saves it."""
    path = tmp_path / "sizes.csv"
    path.write_bytes(TABLE.encode("cp1252"))
    return path


@pytest.fixture
def walk(app, served, open_window):
    """Opens the page of imports for somebody who may import and no more; there are two studies."""
    make_user(app, "sizer", "sizes")
    with app.app_context():
        for number in ("A0", "A11"):
            assert receive(report_file(ct_report({}), AccessionNumber=number)).result == "imported"
    return lambda scripts: open_window(served, "/", "sizer", scripts)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_table_is_uploaded_understood_imported_and_told_of(app, walk, table, run_jobs, scripts):
    page = walk(scripts)
    page.locator("summary", has_text="sizer").click()
    page.get_by_role("link", name="Heights and weights").click()
    expect(page.get_by_text("No table was imported yet")).to_be_visible()
    page.get_by_label("Table (CSV)").set_input_files(table)
    page.get_by_role("button", name="Upload and choose columns").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Columns of the table")
    expect(page.locator(".preview tbody tr")).to_have_count(10)
    expect(page.get_by_label("Column of the identifier").locator("option:checked")).to_have_text("Accession number")
    expect(page.locator("#height option:checked")).to_have_text("Größe")
    expect(page.locator("#height_unit")).to_have_value("cm")
    expect(page.locator("#weight option:checked")).to_have_text("Gewicht")

    page.locator("#height").select_option("Gewicht")
    page.locator("#weight").select_option("Größe")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("look swapped")
    page.locator("#height").select_option("Größe")
    page.locator("#weight").select_option("Gewicht")
    page.get_by_role("button", name="Import", exact=True).click()

    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    run_jobs(queue.EXPORT)
    if not scripts:
        page.get_by_role("link", name="Check again").click()
    expect(page.get_by_text("Complete")).to_be_visible()
    expect(page.get_by_text("2 studies have a new size")).to_be_visible()
    with app.app_context():
        found = db.session.execute(db.select(Study.patient_size, Study.patient_weight).order_by(Study.id)).all()
        assert found == [(1.6, 60.5), (1.71, 71.5)]
    with page.expect_download() as download:
        page.get_by_role("link", name="Log").click()
    assert b"Row 2, A0: height 1.6 m and weight 60.5 kg added\r\n" in download.value.path().read_bytes()

    page.get_by_role("searchbox").fill("A11")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1.71 m, 71.5 kg")).to_be_visible()
    page.get_by_role("link", name=download.value.url.split("/")[4][:8]).click()
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text("No table was imported yet")).to_be_visible()


def test_an_import_is_aborted_with_a_click(walk, table):
    page = walk(True)
    page.goto("/sizes/")
    page.get_by_label("Table (CSV)").set_input_files(table)
    page.get_by_role("button", name="Upload and choose columns").click()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Abort").click()
    expect(page.locator(".mark", has_text="Aborted")).to_be_visible()
    assert not page.get_by_role("link", name="Log").count()
