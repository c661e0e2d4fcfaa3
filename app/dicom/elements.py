"""Data elements as plain mappings: attribute to bytes, or to the items of a sequence.

Two ways lead here. `parse` reads the bytes of a sequence directly, knowing just what a content tree needs, and is
many times faster than building data sets of objects. `from_dataset` takes what pydicom understood. pydicom is the
judge: whatever `parse` is not sure of it leaves alone, and a test holds both against each other.
"""

from collections.abc import Iterable
from struct import Struct
from struct import error as StructError

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from app.dicom.damage import Damaged

Elements = dict[int, "bytes | list[Elements]"]

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
SEQUENCES = {
    int(Tag(keyword))
    for keyword in (
        "ConceptNameCodeSequence", "ConceptCodeSequence", "ContentSequence", "MeasuredValueSequence",
        "MeasurementUnitsCodeSequence", "NumericValueQualifierCodeSequence", "ReferencedSOPSequence",
    )
}  # fmt: skip
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
SHORT = {
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
    b"ST", b"TM", b"UI", b"UL", b"US",
}  # fmt: skip
DEEPEST = 100  # levels of sequences; the deepest real report has seven

header_of = Struct("<HH2sH").unpack_from
implicit_header_of = Struct("<HHL").unpack_from
length_of = Struct("<L").unpack_from


class Unsure(ValueError):
    """The bytes are not as expected; let pydicom look at them."""


def parse(value: bytes, *, implicit: bool) -> list[Elements]:
    """The items of a sequence, little endian, from the bytes of its value. Raises Unsure where anything is odd."""
    try:
        items, end = _items(value, 0, len(value), implicit, 0)
    except (StructError, IndexError) as error:
        raise Unsure(str(error)) from error
    if end != len(value):
        raise Unsure("it goes on behind its last item")
    return items


def _items(value: bytes, start: int, end: int, implicit: bool, depth: int) -> tuple[list[Elements], int]:
    """The items that begin at `start`, and where the next element begins."""
    if depth > DEEPEST:
        raise Unsure("it is nested too deep")
    items: list[Elements] = []
    while start < end:
        group, element, length = implicit_header_of(value, start)
        tag = group << 16 | element
        start += 8
        if tag == SEQUENCE_END:
            return items, start
        if tag != ITEM or (length != UNDEFINED and start + length > end):
            raise Unsure("there is no item where one belongs")
        item, start = _item(value, start, end if length == UNDEFINED else start + length, implicit, depth)
        items.append(item)
    return items, start


def _item(value: bytes, start: int, end: int, implicit: bool, depth: int) -> tuple[Elements, int]:
    """The elements of one item, and where the next one begins."""
    elements: Elements = {}
    while start < end:
        tag, kind, start, length = (_implicit if implicit else _explicit)(value, start)
        if tag == ITEM_END:
            return elements, start
        if length == UNDEFINED or tag in SEQUENCES:
            if kind not in (b"SQ", b""):
                raise Unsure("a sequence is not called one")
            stop = end if length == UNDEFINED else start + length
            if stop > end:
                raise Unsure("a sequence is longer than what holds it")
            elements[tag], start = _items(value, start, stop, implicit, depth + 1)
            continue
        if start + length > end:
            raise Unsure("a value is longer than what holds it")
        elements[tag] = value[start : start + length]
        start += length
    return elements, start


def _explicit(value: bytes, start: int) -> tuple[int, bytes, int, int]:
    """Tag, value representation, where the value begins, its length."""
    group, element, kind, length = header_of(value, start)
    if kind in SHORT:
        return group << 16 | element, kind, start + 8, length
    if kind in LONG:
        return group << 16 | element, kind, start + 12, length_of(value, start + 8)[0]
    if group == 0xFFFE:
        return group << 16 | element, b"", start + 8, length_of(value, start + 4)[0]
    raise Unsure("a value representation is not known")


def _implicit(value: bytes, start: int) -> tuple[int, bytes, int, int]:
    group, element, length = implicit_header_of(value, start)
    return group << 16 | element, b"", start + 8, length


def from_dataset(dataset: Dataset, wanted: Iterable[int] = ()) -> Elements:
    """The data set's elements as pydicom understood them: all of them, or the wanted ones."""
    elements: Elements = {}
    for tag in wanted or dataset.keys():
        if tag not in dataset:
            continue
        if is_cut_short(dataset.get_item(tag)):
            raise Damaged("It is cut short inside; send it again.")
        if tag in SEQUENCES:
            elements[int(tag)] = _from_sequence(dataset, tag)
        else:
            elements[int(tag)] = _bytes(dataset.get_item(tag).value)
    return elements


def is_cut_short(element: object) -> bool:
    """Whether the element promises more bytes than there are: pydicom gives what is left of it without a word."""
    return (
        isinstance(element, RawDataElement)
        and element.length != UNDEFINED
        and len(element.value or b"") < element.length
    )


def _from_sequence(dataset: Dataset, tag: int) -> list[Elements]:
    """The items of the sequence, straight from their bytes where pydicom has not looked at them yet."""
    raw = dataset.get_item(tag)
    if isinstance(raw, RawDataElement) and isinstance(raw.value, bytes) and raw.is_little_endian:
        try:
            return parse(raw.value, implicit=raw.is_implicit_VR)
        except Unsure:
            pass
    value = dataset[tag].value
    if not isinstance(value, Sequence | None):
        # Whatever events it holds would be missing from the study: a dose that is too low and looks right.
        raise Damaged("It holds a sequence that is damaged; send it again.")
    return [from_dataset(item) for item in value or ()]


def _bytes(value: object) -> bytes:
    """The value as the bytes that it was read from; pydicom has turned some into Python's types."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, (list, tuple)):
        return b"\\".join(map(_bytes, value))
    return b"" if value is None else str(value).encode()
