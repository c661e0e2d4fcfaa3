"""Asking a list in a real browser: values to choose from, filters found by typing, opposites, alternatives, saving."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_lists import address, open_list, rows  # noqa: F401 (fixtures)

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


def status(page):
    return page.locator("#results [role=status]")


def choose(page, what):
    page.locator(".first").get_by_text(f"choose {what} …").click()


def test_values_are_ticked_in_place_and_the_list_follows(open_list):  # noqa: F811
    page = open_list()
    choose(page, "protocol")
    page.get_by_label("Find in protocol").press_sequentially("thorax", delay=30)
    expect(page.locator(".values-there li")).to_have_count(2)
    expect(page.get_by_label("Find in protocol")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/ct/$"))  # what is looked for among the values is no filter
    page.get_by_label("Thorax routine").check()
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Thorax low dose").check()
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"\?protocol=Thorax(\+|%20)[lr].*&protocol=Thorax"))
    page.get_by_label("Find in protocol").fill("head")
    expect(page.locator(".values-there li")).to_have_count(3)  # what is ticked stays
    page.keyboard.press("Escape")
    expect(page.get_by_label("Find in protocol")).not_to_be_visible()
    expect(rows(page)).to_have_count(2)
    page.reload()
    expect(page.locator(".chosen input:checked")).to_have_count(2)


def test_values_are_chosen_on_a_page_of_their_own_without_javascript(open_list):  # noqa: F811
    page = open_list(False)
    choose(page, "protocol")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose: Protocol")
    page.get_by_label("Head").check()
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"/ct/\?protocol=Head$"))
    choose(page, "protocol")
    page.get_by_label("Find in protocol").fill("abd")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".values-there li")).to_have_count(2)
    page.get_by_label("Abdomen").check()
    page.get_by_role("button", name="Show").click()
    expect(rows(page)).to_have_count(2)
    expect(status(page)).to_contain_text("protocol is “Head” or “Abdomen”")


def test_a_filter_is_found_by_typing_its_name(open_list):  # noqa: F811
    page = open_list()
    page.get_by_text("More filters").click()
    page.get_by_label("Find a filter").press_sequentially("event ctdi", delay=30)
    expect(page.get_by_label("Event CTDIvol from")).to_be_visible()
    expect(page.get_by_label("Weight from")).not_to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Event CTDIvol from")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/ct/$"))
    page.keyboard.type("4")
    expect(page).to_have_url(re.compile(r"\?event_ctdivol__min=4$"))
    expect(status(page)).to_have_text("4 of 4 CT studies, one event where CTDIvol at least 4 mGy")


@BOTH
def test_a_chip_turns_into_its_opposite(open_list, javascript):  # noqa: F811
    page = open_list(javascript)
    page.get_by_label("Protocol", exact=True).fill("thorax")
    page.get_by_label("Protocol", exact=True).press("Enter")
    expect(rows(page)).to_have_count(2)
    page.locator(".chip summary").click()
    page.get_by_role("link", name="Turn into “not”").click()
    expect(page).to_have_url(re.compile(r"\?not\.protocol__has=thorax$"))
    expect(status(page)).to_have_text("2 of 4 CT studies, protocol does not contain “thorax”")
    page.locator("#description__has").fill("3")
    page.locator("#description__has").press("Enter")
    expect(page).to_have_url(re.compile(r"\?description__has=3&not\.protocol__has=thorax$"))
    expect(rows(page)).to_have_count(1)


@BOTH
def test_an_alternative_is_added_by_who_reads_no_address(open_list, javascript):  # noqa: F811
    page = open_list(javascript)
    page.get_by_label("Protocol", exact=True).fill("head")
    page.get_by_label("Protocol", exact=True).press("Enter")
    expect(rows(page)).to_have_count(1)
    page.locator(".chip summary").click()
    page.get_by_role("link", name="Or something else …").click()
    other = page.get_by_role("group", name="Or alternative 2")
    expect(other.get_by_label("Study description")).to_be_focused()
    other.get_by_label("Protocol", exact=True).fill("abdomen")
    if not javascript:
        page.get_by_role("button", name="Show").click()
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/ct/\?any1\.protocol__has=head&any2\.protocol__has=abdomen$"))
    expect(status(page)).to_contain_text("either protocol contains “head” or protocol contains “abdomen”")
    page.get_by_role("link", name="or …").click()
    third = page.get_by_role("group", name="Or alternative 3")
    third.get_by_label("Protocol", exact=True).fill("low dose")
    if not javascript:
        page.get_by_role("button", name="Show").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("link", name="protocol: abdomen (remove)").click()
    expect(rows(page)).to_have_count(2)


@BOTH
def test_what_is_asked_is_saved_and_opened_again(open_list, javascript):  # noqa: F811
    page = open_list(javascript)
    page.goto("/ct/?protocol__has=thorax&sort=-dlp")
    page.get_by_text("Saved", exact=True).click()
    if not javascript:
        page.get_by_role("link", name="Saved filters").click()
    page.get_by_label("Name", exact=True).fill("Every thorax")
    page.get_by_role("button", name="Save this filter").click()
    expect(page.locator("#messages")).to_contain_text("Saved as “Every thorax”.")
    page.goto("/ct/")
    page.get_by_text("Saved", exact=True).click()
    if not javascript:
        page.get_by_role("link", name="Saved filters").click()
    page.get_by_role("link", name="Every thorax").click()
    expect(page).to_have_url(re.compile(r"/ct/\?protocol__has=thorax&sort=-dlp$"))
    expect(rows(page)).to_have_count(2)


@BOTH
def test_on_a_phone_the_filters_fold_behind_a_button_with_their_number(open_list, javascript):  # noqa: F811
    page = open_list(javascript)
    page.set_viewport_size({"width": 390, "height": 800})
    protocol = page.get_by_label("Protocol", exact=True)
    expect(protocol).not_to_be_visible()
    page.locator(".unfold summary").click()
    protocol.fill("thorax")
    protocol.press("Enter")
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".unfold summary")).to_have_text("Filters 1")
