"""The reader's rules, one by one."""

import pytest

from app.dicom.concept import Concept, fold
from app.dicom.content import Item
from app.dicom.layout import Field, Layout, Part
from app.dicom.reader import Problem, Reading, read

ACQUISITION = Concept("113819", "DCM", "CT Acquisition")
PARAMETERS = Concept("113822", "DCM", "CT Acquisition Parameters")
DLP = Concept("113838", "DCM", "DLP")
PHANTOM = Concept("113835", "DCM", "CTDIw Phantom Type")
KVP = Concept("113733", "DCM", "KVP")
COMMENT = Concept("121106", "DCM", "Comment")
ORIENTATION = Concept("113743", "DCM", "Patient Orientation")
MODIFIER = Concept("113744", "DCM", "Patient Orientation Modifier")
PERSON = Concept("113870", "DCM", "Person Name")
ROLE = Concept("113875", "DCM", "Person Role in Procedure")
OTHER = Concept("999", "99TEST", "Something private")
HEAD, BODY = Concept("113690", "DCM", "Head"), Concept("113691", "DCM", "Body")
SUPINE, RECUMBENT = Concept("40199007", "SCT", "supine"), Concept("102538003", "SCT", "recumbent")

PERSONS = Layout("person", PERSON, (Field("name", "text", PERSON), Field("role", "code", ROLE)))
EVENT = Layout(
    "event",
    ACQUISITION,
    (
        Field("dlp", "number", DLP, "mGy.cm"),
        Field("phantom", "code", PHANTOM),
        Field("dlp_phantom", "code", PHANTOM, within=DLP),
        Field("kvp", "number", KVP, "kV", many=True),
        Field("comment", "text", COMMENT),
        Field("orientation", "code", ORIENTATION),
        Field("modifier", "code", MODIFIER, within=ORIENTATION),
    ),
    (Part("persons", PERSONS),),
)


def event(*children: Item) -> Item:
    """An event with these items."""
    return Item(ACQUISITION, "CONTAINER", children=list(children))


def container(concept: Concept, *children: Item) -> Item:
    """A container with these items."""
    return Item(concept, "CONTAINER", children=list(children))


def num(concept: Concept, value: str | None, unit: str = "", *children: Item) -> Item:
    """A number as written."""
    return Item(concept, "NUM", value, unit, children=list(children))


def text(concept: Concept, value: str, *children: Item) -> Item:
    """A text."""
    return Item(concept, "TEXT", value, children=list(children))


def code(concept: Concept, value: Concept | None, *children: Item) -> Item:
    """A coded value."""
    return Item(concept, "CODE", value, children=list(children))


def reading_of(*children: Item) -> Reading:
    """What the reader makes of an event with these items."""
    return read(event(*children), EVENT)


def test_an_item_fills_the_column_that_claims_its_concept():
    reading = reading_of(num(DLP, "12.50", "mGy.cm"), text(COMMENT, "scout"))
    assert reading.row.values == {"dlp": 12.5, "comment": "scout"}
    assert (reading.problems, reading.unread, reading.items) == ([], {}, 3)


def test_the_wording_of_a_concept_does_not_matter():
    assert reading_of(num(Concept("113838", "DCM", "dose length"), "1", "mGy.cm")).row.values == {"dlp": 1}


def test_a_container_that_nobody_claims_is_looked_through():
    assert reading_of(container(PARAMETERS, container(OTHER, num(DLP, "1", "mGy.cm")))).row.values == {"dlp": 1}


def test_an_item_with_a_value_is_not_looked_through():
    reading = reading_of(text(OTHER, "x", num(DLP, "1", "mGy.cm")))
    assert reading.row.values == {}
    assert reading.unread == {
        "CT Acquisition › Something private": ["x"],
        "CT Acquisition › Something private › DLP": ["1 mGy.cm"],
    }


def test_the_item_nearest_its_claim_wins_and_the_other_is_a_problem():
    far, near = container(PARAMETERS, num(DLP, "2", "mGy.cm")), num(DLP, "1", "mGy.cm")
    for children in ([far, near], [near, far]):
        reading = reading_of(*children)
        assert reading.row.values == {"dlp": 1}
        assert [problem.value for problem in reading.problems] == ["2.0"]


def test_of_two_values_equally_near_the_first_is_kept_and_the_second_is_a_problem():
    reading = reading_of(num(DLP, "1", "mGy.cm"), num(DLP, "2", "mGy.cm"))
    assert reading.row.values == {"dlp": 1}
    assert [(problem.path, problem.value) for problem in reading.problems] == [("CT Acquisition › DLP", "2.0")]


@pytest.mark.parametrize("again", [num(DLP, "1.000", "mGy.cm"), num(DLP, "0.01", "Gy.cm")])
def test_the_same_value_twice_is_no_problem(again):
    assert reading_of(num(DLP, "1" if again.unit == "mGy.cm" else "10", "mGy.cm"), again).problems == []


def test_an_unknown_unit_is_reported_not_stored():
    reading = reading_of(num(DLP, "5", "furlong"))
    assert reading.row.values == {}
    assert reading.problems == [
        Problem("CT Acquisition › DLP", "unit “furlong” is not known; mGy.cm is wanted", "5 furlong")
    ]


def test_a_unit_of_another_quantity_is_reported_not_stored():
    reading = reading_of(num(DLP, "5", "mGy"))
    assert reading.row.values == {}
    assert "is a dose, not a dose length product" in reading.problems[0].message


def test_a_number_without_a_unit_is_reported_not_stored():
    reading = reading_of(num(DLP, "5"))
    assert reading.row.values == {}
    assert reading.problems[0].message == "it has no unit; mGy.cm is wanted"


def test_several_numbers_in_one_item_and_repeated_items_end_in_one_list():
    reading = reading_of(num(KVP, "0\\85\\68", "kV"), num(KVP, "70", "kV"), num(KVP, "71000", "V"))
    assert reading.row.values == {"kvp": [0, 85, 68, 70, 71]}
    assert reading.problems == []


def test_several_numbers_where_one_belongs_are_a_problem():
    reading = reading_of(num(DLP, "1\\2", "mGy.cm"))
    assert reading.row.values == {}
    assert reading.problems[0].message == "has several values where one belongs"


@pytest.mark.parametrize(
    "empty",
    [
        num(DLP, None),
        num(DLP, "", "mGy.cm"),
        num(KVP, None),
        num(KVP, "\\", "kV"),
        code(PHANTOM, None),
        text(COMMENT, ""),
    ],
)
def test_an_empty_value_is_missing_not_zero_and_no_problem(empty):
    reading = reading_of(empty)
    assert (reading.row.values, reading.problems, reading.unread) == ({}, [], {})


def test_a_value_below_the_item_that_it_qualifies_has_a_column_of_its_own():
    reading = reading_of(code(PHANTOM, HEAD), num(DLP, "1", "mGy.cm", code(PHANTOM, BODY)))
    assert reading.row.values == {"phantom": HEAD, "dlp": 1, "dlp_phantom": BODY}
    assert reading.problems == []


def test_a_modifier_written_beside_what_it_modifies_is_accepted():
    reading = reading_of(code(ORIENTATION, RECUMBENT), code(MODIFIER, SUPINE))
    assert reading.row.values == {"orientation": RECUMBENT, "modifier": SUPINE}


def test_a_part_is_a_row_of_its_own_however_often_it_comes():
    people = [Item(PERSON, "PNAME", name, children=[code(ROLE, OTHER)]) for name in ("A", "B")]
    reading = reading_of(people[0], container(PARAMETERS, people[1]))
    assert [row.values for row in reading.row.parts["persons"]] == [
        {"name": "A", "role": OTHER},
        {"name": "B", "role": OTHER},
    ]
    assert reading.unread == {}


def test_what_a_part_holds_does_not_fill_the_row_above():
    reading = reading_of(Item(PERSON, "PNAME", "A", children=[text(COMMENT, "x")]))
    assert "comment" not in reading.row.values
    assert reading.unread == {"CT Acquisition › Person Name › Comment": ["x"]}


def test_a_value_on_an_item_that_is_claimed_as_a_container_is_unread_not_lost():
    reading = read(Item(ACQUISITION, "TEXT", "surprise", children=[num(DLP, "1", "mGy.cm")]), EVENT)
    assert reading.row.values == {"dlp": 1}
    assert reading.unread == {"CT Acquisition": ["surprise"]}


def test_what_no_column_took_is_kept_with_path_and_value():
    private = container(OTHER, num(Concept("018", "99PHI", "Distance"), "989", "mm"), text(OTHER, "low"))
    reading = reading_of(private, code(OTHER, HEAD), num(OTHER, None))
    assert reading.unread == {
        "CT Acquisition › Something private › Distance": ["989 mm"],
        "CT Acquisition › Something private › Something private": ["low"],
        "CT Acquisition › Something private": ["Head", "empty"],
    }
    assert reading.unread_count == 4


def test_unread_values_of_one_path_are_all_kept():
    assert reading_of(text(OTHER, "a"), text(OTHER, "b")).unread == {"CT Acquisition › Something private": ["a", "b"]}


def test_an_item_without_a_number_says_why_in_the_words_of_the_report():
    item = Item(OTHER, "NUM", None, qualifier="Value unknown")
    assert reading_of(item).unread == {"CT Acquisition › Something private": ["Value unknown"]}


@pytest.mark.parametrize(
    "item",
    [
        Item(OTHER, "PNAME", "Doe^Jane"),
        text(Concept("121029", "DCM", "Subject Name"), "Doe^Jane"),
        text(Concept("121030", "DCM", "Subject ID"), "Doe^Jane"),
    ],
    ids=["a name", "the subject's name", "the subject's number"],
)
def test_names_of_persons_are_withheld_where_no_column_is_made_for_them(item):
    reading = reading_of(item)
    assert "Doe" not in str(reading)
    assert reading.unread_count == 1


def test_a_second_name_of_a_person_is_withheld_from_the_problem():
    layout = Layout("report", ACQUISITION, (Field("name", "name", PERSON),))
    for first, second in (("Doe^Jane", "Roe^Sue"), ("Roe^Sue", "Doe^Jane")):
        inner = container(OTHER, Item(PERSON, "PNAME", second))
        reading = read(event(inner, Item(PERSON, "PNAME", first)), layout)
        assert reading.row.values == {"name": first}
        assert second not in str(reading.problems)


def test_an_item_without_a_concept_is_unread():
    assert reading_of(Item(None, "TEXT", "x")).unread == {"CT Acquisition › no concept": ["x"]}


@pytest.mark.parametrize(
    ("value", "scheme"), [("G-C171", "SRT"), ("G-C171", "SNM3"), ("G-C171", "99SDM"), ("272741003", "SCT")]
)
def test_retired_snomed_is_the_same_concept_as_its_successor(value, scheme):
    laterality = Concept("272741003", "SCT", "Laterality")
    concept = fold(value, scheme, "Side")
    assert concept == laterality
    assert hash(concept) == hash(laterality)
    layout = Layout("event", ACQUISITION, (Field("laterality", "code", laterality),))
    assert read(event(code(concept, HEAD)), layout).row.values == {"laterality": HEAD}


def test_a_superseded_code_is_the_same_concept_as_its_successor():
    assert fold("113735", "DCM", "Exposure Time") == Concept("113824", "DCM")


def test_private_codes_are_kept_as_they_are_and_differ_by_scheme():
    assert fold(" 00001 ", "99GEMS", "Unknown") == Concept("00001", "99GEMS")
    assert Concept("00001", "99GEMS") != Concept("00001", "99PHI")
    assert fold("00001", "99GEMS", "Unknown").meaning == "Unknown"


def test_a_retired_snomed_code_that_has_no_successor_stays_what_it_is():
    assert fold("T-D400", "SNM3", "Abdomen") == Concept("T-D400", "SRT")


def test_codes_of_the_standard_get_its_wording_and_others_keep_theirs():
    assert fold("113838", "DCM", "dlp!").meaning == "DLP"
    assert fold("P5-08001", "SRT", "Spiral Acquisition").meaning == "Spiral Acquisition"
    assert fold("51185008", "SCT").meaning == "Thoracic structure"


def test_a_deep_tree_is_read_to_its_bottom():
    item = num(DLP, "1", "mGy.cm")
    for _ in range(60):
        item = container(PARAMETERS, item)
    reading = reading_of(item)
    assert (reading.row.values, reading.items) == ({"dlp": 1}, 62)
