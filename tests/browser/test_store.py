"""The DICOM store in a real browser, with a real listener: with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from app import heard, listening, queue
from app.network.listener import Listener
from app.network.peer import NoAnswer, Peer, echo
from app.reception.publishing import publish
from tests import servers
from tests.network.sender import dose_report, send
from tests.web.visitor import make_user

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture
def address(app, settings):
    """A site whose listener runs, to which one scanner has sent."""
    make_user(app, "boss", "admin")
    with app.app_context():
        publish()
    listener = Listener(settings)
    listener.start()
    send(settings, dose_report())
    servers.wait_until(lambda: _seen(settings), "the listener has told what it saw")
    with servers.web(app) as address:
        yield address
    listener.stop()


def _seen(settings):
    return heard.listeners(settings) and heard.last_objects(settings)


@pytest.fixture
def open_page(address, open_window):
    """Opens a page for the administrator."""
    return lambda path, scripts=True, width=1400: open_window(address, path, "boss", scripts, width)


@SCRIPTS
def test_a_sender_is_allowed_then_all_others_are_refused_after_a_warning(open_page, settings, scripts):
    page = open_page("/store/", scripts)
    expect(page.get_by_text("listens", exact=True)).to_be_visible()
    page.get_by_role("link", name="Change who may send").click()
    page.get_by_label("Take objects from known senders only").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("No sender is known: nobody could send anything.")
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Allow SCANNER at 127.0.0.1").click()
    expect(page.get_by_text("SCANNER at 127.0.0.1 is known now.")).to_be_visible()
    page.get_by_role("link", name="Change who may send").click()
    page.get_by_label("Take objects from known senders only").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert listening.published(settings).only_known


@SCRIPTS
def test_associations_are_filtered(open_page, settings, scripts):
    page = open_page("/store/", scripts)
    part = page.locator("#associations")
    expect(part).to_contain_text("1 kept")
    part.get_by_label("Outcome").select_option("rejected")
    if not scripts:
        part.get_by_role("button", name="Show").click()
    expect(part).to_contain_text("None of the last 1 matches.")
    part.get_by_role("link", name="Show all").click()
    expect(page.locator("#associations")).to_contain_text("1 kept")


@SCRIPTS
def test_a_listener_is_added_and_answers_within_seconds(open_page, scripts):
    port = servers.free_port()
    page = open_page("/store/listeners/new", scripts)
    page.get_by_label("Name", exact=True).fill("Second")
    page.get_by_label("AE title", exact=True).fill("SECOND")
    page.get_by_label("Port", exact=True).fill(str(port))
    page.get_by_label("Address of ours").fill("127.0.0.1")
    page.get_by_role("button", name="Add listener").click()
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    servers.wait_until(lambda: _answers(port), "the new port answers")


@SCRIPTS
def test_a_rule_is_looked_at_made_and_taken_away(open_page, scripts):
    page = open_page("/store/ignored/", scripts)
    page.get_by_label("Maker").fill("Acme*")
    page.get_by_role("button", name="See what it would mean").click()
    expect(page.get_by_role("status").filter(has_text="there is no study yet")).to_be_visible()
    page.get_by_role("button", name="Ignore these from now on").click()
    expect(page.get_by_role("row", name="maker “Acme*”")).to_be_visible()
    page.get_by_role("button", name="Take away the rule").click()
    expect(page.get_by_text("No device is ignored")).to_be_visible()


@SCRIPTS
def test_a_sender_is_asked_for_an_answer(open_page, settings, run_jobs, scripts):
    page = open_page("/store/echo", scripts)
    page.get_by_label("Address", exact=True).fill("127.0.0.1")
    page.get_by_label("Port", exact=True).fill(str(settings.store_port))
    page.get_by_label("AE title", exact=True).fill("STOREOPENREM")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/jobs/*")
    run_jobs(queue.EXPORT)
    page.reload()
    expect(page.get_by_text("It answered in ")).to_be_visible()


def _answers(port):
    try:
        return echo(Peer("127.0.0.1", port, seconds=2)) >= 0
    except NoAnswer:
        return False


@pytest.mark.parametrize("width", [360, 700, 1000, 1400])
@pytest.mark.parametrize("path", ["/store/", "/store/policy", "/store/listeners/1", "/store/ignored/?manufacturer=a*"])
def test_no_page_is_wider_than_its_window(open_page, path, width):
    page = open_page(path, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
