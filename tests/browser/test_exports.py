"""Exports in a real browser: start, watch, abort, start again, download, delete; with JavaScript and without.

And with patients' IDs, for who has the right to them.
"""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from app import queue
from app.identity import Identity
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


@pytest.fixture
def keeps_ids(app):
    """A site that keeps patients' IDs, with a study of one."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], patient_id="stored", patient_id_secret="secret")
    with app.app_context():
        receive(report_file(ct_report({}), PatientID="0012"), identity=Identity("stored", "secret"))


def test_patient_ids_have_a_button_of_their_own_that_only_those_see_who_may_have_them(
    keeps_ids, app, served, open_window, run_jobs, tmp_path
):
    for role in ("view", "export", "export-pid"):
        make_user(app, role, role)
    assert open_window(served, "/ct/", "view").locator("details.exports").count() == 0
    exporter = open_window(served, "/ct/", "export")
    exporter.locator("details.exports summary").click()
    expect(exporter.get_by_role("button", name="CSV", exact=True).first).to_be_visible()
    expect(exporter.get_by_role("button", name="With patient identifiers")).to_have_count(0)
    page = open_window(served, "/ct/", "export-pid")
    page.locator("details.exports summary").click()
    page.get_by_role("button", name=re.compile("^CSV ?, With patient identifiers")).click()
    row = page.locator("tbody tr")
    expect(row).to_contain_text("CT as CSV, with patient identifiers")
    run_jobs(queue.EXPORT)
    expect(row).to_contain_text("Ready")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "ct.csv")
    heading, study = (tmp_path / "ct.csv").read_text("utf-8-sig").splitlines()
    assert heading.startswith("Patient ID,") and study.startswith("0012,")
    assert "0012" not in page.content() and "0012" not in page.url
