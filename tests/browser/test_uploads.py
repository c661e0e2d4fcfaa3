"""An administrator brings files in a real browser: dropped, chosen, as a folder, with JavaScript and without."""

import base64
import re

import pytest
from playwright.sync_api import expect

from app import queue
from app.ingest.receive import receive
from tests import servers
from tests.factories import ct_report, report_file
from tests.web.visitor import make_user

DROP = """([place, files]) => {
  const transfer = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  for (const kind of ["dragover", "drop"]) {
    const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector(place).dispatchEvent(event);
  }
}"""


def report() -> bytes:
    return report_file(ct_report({})).getvalue()


@pytest.fixture(params=[True, False], ids=["a site in use", "the first day"])
def address(request, app):
    """A site with or without a study, and an administrator."""
    if request.param:
        with app.app_context():
            assert receive(report_file(ct_report({}))).result == "imported"
    make_user(app, "boss", "admin")
    with servers.web(app) as address:
        yield address


@pytest.fixture
def open_home(address, open_window):
    """Opens the first page for the administrator."""

    def open_home(scripts=True):
        page = open_window(address, "/", "boss", scripts)
        page.wait_for_load_state()  # what is dropped before the script is there is lost
        return page

    return open_home


def test_dropped_files_are_uploaded_with_progress_and_read(open_home, run_jobs):
    page = open_home()
    files = [(f"{number}.dcm", base64.b64encode(report()).decode()) for number in range(3)]
    page.evaluate(DROP, ["main", [*files, ["readme.txt", base64.b64encode(b"no DICOM").decode()]]])
    expect(page.get_by_role("heading", level=1)).to_have_text("Upload of 4 files")
    run_jobs(queue.EXPORT)
    expect(page.get_by_text("4 files: 3 imported, 1 failed.")).to_be_visible()
    page.get_by_role("link", name="failed 1").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("rowheader")).to_have_text("readme.txt")


def test_a_folder_of_many_files_goes_in_several_requests(open_home, run_jobs, tmp_path):
    ward = tmp_path / "ward" / "old"
    ward.mkdir(parents=True)
    for number in range(205):
        (ward / f"{number}.dcm").write_bytes(b"x")
    page = open_home()
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_label("A folder").set_input_files(tmp_path / "ward")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Upload of 205 files")
    assert len(sent) == 2
    expect(page.get_by_role("rowheader").first).to_contain_text("ward/old/")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_chosen_files_are_uploaded_and_read(open_home, run_jobs, tmp_path, scripts):
    paths = [tmp_path / "a.dcm", tmp_path / "b.dcm"]
    for path in paths:
        path.write_bytes(report())
    page = open_home(scripts)
    page.get_by_label("Files or zip archives").set_input_files(paths)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Upload of 2 files")
    run_jobs(queue.EXPORT)
    if not scripts:
        page.get_by_role("link", name="Check again").click()
    expect(page.get_by_text("2 files: 2 imported.")).to_be_visible()
    page.get_by_role("link", name="imported", exact=True).first.click()
    expect(page).to_have_url(re.compile("/study/"))


def test_nothing_chosen_is_told_and_too_much_before_it_is_sent(open_home, tmp_path):
    page = open_home()
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("There is no file to upload")).to_be_visible()
    (tmp_path / "a.dcm").write_bytes(b"x" * 100)
    page.evaluate("document.querySelector('form.upload').dataset.most = 50")
    page.get_by_label("Files or zip archives").set_input_files(tmp_path / "a.dcm")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("more than may be uploaded at a time")).to_be_visible()
