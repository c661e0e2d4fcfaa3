"""What stands beside a list to ask it: opposites, alternatives, values to choose from."""

import pytest

from tests.web.checks import text_of
from tests.web.visitor import HTMX


@pytest.fixture
def three(study):
    """A thorax in the west, a head and an abdomen in the east."""
    study({"acquisition_protocol": "Thorax", "dlp": 700.0}, StationName="WEST", PatientSex="F")
    study({"acquisition_protocol": "Head", "dlp": 300.0}, StationName="EAST", PatientSex="M")
    study({"acquisition_protocol": "Abdomen", "dlp": 900.0}, {"acquisition_protocol": "Thorax"}, StationName="EAST")


def status_of(page):
    return text_of(page.find(".//section[@id='results']//p[@role='status']"))


def links(page):
    """The address of each link by its words."""
    return {text_of(link): link.get("href") for link in page.iter("a")}


def form_of(page):
    """What the filter form would send, by name."""
    sent = {}
    for one in page.find(".//form[@id='filters']").iter("input"):
        ticked = one.get("type") != "checkbox" or one.get("checked") is not None
        if one.get("name") and one.get("value") and ticked and not one.get("form"):
            sent.setdefault(one.get("name"), []).append(one.get("value"))
    return sent


def test_a_chip_turns_into_its_opposite_and_back(get_page, three):
    page = get_page("/ct/?station=WEST")
    opposite = get_page(links(page)["Turn into “not”"])
    assert status_of(opposite) == "2 of 3 CT studies, station is not “WEST”"
    assert form_of(opposite) == {"not.station": ["WEST"]}
    assert links(opposite)["Without the “not”"] == "/ct/?station=WEST"


def test_what_is_asked_gets_an_alternative_and_a_third(get_page, three):
    page = get_page("/ct/?protocol__has=head")
    form = get_page(links(page)["Or something else …"])
    assert form_of(form) == {"any1.protocol__has": ["head"]}
    assert [text_of(one) for one in form.findall(".//fieldset[@class='alternative']/legend")] == [
        "Either alternative 1", "Or alternative 2",
    ]  # fmt: skip
    both = get_page("/ct/?any1.protocol__has=head&any2.protocol__has=abdomen")
    assert status_of(both) == "2 of 3 CT studies, either protocol contains “head” or protocol contains “abdomen”"
    assert form_of(both) == {"any1.protocol__has": ["head"], "any2.protocol__has": ["abdomen"]}
    third = get_page(links(both)["or …"])
    assert len(third.findall(".//fieldset[@class='alternative']")) == 3


def test_boxes_of_alternatives_are_folded_until_one_is_added(get_page, three):
    both = get_page("/ct/?any1.protocol__has=head&any2.protocol__has=abdomen")
    for page, is_open in ((both, False), (get_page(links(both)["or …"]), True)):
        boxes = page.find(".//details[@class='either']")
        assert text_of(boxes.find("summary")) == "Alternatives"
        assert ("open" in boxes.attrib) == is_open
    assert get_page("/ct/?protocol__has=head").find(".//details[@class='either']") is None


def test_a_list_without_studies_has_nothing_to_ask_of(get_page):
    page = get_page("/mg/")
    assert page.find(".//form[@id='filters']") is None
    assert "There are no mammography studies yet." in text_of(page)
    assert get_page("/mg/?agd__min=1").find(".//form[@id='filters']") is not None


def test_values_to_choose_from_have_the_number_of_their_studies(get_page, three):
    page = get_page("/ct/choices/protocol")
    assert [text_of(one) for one in page.findall(".//details/div//li")] == [
        "Thorax 2 studies", "Abdomen 1 study", "Head 1 study",
    ]  # fmt: skip
    assert "match all else" not in text_of(page)


def test_values_are_counted_among_the_studies_that_match_all_else(get_page, three):
    page = get_page("/ct/choices/station?station=EAST&dlp__min=800&sort=-dlp")
    assert [text_of(one) for one in page.findall(".//details/div//li")] == ["EAST 1 study"]
    assert form_of(page) == {"dlp__min": ["800"], "sort": ["-dlp"], "station": ["EAST"]}
    assert "Numbers of studies that match all else." in text_of(page)


@pytest.mark.parametrize("path", ["/ct/choices/protocol", "/ct/choices/room?room=1&dlp__min=1&any1.sex=F", "/ct/saved"])
def test_what_stands_beside_a_list_needs_few_statements(visitor, three, path):
    person = visitor("admin")
    with person.counted() as statements:
        assert person.get(path).status_code == 200
    assert len(statements) <= 8


def test_what_is_typed_narrows_the_values_and_keeps_what_is_chosen(get_page, three):
    page = get_page("/ct/choices/any2.protocol?any2.protocol=Head&like=th%C3%B6rax")
    assert [text_of(one) for one in page.findall(".//details/div//li")] == ["Head 1 study", "Thorax 2 studies"]
    assert form_of(page) == {"any2.protocol": ["Head"]}
    page = get_page("/ct/choices/station?like=nowhere")
    assert [text_of(one) for one in page.findall(".//details/div//li")] == ["Nothing is called so."]


@pytest.mark.parametrize("name", ["sex", "room", "hospital", "make", "description", "operator"])
def test_every_choice_of_a_study_has_its_values(get_page, three, name):
    assert get_page(f"/ct/choices/{name}").find(".//details/div//ul") is not None


def test_a_room_is_chosen_by_its_name_and_told_by_it(get_page, three):
    page = get_page("/ct/choices/room")
    assert [text_of(one) for one in page.findall(".//details/div//li")] == [
        "Hospital EAST 2 studies", "Hospital WEST 1 study",
    ]  # fmt: skip
    number = page.find(".//details/div//li//input").get("value")
    page = get_page(f"/ct/?room={number}")
    assert status_of(page) == "2 of 3 CT studies, room is “Hospital EAST”"
    assert form_of(page) == {"room": [number]}
    labels = [text_of(one) for one in page.findall(".//div[@class='chosen']/label")]
    assert labels == ["Hospital EAST"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ct/choices/dlp__min", 404),
        ("/ct/choices/nothing", 404),
        ("/ct/choices/station?colour=red", 400),
        ("/ct/choices/station?like=a&like=b", 400),
        ("/ct/alternatives?colour=red", 400),
    ],
)
def test_what_cannot_be_chosen_is_refused(visitor, path, status):
    assert visitor("view").get(path).status_code == status


def test_the_form_grows_no_further_than_addresses_do(get_page):
    query = "&".join(f"any{number}.dlp__min=1" for number in range(1, 10))
    assert len(get_page(f"/ct/alternatives?{query}").findall(".//fieldset[@class='alternative']")) == 9


def test_a_part_is_asked_for_with_the_whole_form(visitor, three):
    answer = visitor("view").get("/ct/choices/station?station=&dlp__min=&protocol__has=head&like=", headers=HTMX)
    assert answer.status_code == 200 and "EAST" in answer.text and "WEST" not in answer.text
