"""An object as it may be kept: without its patient's name and number, and without its pixels."""

import re
import zlib
from io import BytesIO
from struct import pack

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.dicom.copying import Element, encoded
from app.dicom.damage import reading
from app.dicom.reader import SUBJECT

PATIENT_GROUP = 0x0010
# What dose needs of a patient (PS3.3 C.7.1.1, C.7.2.2); everything else of this group stays out.
WANTED = {
    int(Tag(keyword))
    for keyword in (
        "PatientSex",
        "PatientAge",
        "PatientSize",
        "PatientWeight",
        "PatientBodyMassIndex",
        "PregnancyStatus",
    )
}
# Attributes that say who somebody is, as their bytes stand in a sequence, little and big endian.
IDENTITY = ("PatientName", "PatientID", "PatientBirthDate", "OtherPatientIDs", "OtherPatientNames")
NAMING = re.compile(
    b"|".join(
        re.escape(pack(order, tag >> 16, tag & 0xFFFF))
        for tag in map(int, map(Tag, IDENTITY))
        for order in ("<HH", ">HH")
    )
)
COMPRESSION = 2  # zlib's level; the highest saves a tenth more and takes five times as long
LONGEST, LONGEST_PRIVATE = 1 << 16, 1 << 12  # bytes of one element outside the content; dose is told in fewer
CONTENT = int(Tag("ContentSequence"))
ACCESSION_NUMBER = int(Tag("AccessionNumber"))
PATIENT_NAME = int(Tag("PatientName"))
KEPT_WITH_CONTENT = tuple(Tag(keyword) for keyword in ("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID"))
VALUES = ("TextValue", "PersonName", "Date", "DateTime", "UID")
SUBJECT_CODES = tuple(code.encode() for code in sorted(SUBJECT))


def keepable(dataset: Dataset, *, with_number: bool = True) -> bytes:
    """The object as a compressed DICOM file, without what names its patient; reading it gives the same values.

    The accession number stays only where it is asked for.

    Raises Damaged where it can't be written as it was read.
    """
    with reading("Its copy"):
        elements: dict[int, Element] = {int(tag): element for tag, element in sorted(dataset.items())}
        staying: dict[int, Element] = {tag: element for tag, element in elements.items() if _may_stay(tag, element)}
        if not with_number:
            staying.pop(ACCESSION_NUMBER, None)
        content = staying.get(CONTENT)
        if content is not None and _names_subject(content):
            staying[CONTENT] = _without_subject(dataset, content)
        file = encoded(dataset, staying.values())
        return zlib.compress(_without_name(file, elements.get(PATIENT_NAME)), COMPRESSION)


def restored(kept: bytes) -> BytesIO:
    """The DICOM file that was kept."""
    return BytesIO(zlib.decompress(kept))


def _may_stay(tag: int, element: Element) -> bool:
    if tag >> 16 == PATIENT_GROUP:
        return tag in WANTED
    if tag == CONTENT:
        return True
    longest = LONGEST_PRIVATE if tag >> 16 & 1 else LONGEST
    is_long = isinstance(element, RawDataElement) and len(element.value or b"") > longest
    return not is_long and not _names_patient(element)


def _names_patient(element: Element) -> bool:
    """Whether it may hold who the patient is, or was: archives keep the names that they corrected (0400,0561)."""
    if isinstance(element.value, bytes):
        return NAMING.search(element.value) is not None
    items = (element.value or ()) if element.VR == "SQ" else ()
    below = [pair for item in items for pair in item.items()]
    return any(tag >> 16 == PATIENT_GROUP or _names_patient(one) for tag, one in below)


def _names_subject(content: Element) -> bool:
    """Whether the content may say who the patient is; decoding it to be certain takes long."""
    value = content.value if isinstance(content, RawDataElement) else None
    return not isinstance(value, bytes) or any(code in value for code in SUBJECT_CODES)


def _without_subject(dataset: Dataset, content: Element) -> Element:
    """The content without what its items about the subject say (TID 1007), as a copy: this one is still to be read."""
    alone = [element for tag in KEPT_WITH_CONTENT if (element := dataset.get_item(tag)) is not None]
    copy = dcmread(BytesIO(encoded(dataset, [*alone, content])), force=True)
    _blank(copy)
    return copy[CONTENT]


def _blank(item: Dataset) -> None:
    for child in item.get("ContentSequence") or ():
        names = child.get("ConceptNameCodeSequence") or ()
        if any(name.get("CodeValue") in SUBJECT for name in names):
            for keyword in VALUES:
                if keyword in child:
                    child[keyword].value = ""
        _blank(child)


def _without_name(content: bytes, name: Element | None) -> bytes:
    """The bytes without the patient's whole name where a device repeats it in a text."""
    written = (name.value if name is not None else None) or b""
    written = written if isinstance(written, bytes) else str(written).encode()
    whole = written.split(b"=")[0].strip(b" \0^")
    for separator in (b"^", b" ", b", "):
        told = whole.replace(b"^", separator)
        if b"^" in whole and len(told) >= 5:
            content = content.replace(told, b" " * len(told))
    return content
