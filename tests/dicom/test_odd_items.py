"""Items written in ways that the standard does not know lose nothing in silence."""

from pydicom.tag import Tag

from app.dicom.concept import Concept
from app.dicom.content import _item as item_of
from app.dicom.layout import Field, Layout
from app.dicom.reader import read

LATIN = ("latin-1",)
TYPE = Concept("113820", "DCM", "CT Acquisition Type")
DLP = Concept("113838", "DCM", "DLP")
PERSON = Concept("113870", "DCM", "Person Name")
EVENT = Concept("113819", "DCM", "CT Acquisition")
LAYOUT = Layout("event", EVENT, (
    Field("type", "code", TYPE), Field("dlp", "number", DLP, unit="mGy.cm"), Field("person", "text", PERSON),
))  # fmt: skip


def elements(**attributes):
    """Elements by keyword; text as bytes, sequences as lists."""
    return {
        int(Tag(keyword)): value if isinstance(value, list) else value.encode() for keyword, value in attributes.items()
    }


def code(concept, **changes):
    """The item of a code sequence."""
    told = {"CodeValue": concept.value, "CodingSchemeDesignator": concept.scheme, "CodeMeaning": concept.meaning}
    return elements(**(told | changes))


def reading_of(concept, value_type, **attributes):
    """What the reader makes of one odd item of an event."""
    child = elements(
        RelationshipType="CONTAINS", ConceptNameCodeSequence=[code(concept)], ValueType=value_type, **attributes
    )
    event = elements(
        RelationshipType="CONTAINS",
        ConceptNameCodeSequence=[code(EVENT)],
        ValueType="CONTAINER",
        ContentSequence=[child],
    )
    return read(item_of(event, LATIN), LAYOUT)


def test_a_code_under_an_unknown_value_type_is_read_as_a_code():
    spiral = Concept("116152004", "SCT", "Spiral Acquisition")
    assert reading_of(TYPE, "HAS CONCEPT MOD", ConceptCodeSequence=[code(spiral)]).row.values == {"type": spiral}


def test_a_person_under_an_unknown_value_type_is_read_as_a_person():
    assert reading_of(PERSON, "PERSON NAME", PersonName="Curie^Marie").row.values == {"person": "Curie^Marie"}


def test_a_second_measured_value_is_a_problem_and_not_overlooked():
    unit = [elements(CodeValue="mGy.cm")]
    values = [elements(NumericValue=value, MeasurementUnitsCodeSequence=unit) for value in ("12", "13")]
    reading = reading_of(DLP, "NUM", MeasuredValueSequence=values)
    assert reading.row.values == {}
    assert [problem.value for problem in reading.problems] == ["12\\13 mGy.cm"]


def test_a_meaning_without_a_code_is_a_problem_that_keeps_the_meaning():
    reading = reading_of(TYPE, "CODE", ConceptCodeSequence=[code(Concept("", "SRT", "Other"))])
    assert reading.row.values == {}
    assert [(problem.message, problem.value) for problem in reading.problems] == [
        ("has a meaning but no code", "Other")
    ]


def test_a_code_sequence_without_items_is_missing_and_no_problem():
    reading = reading_of(TYPE, "CODE", ConceptCodeSequence=[])
    assert (reading.row.values, reading.problems, reading.unread) == ({}, [], {})


def test_a_second_code_of_an_item_is_a_problem_and_not_overlooked():
    spiral, axial = Concept("116152004", "SCT", "Spiral"), Concept("113804", "DCM", "Sequenced Acquisition")
    reading = reading_of(TYPE, "CODE", ConceptCodeSequence=[code(spiral), code(axial)])
    assert reading.row.values == {"type": spiral}
    assert [problem.value for problem in reading.problems] == ["Sequenced Acquisition"]


def test_a_code_that_is_a_urn_is_read():
    urn = elements(URNCodeValue="http://snomed.info/id/116152004", CodeMeaning="Spiral")
    assert reading_of(TYPE, "CODE", ConceptCodeSequence=[urn]).row.values == {"type": Concept("116152004", "SCT")}
