"""The content tree of a structured report, taken out of a pydicom data set as plain items.

Values are decoded here from their bytes, so that one damaged value costs itself and not the report.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom.charset import decode_bytes, python_encoding
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from app.dicom.concept import Concept, fold

CONCEPT_NAME = Tag("ConceptNameCodeSequence")
CONCEPT_CODE = Tag("ConceptCodeSequence")
CONTENT = Tag("ContentSequence")
MEASURED_VALUE = Tag("MeasuredValueSequence")
UNITS = Tag("MeasurementUnitsCodeSequence")
QUALIFIER = Tag("NumericValueQualifierCodeSequence")
NUMERIC_VALUE = Tag("NumericValue")
REFERENCED = Tag("ReferencedSOPSequence")
VALUE_TYPE = Tag("ValueType")
VALUE_ATTRIBUTES = {
    "TEXT": Tag("TextValue"),
    "PNAME": Tag("PersonName"),
    "UIDREF": Tag("UID"),
    "DATETIME": Tag("DateTime"),
    "DATE": Tag("Date"),
    "TIME": Tag("Time"),
}
CODE_ATTRIBUTES = (Tag("CodeValue"), Tag("CodingSchemeDesignator"), Tag("CodeMeaning"))
LONG_CODE = Tag("LongCodeValue")


@dataclass(slots=True)
class Item:
    """One content item: its concept name, its value as written, its children."""

    concept: Concept | None
    value_type: str
    value: str | Concept | None = None
    unit: str = ""
    qualifier: str = ""  # why there is no number, in the words of the report
    children: list["Item"] = field(default_factory=list)


def tree(dataset: Dataset) -> Item:
    """The data set's content as an item with children."""
    return _item(dataset, declared_encodings(dataset))


def declared_encodings(dataset: Dataset) -> list[str]:
    """Python's names of the character sets that the data set declares; Latin-1 where it declares none that exist."""
    declared = dataset.get("SpecificCharacterSet") or ""
    terms = [declared] if isinstance(declared, str) else list(declared)
    return [python_encoding[term] for term in terms if term in python_encoding] or ["latin-1"]


def _item(dataset: Dataset, encodings: list[str]) -> Item:
    value_type = text(dataset, VALUE_TYPE, encodings).upper()
    item = Item(_code(dataset, CONCEPT_NAME, encodings), value_type)
    if value_type == "NUM":
        _measure(item, dataset, encodings)
    elif value_type == "CODE":
        item.value = _code(dataset, CONCEPT_CODE, encodings)
    elif value_type in VALUE_ATTRIBUTES:
        item.value = text(dataset, VALUE_ATTRIBUTES[value_type], encodings)
    elif value_type in ("IMAGE", "COMPOSITE", "WAVEFORM"):
        item.value = next((str(one.get("ReferencedSOPInstanceUID", "")) for one in _sequence(dataset, REFERENCED)), "")
    item.children = [_item(child, encodings) for child in _sequence(dataset, CONTENT)]
    return item


def _measure(item: Item, dataset: Dataset, encodings: list[str]) -> None:
    for measured in _sequence(dataset, MEASURED_VALUE):
        item.value = text(measured, NUMERIC_VALUE, encodings)
        item.unit = next((text(one, CODE_ATTRIBUTES[0], encodings) for one in _sequence(measured, UNITS)), "")
        break
    qualifier = _code(dataset, QUALIFIER, encodings)
    item.qualifier = qualifier.meaning if qualifier else ""


def _code(dataset: Dataset, tag: BaseTag, encodings: list[str]) -> Concept | None:
    for code in _sequence(dataset, tag):
        value, scheme, meaning = (text(code, part, encodings) for part in CODE_ATTRIBUTES)
        value = value or text(code, LONG_CODE, encodings)
        return fold(value, scheme, meaning) if value else None
    return None


def _sequence(dataset: Dataset, tag: BaseTag) -> Iterator[Dataset]:
    if tag in dataset:
        value = dataset[tag].value
        if value is not None and not isinstance(value, (str, bytes)):
            yield from value


def text(dataset: Dataset, tag: BaseTag, encodings: list[str]) -> str:
    """The attribute's value as text, empty where it is absent; several values stay joined by a backslash."""
    element = dataset.get_item(tag)
    value = element.value if element is not None else None
    if isinstance(value, bytes):
        return decode(value, encodings).replace("\0", "").strip()  # PostgreSQL refuses NUL, devices write it
    if value is None:
        return ""
    return "\\".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value).replace("\0", "").strip()


def decode(value: bytes, encodings: list[str]) -> str:
    """The bytes as text, never an exception.

    UTF-8 comes before a declared one-byte character set: those decode anything, and devices that declare Latin-1
    pass on UTF-8 from elsewhere; Latin-1 text that happens to be valid UTF-8 is next to impossible.
    """
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    try:
        return value.decode("utf-8") if b"\x1b" not in value else decode_bytes(value, encodings, set(b"\r\n\t\f\\^="))
    except (UnicodeDecodeError, LookupError, ValueError):
        return _declared(value, encodings)


def _declared(value: bytes, encodings: list[str]) -> str:
    for encoding in (*encodings[:1], "latin-1"):
        try:
            return value.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise AssertionError("Latin-1 decodes every byte")
