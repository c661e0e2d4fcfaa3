"""Elements of a data set as a DICOM file, copied from the bytes that they were read from.

pydicom's writer would need ten times as long for the same bytes; what was decoded meanwhile it writes.
"""

from collections.abc import Iterable
from struct import pack

from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.multival import MultiValue
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from app.dicom.elements import CONTENT, UNDEFINED

Element = DataElement | RawDataElement

PADDING = {"UI": b"\0", "CS": b" "}
PREAMBLE = bytes(128) + b"DICM"


def encoded(dataset: Dataset, elements: Iterable[Element]) -> bytes:
    """The elements, in the order of their tags, as a file in the encoding of the data set that they are from."""
    implicit, little = dataset.original_encoding
    pieces = [_meta(dataset, bool(implicit), bool(little))]
    for element in elements:
        if isinstance(element, RawDataElement) and _is_alike(element, implicit):
            pieces.append(_copied(element))
        else:
            pieces.append(_written(dataset, element))
    return b"".join(pieces)


def _is_alike(element: RawDataElement, implicit: bool | None) -> bool:
    """Whether the element's bytes, little endian, are all that it takes to write it."""
    if element.value is None and not element.length:  # an empty one
        return element.is_little_endian and element.is_implicit_VR == implicit and bool(implicit or element.VR)
    if not isinstance(element.value, bytes) or len(element.value) % 2 or element.is_implicit_VR != implicit:
        return False
    is_whole = element.length != UNDEFINED or element.tag == CONTENT
    return element.is_little_endian and is_whole and bool(implicit or element.VR)


def _copied(element: RawDataElement) -> bytes:
    tag, value = int(element.tag), element.value or b""
    head = pack("<HH", tag >> 16, tag & 0xFFFF)
    if element.is_implicit_VR:
        return head + pack("<L", len(value)) + value
    representation = str(element.VR)
    form = "<2xL" if representation in EXPLICIT_VR_LENGTH_32 else "<H"
    return head + representation.encode() + pack(form, len(value)) + value


def _written(dataset: Dataset, element: Element) -> bytes:
    if element.VR in PADDING and dataset.original_encoding == (False, True):
        return _plain(element)
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = map(bool, dataset.original_encoding)
    charset = dataset.original_character_set
    write_data_element(buffer, element, convert_encodings(charset) if charset else None)
    return buffer.getvalue()


def _plain(element: Element) -> bytes:
    """A UID or a defined term, in explicit little endian: what is decoded of every object."""
    values = element.value if isinstance(element.value, MultiValue | list) else [element.value or ""]
    value = "\\".join(map(str, values)).encode()
    tag = int(element.tag)
    value += PADDING[str(element.VR)] * (len(value) % 2)
    return pack("<HH2sH", tag >> 16, tag & 0xFFFF, str(element.VR).encode(), len(value)) + value


def _meta(dataset: Dataset, implicit: bool, little: bool) -> bytes:
    """The preamble and the file meta information (PS3.10 7.1)."""
    plain = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    uids = ((2, dataset.get("SOPClassUID")), (3, dataset.get("SOPInstanceUID")), (0x10, plain))
    group = pack("<HH2s2xL2s", 2, 1, b"OB", 2, b"\0\1")
    for element, uid in uids:
        value = str(uid or "").encode()
        value += b"\0" * (len(value) % 2)
        group += pack("<HH2sH", 2, element, b"UI", len(value)) + value
    return PREAMBLE + pack("<HH2sHL", 2, 0, b"UL", 4, len(group)) + group
