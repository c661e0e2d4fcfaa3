"""The main job, as a physicist does it on a fresh system: start, send, see, filter, export, download."""

import csv
import re
import time

import pytest
from playwright.sync_api import expect
from pydicom import dcmread

from app.settings import load
from tests.network.sender import send
from tests.processes import program
from tests.servers import free_port, wait_until
from tests.web.visitor import PASSWORD

FLASH = "CT-RDSR-Siemens_Flash-TAP-SS.dcm"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A fresh system with everything running, as `make run` starts it; its settings."""
    folder = tmp_path_factory.mktemp("site")
    ports = {"WEB_PORT": str(free_port()), "STORE_PORT": str(free_port())}
    settings = load({"INSTANCE": str(folder / "instance"), "STORE_HOST": "127.0.0.1", **ports})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ADMIN_PASSWORD", PASSWORD)
        with program(settings, "-m", "flask", "--app", "wsgi", "up", output=folder / "up.log") as launcher:
            wait_until(lambda: "OpenREM is running" in (folder / "up.log").read_text(), "everything runs", seconds=60)
            yield settings
            launcher.terminate()
            launcher.wait(timeout=60)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request, site, open_window):
    """A browser's page, signed in as the administrator."""
    return open_window(f"http://127.0.0.1:{site.web_port}", "/", "admin", scripts=request.param)


def test_a_report_that_a_scanner_sends_is_seen_filtered_exported_and_downloaded(site, page, dicom_folder, tmp_path):
    began = time.monotonic()
    assert send(site, dcmread(dicom_folder / FLASH)) == [0]
    while "Thorax" not in page.goto("/ct/").text():
        assert time.monotonic() - began < 15, "the study did not appear"
        time.sleep(0.1)
    print(f"seen in the list after {time.monotonic() - began:.1f} s")

    page.get_by_role("link", name=re.compile("1997-01-01")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thorax")
    expect(page.locator("main")).to_contain_text("724.52")
    expect(page.locator("main")).to_contain_text("mGy·cm")

    page.goto("/ct/")
    page.get_by_label("Protocol", exact=True).fill("nothing like it")
    page.get_by_label("Protocol", exact=True).press("Enter")
    expect(page.get_by_role("status").filter(has_text="0 of 1")).to_be_visible()
    page.get_by_label("Protocol", exact=True).fill("tap")
    page.get_by_label("Protocol", exact=True).press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 of 1")).to_be_visible()

    page.locator("details.exports summary").click()
    page.get_by_role("button", name="CSV", exact=True).click()
    rows = _download(page, tmp_path)
    assert rows[0]["DLP total (mGy.cm)"] == "724.52"
    assert rows[0]["E4 DLP"] == "708.2"


def _download(page, folder):
    """The rows of the newest export, once it is ready."""
    link = page.get_by_role("link", name="Download").first
    wait_until(lambda: link.count() or not page.goto("/exports/"), "the export is ready", seconds=30)
    with page.expect_download() as download:
        link.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
