"""A browser for each file of tests, and windows of people who have signed in."""

import re

import pytest
from playwright.sync_api import sync_playwright

from tests import servers
from tests.web.visitor import PASSWORD

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
CALLED_OFF_OR_REFUSED = re.compile(r"^htmx:| 4\d\d ")


@pytest.fixture(scope="module")
def browser(chromium):
    """The browser, without anybody's windows."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def served(app):
    """The address of the application. Who asks for a window too, asks for this first: windows close before it does."""
    with servers.web(app) as address:
        yield address


@pytest.fixture
def open_window(browser):
    """Opens a window of a site, for somebody who signs in where a name is given; what it complains of fails."""
    complaints, windows = [], []

    def note(message):
        # A question that was called off, or that we refuse with a sentence, is no fault of the page.
        if message.type == "error" and not CALLED_OFF_OR_REFUSED.search(message.text):
            complaints.append(message.text)

    def open_(address, path="/", username=None, scripts=True, width=1400, **options):
        options = {"viewport": {"width": width, "height": 900}} | options
        windows.append(browser.new_context(base_url=address, java_script_enabled=scripts, **options))
        page = windows[-1].new_page()
        page.on("console", note)
        if username:
            page.goto("/sign-in?next=/account/password")
            page.get_by_label("User name").fill(username)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/account/password")
        page.goto(path)
        return page

    yield open_
    for window in windows:
        window.close()
    assert not complaints
