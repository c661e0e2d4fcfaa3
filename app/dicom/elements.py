"""Data elements as plain mappings: attribute to bytes, or to the items of a sequence.

Two ways lead here. `parse` reads the bytes of a sequence directly, knowing just what a content tree needs, and is
many times faster than building data sets of objects. `from_dataset` takes what pydicom understood. pydicom is the
judge: whatever `parse` is not sure of it leaves alone, and a test holds both against each other.
"""

from collections.abc import Container, Iterable
from functools import lru_cache
from struct import Struct
from struct import error as StructError

from pydicom.datadict import dictionary_has_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from app.dicom.damage import Damaged

Elements = dict[int, "bytes | list[Elements]"]

UNDEFINED = 0xFFFFFFFF
CONTENT = int(Tag("ContentSequence"))
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
ITEM_BYTES = b"\xfe\xff\x00\xe0"
DELIMITER, DELIMITER_LENGTH = b"\xfe\xff\xdd\xe0", 8  # what ends a sequence of undefined length, and its zero length
SEQUENCES = {
    int(Tag(keyword))
    for keyword in (
        "ConceptNameCodeSequence", "ConceptCodeSequence", "ContentSequence", "MeasuredValueSequence",
        "MeasurementUnitsCodeSequence", "NumericValueQualifierCodeSequence", "ReferencedSOPSequence",
    )
}  # fmt: skip
CODES = {
    int(Tag(keyword))
    for keyword in (
        "ConceptNameCodeSequence", "ConceptCodeSequence", "MeasurementUnitsCodeSequence",
        "NumericValueQualifierCodeSequence",
    )
}  # fmt: skip
SHORT_CODE = 512  # bytes of a sequence of one code; of longer ones there are few
OFTEN = SEQUENCES | {
    int(Tag(keyword))
    for keyword in (
        "CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning", "RelationshipType", "ValueType",
        "ContinuityOfContent", "TextValue", "DateTime", "UID", "PersonName", "NumericValue", "ReferencedSOPClassUID",
        "ReferencedSOPInstanceUID",
    )
}  # fmt: skip
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
SHORT = {
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
    b"ST", b"TM", b"UI", b"UL", b"US",
}  # fmt: skip
DOUBT = 0  # where an item's elements keep what makes them doubtful; no element of an item has this tag
DISORDER = b"attributes are not in order"
STRANGER = b"an attribute is not one of DICOM's"
BROKEN = b"the structure of its content is broken"
UNENDED = b"an item or a sequence ends where it should not"
LARGEST, MOST_ITEMS = 16 << 20, 400_000  # bytes and items of a content, a dozen times those of the largest real one
DEEPEST = 100  # levels of sequences; the deepest real report has seven

header_of = Struct("<HH2sH").unpack_from
implicit_header_of = Struct("<HHL").unpack_from
length_of = Struct("<L").unpack_from


class Unsure(ValueError):
    """The bytes are not as expected; let pydicom look at them."""


def parse(value: bytes, *, implicit: bool) -> list[Elements]:
    """The items of a sequence, little endian, from the bytes of its value. Raises Unsure where anything is odd."""
    _must_be_bearable(value)
    try:
        items, end = _items(value, 0, len(value), implicit, 0)
    except (StructError, IndexError) as error:
        raise Unsure(str(error)) from error
    if end != len(value):
        raise Unsure("it goes on behind its last item")
    return items


def _must_be_bearable(value: bytes) -> None:
    if len(value) > LARGEST or value.count(ITEM_BYTES) > MOST_ITEMS:
        raise Damaged("It is larger than any report; it is damaged.")


def end_of_items(value: bytes, start: int, *, implicit: bool) -> int:
    """Where the sequence of undefined length ends whose items begin at `start`. Raises Unsure where anything is odd."""
    _must_be_bearable(value)
    try:
        _, end = _items(value, start, len(value), implicit, 0)
    except (StructError, IndexError) as error:
        raise Unsure(str(error)) from error
    if value[end - DELIMITER_LENGTH : end - 4] != DELIMITER:
        raise Unsure("nothing ends it")
    return end


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
        stop = end if length == UNDEFINED else start + length
        item, start, is_delimited = _item(value, start, stop, implicit, depth)
        if is_delimited != (length == UNDEFINED):
            item[DOUBT] = UNENDED
        items.append(item)
    return items, start


def _item(value: bytes, start: int, end: int, implicit: bool, depth: int) -> tuple[Elements, int, bool]:
    """The elements of one item, where the next one begins, and whether an item delimitation ended it."""
    elements: Elements = {}
    last = 0
    element_at = _implicit if implicit else _explicit
    while start < end:
        tag, kind, start, length = element_at(value, start)
        if tag == ITEM_END:
            return elements, start, True
        if tag <= last or tag not in OFTEN:
            _doubt_order(elements, tag, last)
        last = tag
        stop = end if length == UNDEFINED else start + length
        if stop > end:
            raise Unsure("a value is longer than what holds it")
        if length == UNDEFINED or tag in SEQUENCES:
            if kind not in (b"SQ", b""):
                raise Unsure("a sequence is not called one")
            if tag in CODES and length <= SHORT_CODE:
                elements[tag], start = _known_items(value[start:stop], implicit), stop
            else:
                elements[tag], start = _items(value, start, stop, implicit, depth + 1)
            _doubt_end(elements, tag, is_delimited=value[start - 8 : start - 4] == DELIMITER, length=length)
            continue
        elements[tag] = value[start:stop]
        start = stop
    return elements, start, False


class KnownItems(list[Elements]):
    """The items of a code sequence: half of a report is the same few hundred codes, which are parsed once.

    What is made of them is kept with them, by what asks for it and by the character sets.
    """

    def __init__(self, items: list[Elements]):
        super().__init__(items)
        self.made: dict[object, object] = {}


@lru_cache(maxsize=5_000)
def _known_items(value: bytes, implicit: bool) -> KnownItems:
    items, end = _items(value, 0, len(value), implicit, 0)
    if end != len(value):
        raise Unsure("it goes on behind its last item")
    return KnownItems(items)


def _doubt_order(elements: Elements, tag: int, last: int) -> None:
    if tag <= last:
        elements[DOUBT] = DISORDER
    elif not _belongs(tag, elements):
        elements[DOUBT] = STRANGER


def _doubt_end(elements: Elements, tag: int, *, is_delimited: bool, length: int) -> None:
    if is_delimited != (length == UNDEFINED):
        elements[DOUBT] = UNENDED
    if tag != CONTENT:
        _doubt_parts(elements, tag)


def _doubt_parts(elements: Elements, tag: int) -> None:
    """Doubt an item for what is doubtful in its codes and measured values; items below it have doubts of their own."""
    for part in elements[tag]:
        if isinstance(part, dict) and DOUBT in part:
            elements[DOUBT] = part[DOUBT]


def _belongs(tag: int, elements: Container[int]) -> bool:
    """Whether an item with these elements may have this one: one of the standard's, or private and reserved for."""
    group, element = tag >> 16, tag & 0xFFFF
    if group % 2 == 0:
        return group != 0xFFFE and dictionary_has_tag(tag)
    return 0x10 <= element <= 0xFF or (group << 16 | element >> 8) in elements


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
    doubt = _doubt(dataset, is_item=not wanted)
    if doubt:
        elements[DOUBT] = doubt
    for tag in wanted or dataset.keys():
        if tag not in dataset:
            continue
        if is_cut_short(dataset.get_item(tag)):
            raise Damaged("It is cut short inside; send it again.")
        if tag in SEQUENCES:
            elements[int(tag)] = _from_sequence(dataset, tag, elements)
            if tag != CONTENT:
                _doubt_parts(elements, int(tag))
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


def _doubt(dataset: Dataset, *, is_item: bool) -> bytes:
    """What makes the data set doubtful, as far as pydicom lets it be seen; empty where nothing does."""
    tags = [int(tag) for tag in dataset.keys() if tag]  # noqa: SIM118 (it iterates over values); zeros pad files
    if tags != sorted(tags):
        return DISORDER
    return b"" if not is_item or all(_belongs(tag, tags) for tag in tags) else STRANGER


def _from_sequence(dataset: Dataset, tag: int, holder: Elements) -> list[Elements]:
    """The items of the sequence, straight from their bytes where pydicom has not looked at them yet."""
    raw = dataset.get_item(tag)
    if isinstance(raw, RawDataElement) and isinstance(raw.value, bytes) and raw.is_little_endian:
        try:
            return parse(raw.value, implicit=raw.is_implicit_VR)
        except Unsure:
            holder[DOUBT] = BROKEN  # pydicom gives what it can, which may not be all
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
