"""The value of an attribute as text bytes, whatever its value representation, straight from what was read."""

from collections.abc import Callable, MutableSequence
from struct import Struct, error

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

BINARY = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
WITHOUT_TEXT = {"SQ", "OB", "OD", "OF", "OL", "OV", "OW", "AT"}
FULL_PRECISION = 7  # digits that any single float keeps; nine tell all of them apart


def text_bytes(dataset: Dataset, tag: int) -> bytes:
    """The value as the bytes of a text, several values joined by backslashes; empty where there is none."""
    if tag not in dataset:
        return b""
    element = dataset.get_item(tag)
    if not isinstance(element, RawDataElement):
        return _joined(element.value)
    kind = element.VR if element.VR not in (None, "UN") else _standard(tag)
    if kind in WITHOUT_TEXT or not isinstance(element.value, bytes):
        return b""
    if kind not in BINARY:
        return element.value
    return b"\\".join(unpacked(element.value, BINARY[kind], element.is_little_endian))


def raw_bytes(dataset: Dataset, tag: int) -> bytes:
    """The value as it was written, whatever it is: private attributes keep text under binary representations."""
    if tag not in dataset:
        return b""
    element = dataset.get_item(tag)
    if isinstance(element, RawDataElement) and element.VR not in BINARY:
        return element.value if isinstance(element.value, bytes) else b""
    return text_bytes(dataset, tag)


def unpacked(value: bytes, letter: str, is_little_endian: bool) -> list[bytes]:
    """The binary numbers as texts; the bytes as hexadecimal digits, which are no number, where their count is wrong."""
    size = Struct(letter).size
    try:
        numbers = Struct(f"{'<' if is_little_endian else '>'}{len(value) // size}{letter}").unpack(value)
    except error:
        return [b"0x" + value.hex().encode()]
    return [WRITERS.get(letter, _whole)(one) for one in numbers]


def _single(number: float) -> bytes:
    """As few digits as give the same single float: 0.3 and not 0.30000001192092896."""
    pack = Struct("f").pack
    digits = next((n for n in range(FULL_PRECISION, 9) if pack(float(f"{number:.{n}g}")) == pack(number)), 9)
    return f"{number:.{digits}g}".encode()


def _whole(number: float) -> bytes:
    return repr(number).encode()


WRITERS: dict[str, Callable[[float], bytes]] = {"f": _single}


def _standard(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _joined(value: object) -> bytes:
    """The value that pydicom made of it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, MutableSequence):
        return b"\\".join(map(_joined, value))
    return b"" if value is None else str(value).encode()
