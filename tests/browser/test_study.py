"""The page of a study in a real browser: events that open, tables that sort, and what goes on paper."""

import re

import pytest
from playwright.sync_api import expect

from app.ingest.receive import receive
from tests import servers
from tests.factories import fluoroscopy_report, report_file
from tests.web.visitor import make_user

STUDY = "2.25.987"
EVENTS = 60


@pytest.fixture
def address(app):
    """A site with one study of many events."""
    events = [{"dose_rp": 0.001 * (number % 7 + 1), "acquisition_protocol": f"P{number}"} for number in range(EVENTS)]
    with app.app_context():
        file = report_file(fluoroscopy_report(*events), StudyInstanceUID=STUDY, StudyDescription="Coiling")
        assert receive(file).result == "imported"
    make_user(app, "viewer", "view")
    with servers.web(app) as address:
        yield address


@pytest.fixture
def open_study(address, open_window):
    """Opens the study for somebody."""

    def open_(javascript=True):
        page = open_window(address, f"/study/{STUDY}", "viewer", javascript)
        expect(page.get_by_role("heading", level=1)).to_have_text("Coiling")
        return page

    return open_


def first_event(page):
    return page.locator("table.events > tbody").first


def test_events_that_stand_open_stay_open_when_the_table_is_sorted(open_study):
    page = open_study()
    page.locator("#event-rf-3 summary").click()
    expect(page.locator("#event-rf-3").get_by_text("Irradiation Event UID")).to_be_visible()
    page.locator("table.events thead a").last.click()
    expect(page).to_have_url(re.compile("events_sort="))
    expect(page.locator("#event-rf-3").get_by_text("Irradiation Event UID")).to_be_visible()
    expect(page.locator("#event-rf-2").get_by_text("Irradiation Event UID")).not_to_be_visible()


def test_an_event_is_fetched_once_when_it_is_opened(open_study):
    page = open_study()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/events/" in request.url else None)
    row = page.locator("#event-rf-3")
    for seen in (True, False, True):
        row.locator("summary").click()
        expect(row.get_by_text("Irradiation Event UID")).to_be_visible(visible=seen)
    assert len(asked) == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_events_sort_and_the_address_says_so(open_study, javascript):
    page = open_study(javascript)
    page.get_by_role("link", name="Dose (RP)").click()
    expect(page).to_have_url(re.compile(r"events_sort=-dose_rp$"))
    expect(page.locator("table.events").get_by_role("columnheader", name="Dose (RP)")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(first_event(page)).to_have_id("event-rf-7")
    if javascript:
        expect(page.get_by_role("link", name="Dose (RP)")).to_be_focused()
    page.reload()
    expect(first_event(page)).to_have_id("event-rf-7")
    page.go_back()
    expect(first_event(page)).to_have_id("event-rf-1")


def test_the_heading_and_the_numbers_of_events_stay_while_the_table_scrolls(open_study):
    page = open_study()
    page.set_viewport_size({"width": 500, "height": 800})
    inside = page.locator(".inside").first
    inside.evaluate("one => one.scrollTo(300, 900)")
    frame = inside.bounding_box()
    heading, number = page.locator("table.events thead th").nth(3), page.locator("#event-rf-30 > tr > th").first
    assert abs(heading.bounding_box()["y"] - frame["y"]) < 3
    assert abs(number.bounding_box()["x"] - frame["x"]) < 3


def test_paper_has_all_of_the_study_and_no_bars(open_study):
    page = open_study()
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print")
    for gone in ("header.bar", ".way", "button:has-text('Print')"):
        expect(page.locator(gone).first).not_to_be_visible()
    for there in (
        "dl.tiles",
        "figure.drawing svg",
        "table.sums",
        f"#event-rf-{EVENTS} > tr:first-child",
        "table.objects",
    ):
        expect(page.locator(there).first).to_be_visible()
    cut = page.evaluate(
        "[...document.querySelectorAll('.inside, .scroll')].filter("
        "one => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1).length"
    )
    assert cut == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") in (2, 3)
