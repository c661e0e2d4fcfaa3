"""Exports in a real browser: start, watch, abort, start again, download, delete; with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from app import queue
from app.ingest.receive import receive
from tests.factories import ct_report, report_file
from tests.web.visitor import make_user


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request, app, served, open_window):
    """The list of a site with a study, for somebody who may export."""
    with app.app_context():
        assert receive(report_file(ct_report({}))).result == "imported"
    make_user(app, "exporter", "export")
    page = open_window(served, "/ct/", "exporter", scripts=request.param)
    page.scripts = request.param
    return page


def test_an_export_is_started_watched_aborted_started_again_downloaded_and_deleted(page, run_jobs, tmp_path):
    page.locator("details.exports summary").click()
    page.get_by_role("button", name="CSV", exact=True).first.click()
    row = page.locator("tbody tr")
    expect(row).to_contain_text("Waiting for a worker")
    row.get_by_role("button", name="Abort").click()
    expect(row).to_contain_text("Aborted")
    row.get_by_role("button", name="Start again").click()
    expect(row).to_contain_text("Waiting for a worker")
    run_jobs(queue.EXPORT)
    if not page.scripts:
        row.get_by_role("link", name="Check again").click()
    expect(row).to_contain_text("Ready")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "ct.csv")
    assert (tmp_path / "ct.csv").read_text("utf-8-sig").startswith("Institution,")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert not [one for one in asked if "/exports/of/" in one], "there is nothing to wait for any more"
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete chosen…").click()
    page.get_by_role("button", name="Delete 1 export").click()
    expect(page.locator("main")).to_contain_text("There are no exports yet.")
