"""What the layouts claim is what the standard defines."""

import csv
from collections.abc import Iterator

import pytest

from app.dicom.concept import OWN, SUPERSEDED, Concept, fold, standard_meaning
from app.dicom.dialects import CONTAINERS, DIALECTS
from app.dicom.layout import Field, Layout
from app.dicom.relationships import relationship
from app.dicom.units import QUANTITIES, canonical
from app.models import Equipment, Report, Study
from app.models.columns import layout_of
from app.settings import ROOT

TEMPLATES = ROOT.parent / "shared" / "reference" / "templates.csv"
TIDS = {
    "10001", "10002", "10003", "10003A", "10003B", "10003C", "10004", "10005", "10006", "10007", "10011", "10012",
    "10013", "10014", "10015", "1002", "1003", "1004", "1020", "1021", "1204", "10021", "10022",
    "10023", "10024",
}  # fmt: skip
IN_THE_ROOT = {"1002", "1003", "1004", "1204"}
REPORT_TITLE = "113701"

OTHER_MEANINGS = {
    "111637": "pydicom's copy appends “(mammo)”, the standard does not",
    "113930": "the standard's code list says “Estimate”, its template “Estimation”",
    "113835": "the same concept twice in one table: the second says of what",
    "121049": "the standard appends “and Descendants”",
    "349358000": "SNOMED says “product”, TID 10022 says “agent”",
    "89457008": "SNOMED says “Radioactive isotope”, TID 10022 “Radionuclide”",
    "304283002": "SNOMED says “of radiopharmaceutical”, TID 10022 “Radionuclide”",
    "60621009": "SNOMED appends what kind of concept it is",
    "80274001": "SNOMED appends what kind of concept it is",
}
LOINC = {"8302-2", "29463-7", "8277-6", "8278-4", "14749-6", "2160-0"}  # of TID 10024; pydicom's copy lacks most
NOT_CLAIMED = {
    "113822": "CT Acquisition Parameters: a container without a value, looked through",
    "113500": "the title of a report that is read in the same layout as that of X-rays",
    "113829": "CT Dose: a container without a value, looked through",
    "128774": "Person Observer's Login Name: an account of the hospital's network, which dose does not need",
    "128775": "Identifier within Person Observer's Role: a number of a person, which dose does not need",
}


def layouts(layout: Layout) -> Iterator[Layout]:
    """The layout and all below it."""
    yield layout
    for part in layout.parts:
        yield from layouts(part.layout)


LAYOUTS = {layout.name: layout for model in (Report, Study, Equipment) for layout in layouts(layout_of(model))}
FIELDS = {f"{layout.name}.{field.name}": field for layout in LAYOUTS.values() for field in layout.fields}


def claimed(layout: Layout) -> Iterator[Concept]:
    """Every concept that the layout names."""
    yield from filter(None, [layout.claims, *(part.layout.claims for part in layout.parts)])
    for entry in (*layout.fields, *layout.parts):
        yield from filter(None, [getattr(entry, "concept", None), entry.within])


def template_rows() -> list[dict[str, str]]:
    """The rows of the templates that the layouts come from, with the item above each."""
    with TEMPLATES.open() as file:
        rows = [row for row in csv.DictReader(file) if row["tid"] in TIDS]
    above: dict[int, str] = {}
    for row in rows:
        level = int(row["level"] or 0)
        above[level] = row["code"] or above.get(level, "")
        row["parent"] = above[level - 1] if level else REPORT_TITLE if row["tid"] in IN_THE_ROOT else ""
    return rows


@pytest.fixture(scope="module")
def coded_rows() -> list[dict[str, str]]:
    """The rows of the templates that name a concept."""
    if not TEMPLATES.is_file():
        pytest.skip("the table of the standard's templates is not here")
    return [row for row in template_rows() if row["code"]]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_concept_is_in_the_standard_with_its_meaning(layout):
    for concept in claimed(layout):
        if concept.scheme == OWN:
            continue  # what the standard has no code for
        known = standard_meaning(concept.value, concept.scheme)
        assert known or concept.value in LOINC, f"{concept.value} ({concept.scheme}) is not in the standard"
        assert known.casefold() == concept.meaning.casefold() or concept.value in {*OTHER_MEANINGS, *LOINC}, (
            concept.value
        )


def test_no_exception_is_listed_in_vain():
    concepts = {concept for layout in LAYOUTS.values() for concept in claimed(layout)}
    assert OTHER_MEANINGS.keys() <= {concept.value for concept in concepts}
    assert not NOT_CLAIMED.keys() & {concept.value for concept in concepts}


def test_no_layout_claims_a_code_that_is_no_longer_used():
    for layout in LAYOUTS.values():
        for concept in claimed(layout):
            assert fold(concept.value, concept.scheme) == concept


def test_superseded_codes_lead_to_codes_of_the_standard():
    assert all(standard_meaning(*new) for new in SUPERSEDED.values())


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_every_number_has_a_known_unit_and_nothing_else_has_one(field: Field):
    if field.kind == "number":
        assert field.unit in QUANTITIES and canonical(field.unit) == field.unit
    else:
        assert field.unit == ""


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_concept_has_at_most_one_column_in_each_place(layout):
    # Where the standard allows a code or a text, each has its column.
    places = [(field.concept, field.within, field.kind == "code") for field in layout.fields if field.concept]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_what_a_column_qualifies_has_a_column_too(layout):
    concepts = {field.concept for field in layout.fields}
    assert {entry.within for entry in (*layout.fields, *layout.parts) if entry.within} <= concepts


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_dialect_says_the_same_in_its_own_words(dialect):
    assert all(canonical(written) in QUANTITIES for written in dialect.units.values())
    for (layout, value), container in (CONTAINERS | dict(dialect.containers)).items():
        assert Concept(value, "DCM") in set(claimed(LAYOUTS[layout]))
        assert container.scheme != "DCM" or standard_meaning(container.value, "DCM") == container.meaning
    for field in FIELDS.values():
        if field.concept:
            spelled = dialect.spell(field.concept)
            assert fold(spelled.value, spelled.scheme) == field.concept


def test_every_item_of_the_templates_is_claimed_or_has_a_reason_not_to_be(coded_rows):
    concepts = {concept for layout in LAYOUTS.values() for concept in claimed(layout)}
    missing = {row["code"] for row in coded_rows if Concept(row["code"], row["scheme"]) not in concepts}
    assert missing == NOT_CLAIMED.keys()


def test_every_number_is_stored_in_the_unit_of_its_template(coded_rows):
    units = {(row["tid"], row["code"]): row["unit"] for row in coded_rows if row["unit"][:3] not in ("", "CID")}
    fields = [field for field in FIELDS.values() if field.kind == "number" and field.concept]
    differing = [
        field.title for field in fields if units.get((field.tid, field.concept.value), field.unit) != field.unit
    ]
    assert differing == []


def test_every_item_hangs_on_its_parent_as_in_its_template(coded_rows):
    for row in coded_rows:
        if row["relationship"] and row["code"] not in NOT_CLAIMED:
            above, below = Concept(row["parent"], "DCM"), Concept(row["code"], row["scheme"])
            assert relationship(above, below) == row["relationship"].strip(), f"TID {row['tid']} row {row['row']}"
