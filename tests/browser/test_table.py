"""The table of a list in a real browser: its columns, its pages, and deleting, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from app import queue
from app.ingest.receive import receive
from tests.factories import ct_report, report_file
from tests.web.visitor import make_user

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture
def open_page(app, served, open_window):
    """Opens a page of a site with thirty CT studies for somebody; complaints of the browser fail."""
    with app.app_context():
        for number in range(30):
            header = {"StudyDescription": f"Study {number}", "AccessionNumber": f"A{number}"}
            assert receive(report_file(ct_report({"dlp": 100.0 + number}), **header)).result == "imported"
    make_user(app, "boss", "admin")
    make_user(app, "viewer", "view")
    return lambda path, scripts=True, username="boss", width=1400: open_window(served, path, username, scripts, width)


def rows(page):
    return page.locator("table.studies tbody tr")


def headings(page):
    return page.locator("table.studies thead th[aria-sort]")


@SCRIPTS
def test_columns_are_chosen_and_the_next_visit_has_them(open_page, scripts):
    page = open_page("/ct/?dlp__min=100", scripts, "viewer")
    page.get_by_text("Columns", exact=True).click()
    for title in ("Room", "Patient", "CTDIvol max", "Events"):
        page.get_by_role("checkbox", name=title, exact=True).uncheck()
    page.get_by_role("checkbox", name="Accession number").check()
    page.get_by_role("button", name="Show these").click()
    expect(headings(page)).to_have_text([re.compile(one) for one in ("Date", "Study", "Accession number", "DLP")])
    expect(page).to_have_url(re.compile(r"/ct/\?dlp__min=100&columns=date,study,accession,dlp$"))
    page.get_by_role("link", name="Accession number").click()
    expect(page.get_by_role("columnheader", name="Accession number")).to_have_attribute("aria-sort", "ascending")
    page.goto("/ct/")
    expect(headings(page)).to_have_count(4)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("button", name="As usual").click()
    expect(headings(page)).to_have_count(7)
    expect(page).to_have_url(re.compile(r"/ct/$"))


@SCRIPTS
def test_the_size_of_pages_is_chosen_and_the_next_visit_has_it(open_page, scripts):
    page = open_page("/ct/", scripts, "viewer")
    expect(rows(page)).to_have_count(25)
    page.get_by_role("button", name="50 a page").click()
    expect(rows(page)).to_have_count(30)
    expect(page).to_have_url(re.compile(r"\?size=50$"))
    page.goto("/ct/?dlp__min=101")
    expect(rows(page)).to_have_count(29)
    expect(page).to_have_url(re.compile(r"\?dlp__min=101&size=50$"))


@SCRIPTS
def test_studies_are_chosen_in_a_list_and_deleted_and_one_is_back_there(open_page, scripts):
    page = open_page("/ct/?dlp__min=120&sort=-dlp", scripts)
    expect(rows(page)).to_have_count(10)
    for place in (0, 1):
        rows(page).nth(place).get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete chosen…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete these studies")
    page.get_by_role("button", name="Delete 2 studies").click()
    expect(page.get_by_text("2 studies are deleted.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/ct/\?dlp__min=120&sort=-dlp$"))
    expect(rows(page)).to_have_count(8)
    expect(rows(page).first).to_contain_text("Study 27")


@SCRIPTS
def test_all_on_the_page_can_be_chosen_at_once(open_page, scripts):
    page = open_page("/ct/?dlp__min=125", scripts)
    if scripts:
        page.get_by_label("Choose all on this page").check()
        rows(page).nth(1).get_by_role("checkbox").uncheck()
        expect(page.get_by_label("Choose all on this page")).not_to_be_checked()
        page.get_by_label("Choose all on this page").check()
        page.get_by_role("button", name="Delete chosen…").click()
    else:
        page.get_by_role("button", name="Delete all on this page…").click()
    expect(page.get_by_role("button", name="Delete 5 studies")).to_be_visible()
    page.get_by_role("link", name="Keep").click()
    expect(rows(page)).to_have_count(5)


@SCRIPTS
def test_all_that_match_are_deleted_while_one_looks_on(open_page, run_jobs, scripts):
    page = open_page("/ct/?dlp__min=110", scripts)
    page.get_by_role("link", name="Delete all 20 that match…").click()
    page.get_by_label("Type the number of studies").fill("20")
    page.get_by_role("button", name="Delete all 20").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    run_jobs(queue.EXPORT)
    if not scripts:
        page.get_by_role("link", name="Check again").click()
    expect(page.get_by_text("20 studies are deleted.")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_one_study_is_deleted_from_its_page(open_page):
    page = open_page("/ct/?dlp__min=120&sort=-dlp")
    rows(page).first.get_by_role("link").click()
    page.get_by_role("link", name="Delete this study…").click()
    page.get_by_role("button", name="Delete 1 study").click()
    expect(page).to_have_url(re.compile(r"/ct/\?dlp__min=120&sort=-dlp$"))
    expect(rows(page)).to_have_count(9)


@pytest.mark.parametrize("width", [360, 700, 1000])
def test_a_card_or_a_row_keeps_within_the_window_whatever_columns_are_chosen(open_page, width):
    page = open_page("/ct/?columns=date,accession,uid,description,age,dlp,spiral,problems", width=width)
    if width <= 900:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("Columns", exact=True).click()
    assert page.evaluate("document.querySelector('.chooser form').getBoundingClientRect().right <= innerWidth")
    assert page.evaluate("document.querySelector('.chooser form').getBoundingClientRect().left >= 0")
