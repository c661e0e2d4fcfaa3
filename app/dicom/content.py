"""The content tree of a structured report as plain items.

Values are decoded here from their bytes, so that one damaged value costs itself and not the report.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.dicom.characters import Encodings, declared_encodings, decode
from app.dicom.concept import Concept, fold
from app.dicom.elements import DOUBT, Elements, KnownItems, from_dataset

CONCEPT_NAME = int(Tag("ConceptNameCodeSequence"))
CONCEPT_CODE = int(Tag("ConceptCodeSequence"))
CONTENT = int(Tag("ContentSequence"))
MEASURED_VALUE = int(Tag("MeasuredValueSequence"))
UNITS = int(Tag("MeasurementUnitsCodeSequence"))
QUALIFIER = int(Tag("NumericValueQualifierCodeSequence"))
NUMERIC_VALUE = int(Tag("NumericValue"))
REFERENCED = int(Tag("ReferencedSOPSequence"))
REFERENCED_UID = int(Tag("ReferencedSOPInstanceUID"))
RELATIONSHIP = int(Tag("RelationshipType"))
VALUE_TYPE = int(Tag("ValueType"))
VALUE_ATTRIBUTES = {
    "TEXT": int(Tag("TextValue")),
    "PNAME": int(Tag("PersonName")),
    "UIDREF": int(Tag("UID")),
    "DATETIME": int(Tag("DateTime")),
    "DATE": int(Tag("Date")),
    "TIME": int(Tag("Time")),
}
CODE_VALUE, SCHEME, MEANING, LONG_CODE, URN_CODE = (
    int(Tag(keyword))
    for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning", "LongCodeValue", "URNCodeValue")
)
NEEDED = VALUE_ATTRIBUTES | {"NUM": MEASURED_VALUE}  # real devices leave out the code of a CODE item
RELATIONSHIPS = {
    "CONTAINS", "HAS OBS CONTEXT", "HAS ACQ CONTEXT", "HAS CONCEPT MOD", "HAS PROPERTIES", "INFERRED FROM",
    "SELECTED FROM",
}  # fmt: skip
UNPRINTABLE = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")
VALUE_TYPES = {"NUM", "CODE", "CONTAINER", "IMAGE", "COMPOSITE", "WAVEFORM", *VALUE_ATTRIBUTES}
OF_AN_ITEM = (
    VALUE_TYPE, CONCEPT_NAME, CONCEPT_CODE, MEASURED_VALUE, QUALIFIER, REFERENCED, CONTENT, *VALUE_ATTRIBUTES.values(),
)  # fmt: skip


@dataclass(slots=True)
class Item:
    """One content item: its concept name, its value as written, its children."""

    concept: Concept | None
    value_type: str
    value: str | Concept | None = None
    unit: str = ""
    qualifier: str = ""  # why there is no number, in the words of the report
    children: list["Item"] = field(default_factory=list)
    doubt: str = field(default="", compare=False)  # why it may not be what the device wrote


def tree(dataset: Dataset) -> Item:
    """The data set's content as an item with children."""
    elements = from_dataset(dataset, OF_AN_ITEM)
    elements[RELATIONSHIP] = b"CONTAINS"  # the root hangs on nothing
    return _item(elements, declared_encodings(dataset))


def _item(elements: Elements, encodings: Encodings) -> Item:
    value_type = _keyword(_bytes(elements.get(VALUE_TYPE)))
    if value_type not in VALUE_TYPES:
        value_type = _by_value(elements) or value_type
    item = Item(_concept(elements, value_type, encodings), value_type)
    if value_type == "NUM":
        _measure(item, elements, encodings)
    elif value_type == "CODE":
        item.value = _code(elements, CONCEPT_CODE, encodings)
    elif value_type in VALUE_ATTRIBUTES:
        item.value = text(elements.get(VALUE_ATTRIBUTES[value_type]), encodings)
    elif value_type in ("IMAGE", "COMPOSITE", "WAVEFORM"):
        item.value = next((text(one.get(REFERENCED_UID), encodings) for one in _sequence(elements, REFERENCED)), "")
    item.children = [one for child in _sequence(elements, CONTENT) for one in _items(child, encodings)]
    item.doubt = _doubt(item, elements)
    return item


def _items(elements: Elements, encodings: Encodings) -> list[Item]:
    """The item; where it has several codes, which no item may, the others stand beside it."""
    item = _item(elements, encodings)
    if item.value_type != "CODE" or len(_sequence(elements, CONCEPT_CODE)) < 2:
        return [item]
    codes = [code for one in _sequence(elements, CONCEPT_CODE) if (code := _coded_by(one, encodings))]
    return [item, *(Item(item.concept, "CODE", other) for other in codes[1:])]


def _doubt(item: Item, elements: Elements) -> str:
    """Why the item may not be what the device wrote; empty where nothing speaks against it.

    One changed byte can turn an attribute into another, or let a value swallow what follows: no device writes that.
    """
    if DOUBT in elements:
        return cast(bytes, elements[DOUBT]).decode()
    needed = NEEDED.get(item.value_type)
    if needed and needed not in elements:
        return "an item has a type of value but not its attribute"
    if _keyword(_bytes(elements.get(RELATIONSHIP))) not in RELATIONSHIPS:
        return "an item does not say how it belongs to the one above it"
    if isinstance(item.value, str) and not item.value.isprintable() and UNPRINTABLE.search(item.value):
        return "a text holds bytes that are not text"
    return ""


def _concept(elements: Elements, value_type: str, encodings: Encodings) -> Concept | None:
    """The item's name; reports made of performed procedure steps by proxies have some where codes have their value."""
    name = _code(elements, CONCEPT_NAME, encodings)
    return name if name or value_type == "CODE" else _code(elements, CONCEPT_CODE, encodings)


def _by_value(elements: Elements) -> str:
    """The value type that the item's value has, where the item names none that exists: devices write “PERSON NAME”."""
    told = {MEASURED_VALUE: "NUM", CONCEPT_CODE: "CODE"} | {tag: name for name, tag in VALUE_ATTRIBUTES.items()}
    return next((name for tag, name in told.items() if elements.get(tag)), "")


def _measure(item: Item, elements: Elements, encodings: Encodings) -> None:
    """Several measured values are several numbers, as are several values in one; units that differ are no unit."""
    values, units = [], []
    for measured in _sequence(elements, MEASURED_VALUE):
        values.append(text(measured.get(NUMERIC_VALUE), encodings))
        units += [unit for one in _sequence(measured, UNITS) if (unit := _unit(one, encodings))]
    if values:
        item.value = "\\".join(values)
        item.unit = " and ".join(dict.fromkeys(units))
    qualifier = _code(elements, QUALIFIER, encodings)
    item.qualifier = qualifier.meaning if qualifier else ""


def _unit(code: Elements, encodings: Encodings) -> str:
    """The unit's code; where it is empty, the meaning, which says the same in most reports."""
    return text(code.get(CODE_VALUE), encodings) or text(code.get(MEANING), encodings)


def _code(elements: Elements, tag: int, encodings: Encodings) -> Concept | None:
    codes = elements.get(tag)
    if isinstance(codes, KnownItems):
        if encodings not in codes.made:
            codes.made[encodings] = _first_code(codes, encodings)
        return cast(Concept | None, codes.made[encodings])
    return _first_code(_sequence(elements, tag), encodings)


def _first_code(codes: Sequence[Elements], encodings: Encodings) -> Concept | None:
    return next((concept for code in codes if (concept := _coded_by(code, encodings))), None)


def _coded_by(code: Elements, encodings: Encodings) -> Concept | None:
    """The code of one item of a code sequence."""
    written = _bytes(code.get(CODE_VALUE))
    if not written.strip(b" \0"):
        written = _bytes(code.get(LONG_CODE) or code.get(URN_CODE))
    return _coded(written, _bytes(code.get(SCHEME)), _bytes(code.get(MEANING)), encodings)


@lru_cache(maxsize=1000)
def _keyword(value: bytes) -> str:
    """A defined term, such as a type of value: capitals of ASCII."""
    return decode(value, ("ascii",)).upper()


def _bytes(value: bytes | list[Elements] | None) -> bytes:
    return value if isinstance(value, bytes) else b""


@lru_cache(maxsize=20_000)  # reports say the same few hundred codes all the time
def _coded(value: bytes, scheme: bytes, meaning: bytes, encodings: Encodings) -> Concept | None:
    """The code as a concept; None where it says neither what it is nor what it means."""
    written, of, words = (decode(part, encodings) for part in (value, scheme, meaning))
    return fold(written, of, words) if written or words else None


def _sequence(elements: Elements, tag: int) -> Sequence[Elements]:
    value = elements.get(tag, ())
    return () if isinstance(value, bytes) else cast(Sequence[Elements], value)


def text(value: bytes | list[Elements] | None, encodings: Encodings) -> str:
    """The value as text, empty where it is absent; several values stay joined by a backslash."""
    return decode(value, encodings) if isinstance(value, bytes) else ""
