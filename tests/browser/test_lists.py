"""Lists in a real browser: they follow what one types, and the address is the whole state."""

import re
import time

import pytest
from playwright.sync_api import expect

from app.ingest.receive import receive
from tests import servers
from tests.factories import ct_report, report_file
from tests.web.visitor import make_user

PROTOCOLS = ("Thorax routine", "Thorax low dose", "Head", "Abdomen")


def slowly(answer):
    """The same site, but one question takes it a second."""

    def application(environ, start_response):
        if "protocol__has=t&" in environ["QUERY_STRING"]:
            time.sleep(1)
        return answer(environ, start_response)

    return application


@pytest.fixture
def address(app):
    """A site with a study of each protocol, the later ones with a higher DLP."""
    with app.app_context():
        for number, protocol in enumerate(PROTOCOLS, start=1):
            event = {"acquisition_protocol": protocol, "dlp": 100.0 * number}
            assert receive(report_file(ct_report(event), StudyDescription=f"Study {number}")).result == "imported"
    make_user(app, "viewer", "view")
    app.wsgi_app = slowly(app.wsgi_app)
    with servers.web(app) as address:
        yield address


@pytest.fixture
def open_list(address, open_window):
    """Opens the CT list for somebody, with JavaScript or without."""

    def open_(javascript=True, width=1400):
        page = open_window(address, "/ct/", "viewer", javascript, width)
        expect(page.get_by_role("heading", level=1)).to_have_text("CT studies")
        return page

    return open_


def rows(page):
    return page.locator("table.studies tbody tr")


def travel(page, steps):
    """Go back or forward within the browser's history, and wait until the page there is loaded."""
    with page.expect_event("load"):
        page.evaluate("steps => void setTimeout(() => history.go(steps))", steps)


def test_the_list_follows_what_one_types_and_back_undoes_it(open_list):
    page = open_list()
    page.get_by_label("Protocol", exact=True).press_sequentially("thorax", delay=30)
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/ct/\?protocol__has=thorax$"))
    expect(page.locator("#results [role=status]")).to_have_text("2 of 4 CT studies, protocol contains “thorax”")
    expect(page.get_by_label("Protocol", exact=True)).to_be_focused()
    page.get_by_role("link", name="DLP").click()
    expect(page).to_have_url(re.compile(r"\?protocol__has=thorax&sort=-dlp$"))
    page.get_by_label("Protocol", exact=True).press("End")
    page.keyboard.type(" low", delay=30)
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?protocol__has=thorax(%20|\+)low&sort=-dlp$"))
    travel(page, -1)
    expect(page).to_have_url(re.compile(r"\?protocol__has=thorax&sort=-dlp$"))
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_label("Protocol", exact=True)).to_have_value("thorax")
    travel(page, -1)
    travel(page, -1)
    expect(page).to_have_url(re.compile(r"/ct/$"))
    expect(rows(page)).to_have_count(4)
    expect(page.get_by_label("Protocol", exact=True)).to_have_value("")
    travel(page, 1)
    expect(rows(page)).to_have_count(2)


def test_typing_slowly_is_one_step_and_so_is_each_choice(open_list):
    page = open_list()
    before = page.evaluate("history.length")
    for typed in ("t", "th", "tho", "thor"):
        page.get_by_label("Protocol", exact=True).press(typed[-1])
        expect(page).to_have_url(re.compile(f"protocol__has={typed}$"))
    page.get_by_label("Protocol", exact=True).press("Enter")
    page.get_by_label("Protocol", exact=True).press("a")
    expect(page).to_have_url(re.compile("protocol__has=thora$"))
    page.get_by_text("More filters").first.click()
    for choice in ("no", "yes"):
        page.get_by_role("combobox", name="Problems").select_option(choice)
        expect(page).to_have_url(re.compile(f"problems={choice}$"))
    assert page.evaluate("history.length") == before + 4
    for address in ("thora&problems=no", "thora", "thor"):
        travel(page, -1)
        expect(page).to_have_url(re.compile(f"protocol__has={address}$"))
    travel(page, -1)
    expect(page).to_have_url(re.compile(r"/ct/$"))
    expect(rows(page)).to_have_count(4)


@pytest.mark.parametrize("typed", ["-5", "1e999"])
def test_a_number_that_cannot_be_sent_says_so_at_its_field(open_list, typed):
    page = open_list()
    page.get_by_text("More filters").first.click()
    page.get_by_label("Age from").focus()
    page.get_by_label("DLP to, mGy·cm", exact=True).press_sequentially(typed)
    page.get_by_label("Protocol", exact=True).press("h")
    expect(page.get_by_label("DLP to, mGy·cm", exact=True)).to_be_focused()  # the browser opens its sentence there
    expect(page).to_have_url(re.compile(r"/ct/$"))


def test_a_copied_address_shows_the_same(open_list, browser):
    page = open_list()
    page.get_by_label("Protocol", exact=True).fill("thorax")
    page.get_by_role("link", name="DLP").click()
    expect(page).to_have_url(re.compile("sort=-dlp"))
    expect(rows(page)).to_have_count(2)
    shown = page.locator("#results").inner_text()
    copy = page.context.new_page()
    copy.goto(page.url)
    assert copy.locator("#results").inner_text() == shown
    expect(copy.get_by_label("Protocol", exact=True)).to_have_value("thorax")


def test_an_answer_that_comes_late_never_replaces_a_newer_one(open_list):
    page = open_list()
    page.get_by_label("Protocol", exact=True).fill("t")
    with page.expect_request(re.compile("protocol__has=t&")):
        pass
    page.get_by_label("Protocol", exact=True).fill("head")
    expect(rows(page)).to_have_count(1, timeout=900)
    page.wait_for_timeout(1200)
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("protocol__has=head$"))


def test_one_question_is_asked_for_a_word_that_is_typed_quickly(open_list):
    page = open_list()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/ct/?" in request.url else None)
    page.get_by_label("Protocol", exact=True).press_sequentially("abdomen", delay=20)
    expect(rows(page)).to_have_count(1)
    assert len(asked) == 1


def test_what_cannot_be_searched_for_is_said_and_the_list_stays(open_list):
    page = open_list()
    page.get_by_label("Protocol", exact=True).fill("a " * 21)
    expect(page.locator("#messages")).to_contain_text("Protocol has 21 words")
    expect(rows(page)).to_have_count(4)


def test_a_chip_removes_its_filter_and_the_field_is_empty_too(open_list):
    page = open_list()
    page.get_by_label("Protocol", exact=True).fill("thorax")
    page.get_by_role("link", name="protocol: thorax (remove)").click()
    expect(rows(page)).to_have_count(4)
    expect(page.get_by_label("Protocol", exact=True)).to_have_value("")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_filtering_sorting_and_opening_work(open_list, javascript):
    page = open_list(javascript)
    page.get_by_text("More filters").first.click()
    page.get_by_label("DLP from, mGy·cm", exact=True).fill("150")
    page.get_by_label("Protocol", exact=True).fill("thorax")
    page.get_by_role("button", name="Show").click()
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/ct/\?protocol__has=thorax&dlp__min=150$"))
    page.get_by_role("link", name="DLP", exact=True).click()
    expect(page.get_by_role("columnheader", name="DLP")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("link", name=re.compile("2026-01-15")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Study 2")
    expect(page.locator("dl.tiles")).to_contain_text("200 mGy·cm")
    hidden = page.get_by_text("Irradiation Event UID").first
    expect(hidden).not_to_be_visible()
    page.get_by_label("Event 1, everything stored").click()
    if not javascript:
        page.get_by_role("link", name="Show everything that is stored of event 1").click()
    expect(hidden).to_be_visible()


def test_a_click_anywhere_on_a_row_opens_the_study(open_list):
    page = open_list()
    place = rows(page).nth(1).locator("td").last.bounding_box()
    page.mouse.click(place["x"] + 5, place["y"] + 5)
    expect(page).to_have_url(re.compile("/study/"))


def test_a_click_anywhere_on_an_event_opens_it_and_the_next_closes_it(open_list):
    page = open_list()
    rows(page).first.get_by_role("link").click()
    page.wait_for_url("**/study/*")  # loaded with its style, by which things have their places
    hidden = page.get_by_text("Irradiation Event UID").first
    place = page.locator("table.events tbody tr").first.locator("td").last.bounding_box()
    for seen in (True, False):
        page.mouse.click(place["x"] + 5, place["y"] + 5)
        expect(hidden).to_be_visible(visible=seen)
    page.get_by_label("Event 1, everything stored").press("Enter")
    expect(hidden).to_be_visible()


def test_the_keyboard_reaches_the_filters_the_headings_and_the_rows(open_list):
    page = open_list()
    expect(page.locator("html[data-script]")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.locator("header input[type=search]")).to_be_focused()
    page.get_by_role("searchbox", name="Study description").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Protocol", exact=True)).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "whole-row":
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/study/"))


@pytest.mark.parametrize("width", [360, 700, 1400])
def test_no_page_is_wider_than_its_window(open_list, width):
    page = open_list(width=width)
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        rows(page).first.get_by_role("link").click()
        expect(page).to_have_url(re.compile("/study/"))
        page.wait_for_load_state()  # until its styles are there a page is as wide as it likes
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto("/ct/?dlp__min=1&protocol__has=thorax")
