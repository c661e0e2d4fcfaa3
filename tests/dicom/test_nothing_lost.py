"""Trees that no device would write: nothing raises, and every value is in a row, a problem or among the unread."""

import json
from datetime import datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.encode import sequence_item
from app.dicom.reader import Reading, read, walk
from tests.dicom.test_content import with_content
from tests.dicom.test_schema import LAYOUTS, claimed
from tests.factories import REPORT

CLAIMED = sorted({concept for layout in LAYOUTS.values() for concept in claimed(layout)}, key=lambda one: one.value)
CONCEPTS = st.sampled_from(CLAIMED) | st.sampled_from([Concept("018", "99PHI", "Distance"), None])
VALUE_TYPES = ("CONTAINER", "NUM", "TEXT", "CODE", "UIDREF", "DATETIME", "PNAME", "IMAGE", "SCOORD", "")
UNITS = ("mGy", "Gy.m2", "mGy.cm", "mm", "kV", "mA", "ms", "deg", "1", "{ratio}", "furlong", "")
NOON = datetime(2026, 1, 1, 12)
FIRST = 1_234_567  # of the values that tell items apart; odd and long, so that units change no digit of theirs
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def trees(draw) -> Item:
    """A report of any items in any order, each with a value that no other has."""
    numbers = count(FIRST, 2)

    def grow(depth: int) -> Item:
        value_type = draw(st.sampled_from(VALUE_TYPES))
        item = Item(draw(CONCEPTS), value_type, _value(value_type, next(numbers)))
        item.unit = draw(st.sampled_from(UNITS)) if value_type == "NUM" else ""
        item.children = [grow(depth + 1) for _ in range(draw(st.integers(0, 3 if depth < 4 else 0)))]
        return item

    return Item(REPORT.claims, "CONTAINER", children=[grow(1) for _ in range(draw(st.integers(1, 5)))])


def _value(value_type: str, number: int) -> str | Concept | None:
    return {
        "NUM": str(number),
        "TEXT": f"text {number}",
        "CODE": Concept(f"c{number}", "99TEST", f"c{number}"),
        "UIDREF": f"1.2.{number}",
        "IMAGE": f"1.3.{number}",
        "DATETIME": f"{NOON + timedelta(minutes=number - FIRST):%Y%m%d%H%M%S}",
        "PNAME": f"name {number}",
    }.get(value_type)


@settings(patiently, max_examples=300)
@given(trees())
def test_every_value_is_in_a_row_a_problem_or_unread(root):
    reading = read(root, REPORT)
    told = _everything_told(reading)
    for item in walk(root):
        if item.value is not None and item.value_type != "PNAME":  # names are withheld
            assert any(spelling in told for spelling in _spellings(item))
    assert reading.items == sum(1 for _ in walk(root))


def _everything_told(reading: Reading) -> str:
    """All values of rows, problems and the unread; without full stops, which wander when units change."""
    problems = [problem.value for problem in reading.problems]
    return json.dumps([reading.row.as_json(), problems, list(reading.unread.values())]).replace(".", "")


def _spellings(item: Item) -> tuple[str, ...]:
    if isinstance(item.value, Concept):
        return (item.value.value,)
    if item.value_type == "DATETIME":
        moment = datetime.strptime(str(item.value), "%Y%m%d%H%M%S")
        return str(item.value), moment.isoformat(), str(moment)
    return (str(item.value).replace(".", ""),)


@st.composite
def encoded_items(draw, depth: int = 0) -> bytes:
    """An item with any attributes of the right names and any values, some of them no values at all."""
    words = st.binary(max_size=12) | st.sampled_from([b"5", b"1\\2", b"NaN", b"20260101", b"1.2.3", b"2,5"])
    names = ["ValueType", "TextValue", "UID", "DateTime", "PersonName", "ConceptNameCodeSequence",
             "ConceptCodeSequence", "MeasuredValueSequence", "ContentSequence", "ReferencedSOPSequence"]  # fmt: skip
    attributes = {}
    for name in draw(st.sets(st.sampled_from(names))):
        if name == "ValueType":
            attributes[name] = draw(st.sampled_from(VALUE_TYPES).map(str.encode) | words)
        elif name == "ContentSequence":
            attributes[name] = b"".join(draw(st.lists(encoded_items(depth + 1), max_size=3))) if depth < 4 else b""
        elif name == "MeasuredValueSequence":
            unit = draw(encoded_codes())
            attributes[name] = sequence_item({"NumericValue": draw(words), "MeasurementUnitsCodeSequence": unit})
        elif name == "ReferencedSOPSequence":
            attributes[name] = sequence_item({"ReferencedSOPInstanceUID": draw(words)})
        else:
            attributes[name] = draw(encoded_codes()) if name.endswith("Sequence") else draw(words)
    return sequence_item(attributes)


@st.composite
def encoded_codes(draw) -> bytes:
    """A code of a column, or one with parts that are missing or nonsense, or none."""
    concept = draw(st.sampled_from(CLAIMED))
    whole = {"CodeValue": concept.value.encode(), "CodingSchemeDesignator": concept.scheme.encode()}
    broken = st.dictionaries(
        st.sampled_from(["CodeValue", "CodingSchemeDesignator", "CodeMeaning"]), st.binary(max_size=9)
    )
    return draw(st.one_of(st.just(sequence_item(whole)), broken.map(sequence_item), st.just(b"")))


@settings(patiently, max_examples=100)
@given(st.lists(encoded_items(), min_size=1, max_size=4))
def test_no_report_at_all_makes_the_reader_raise(items):
    root = with_content(*items)
    reading = read(root, REPORT)
    assert reading.items == sum(1 for _ in walk(root))
    json.dumps(reading.row.as_json())
