"""What administrators do, in a real browser, with JavaScript and without, and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from app import queue
from app.jobs.ingest import ingest
from tests import servers
from tests.factories import fluoroscopy_report, report_file
from tests.web.visitor import make_user

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture
def address(app, settings):
    """A site with a fluoroscopy room and three refused objects, the first of which reads well by now."""
    settings.spool.mkdir(parents=True)
    whole = [report_file(fluoroscopy_report({})).getvalue() for _ in range(4)]
    files = {"stored": whole[0], "good": whole[1][:-200], "cut": whole[2][:-200], "text": b"no DICOM"}
    for name, content in files.items():
        path = settings.spool / f"{name}.dcm"
        path.write_bytes(content)
        with app.app_context():
            ingest(str(path))
    next(settings.media_root.rglob("good.dcm")).write_bytes(whole[3])
    make_user(app, "boss", "admin")
    with servers.web(app) as address:
        yield address


@pytest.fixture
def open_page(address, open_window):
    """Opens a page for the administrator."""
    return lambda path, scripts=True, width=1400: open_window(address, path, "boss", scripts, width)


@SCRIPTS
def test_refused_objects_are_filtered_read_again_and_deleted(open_page, run_jobs, scripts):
    page = open_page("/quarantine/", scripts)
    status = page.get_by_role("status").filter(has_text="refused object")
    expect(status).to_contain_text("3 refused objects")
    page.get_by_label("Reason").select_option("It is not a DICOM file.")
    if not scripts:
        page.get_by_role("button", name="Show").click()
    expect(status).to_contain_text("1 of 3 refused object")
    page.goto(page.url.partition("?")[0])
    page.get_by_role("button", name="Try all 3 again").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    run_jobs(queue.EXPORT)
    if not scripts:
        page.get_by_role("link", name="Check again").click()
    expect(page.get_by_text("3 read again: 1 is stored now, 2 are refused again.")).to_be_visible()
    page.get_by_role("link", name="Delete all 2…").click()
    page.get_by_role("button", name="Delete 2").click()
    expect(page.get_by_text("2 refused objects are deleted.")).to_be_visible()
    expect(page.get_by_text("Nothing was refused")).to_be_visible()


@SCRIPTS
def test_a_room_is_named_and_sorted_by_keyboard_alone(open_page, scripts):
    page = open_page("/rooms/", scripts)
    page.get_by_role("link", name="Hospital ROOM1").focus()
    page.keyboard.press("Enter")
    name = page.get_by_label("Display name")
    name.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Angio 1")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved. 1 stored study is listed elsewhere now.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Angio 1")
    expect(page.get_by_role("radio", name="Radiography studies")).to_be_checked()


@pytest.mark.parametrize("width", [360, 700, 1000, 1400])
@pytest.mark.parametrize("path", ["/quarantine/", "/quarantine/delete", "/rooms/", "/rooms/1"])
def test_no_page_is_wider_than_its_window(open_page, path, width):
    page = open_page(path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
