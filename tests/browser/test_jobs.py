"""Jobs in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.web.test_access import a_job
from tests.web.visitor import make_user


@pytest.mark.parametrize(("path", "asked"), [("/jobs/", "**/jobs/*-*"), ("/exports/", "**/exports/*/*-*")])
def test_the_question_whether_to_abort_is_whole_and_stays_until_it_is_answered(app, served, open_window, path, asked):
    make_user(app, "anna", "export")
    make_user(app, "boss", "admin")
    a_job(app, "anna", state="running", message=None, finished_at=None)
    page = open_window(served, path, "boss")
    page.locator("summary", has_text="Abort…").click()
    with page.expect_response(asked):
        pass
    page.wait_for_timeout(500)
    button = page.get_by_role("button", name="Yes, abort")
    expect(button).to_be_in_viewport(ratio=1)
    button.click()
    expect(page.locator("main")).to_contain_text("Stopping")
