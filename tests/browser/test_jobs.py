"""Jobs in a real browser."""

from playwright.sync_api import expect

from tests.web.test_access import a_job
from tests.web.visitor import make_user


def test_the_question_whether_to_abort_stays_until_it_is_answered(app, served, open_window):
    make_user(app, "anna", "export")
    make_user(app, "boss", "admin")
    a_job(app, "anna", state="running", message=None, finished_at=None)
    page = open_window(served, "/jobs/", "boss")
    page.locator("summary", has_text="Abort…").click()
    with page.expect_response("**/jobs/*-*"):
        pass
    page.wait_for_timeout(500)
    expect(page.get_by_role("button", name="Yes, abort")).to_be_visible()
