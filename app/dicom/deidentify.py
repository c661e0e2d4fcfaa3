"""An object as it may be kept: without its patient's name and number, and without its pixels."""

import zlib
from io import BytesIO
from struct import pack

from pydicom import dcmread, dcmwrite
from pydicom.charset import convert_encodings
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element, write_file_meta_info
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from app.dicom.damage import reading
from app.dicom.elements import UNDEFINED
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
ELSEWHERE = {int(Tag(keyword)) for keyword in ("ReferencedPatientSequence", "PatientInstitutionResidence")}
LONGEST = 1 << 16  # bytes of one element outside the content; dose is told in fewer
CONTENT = int(Tag("ContentSequence"))
VALUES = ("TextValue", "PersonName", "Date", "DateTime", "UID")
SUBJECT_CODES = tuple(code.encode() for code in sorted(SUBJECT))


def keepable(dataset: Dataset) -> bytes:
    """The object as a compressed DICOM file, without what names its patient; reading it gives the same values.

    Raises Damaged where it can't be written as it was read.
    """
    with reading("Its copy"):
        return zlib.compress(_without_name(_encoded(_without_patient(dataset)), dataset), 6)


def _without_patient(dataset: Dataset) -> Dataset:
    kept = _head(dataset)
    for tag in dataset.keys():  # noqa: SIM118 (iterating over a data set decodes its values)
        element = dataset.get_item(tag)
        if _may_stay(int(tag), element):
            kept[tag] = element
    if CONTENT in kept and _names_subject(kept.get_item(CONTENT)):
        _forget_subject(kept)
    return kept


def restored(kept: bytes) -> BytesIO:
    """The DICOM file that was kept."""
    return BytesIO(zlib.decompress(kept))


def _head(dataset: Dataset) -> Dataset:
    """An empty data set in the encoding of this one, so that its elements can be copied as they are."""
    kept = Dataset()
    implicit, little = dataset.original_encoding
    kept.set_original_encoding(implicit, little, dataset.original_character_set)
    kept.file_meta = FileMetaDataset()
    declared = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    plain = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    kept.file_meta.TransferSyntaxUID = declared or plain
    kept.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", "")
    kept.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return kept


def _may_stay(tag: int, element: object) -> bool:
    if tag >> 16 == PATIENT_GROUP:
        return tag in WANTED
    is_long = isinstance(element, RawDataElement) and len(element.value or b"") > LONGEST and tag != CONTENT
    return tag not in ELSEWHERE and not is_long


def _names_subject(content: object) -> bool:
    """Whether the content may say who the patient is; decoding it to be certain takes long."""
    value = content.value if isinstance(content, RawDataElement) else None
    return not isinstance(value, bytes) or any(code in value for code in SUBJECT_CODES)


def _forget_subject(dataset: Dataset) -> None:
    """Take out what items about the subject say (TID 1007), in a copy: the data set is still to be read."""
    content = dcmread(BytesIO(_encoded(dataset)), force=True)
    _blank(content)
    dataset[CONTENT] = content[CONTENT]


def _encoded(dataset: Dataset) -> bytes:
    """The data set as a file; elements that nobody has changed go as the bytes that they came in."""
    implicit, little = dataset.original_encoding
    if implicit or not little or dataset.file_meta.TransferSyntaxUID != ExplicitVRLittleEndian:
        buffer = BytesIO()
        dcmwrite(buffer, dataset, enforce_file_format=True)
        return buffer.getvalue()
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = False, True
    file.write(bytes(128) + b"DICM")
    write_file_meta_info(file, dataset.file_meta)
    for tag in sorted(dataset.keys()):
        element = dataset.get_item(tag)
        as_it_came = _explicit(element) if isinstance(element, RawDataElement) else b""
        if as_it_came:
            file.write(as_it_came)
        else:
            write_data_element(file, dataset[tag], convert_encodings(dataset.original_character_set))
    return file.getvalue()


def _explicit(element: RawDataElement) -> bytes:
    """The element in explicit VR, little endian; nothing where its bytes are not all that it takes."""
    value = element.value or b""
    if not element.VR or element.is_implicit_VR or not isinstance(value, bytes) or len(value) % 2:
        return b""
    if element.length == UNDEFINED and element.tag != CONTENT:
        return b""
    head = pack("<HH2s", element.tag >> 16, element.tag & 0xFFFF, element.VR.encode())
    if element.VR in EXPLICIT_VR_LENGTH_32:
        return head + pack("<HL", 0, len(value)) + value
    return head + pack("<H", len(value)) + value if len(value) <= 0xFFFF else b""


def _blank(item: Dataset) -> None:
    for child in item.get("ContentSequence") or ():
        names = child.get("ConceptNameCodeSequence") or ()
        if any(name.get("CodeValue") in SUBJECT for name in names):
            for keyword in VALUES:
                if keyword in child:
                    child[keyword].value = ""
        _blank(child)


def _without_name(content: bytes, dataset: Dataset) -> bytes:
    """The bytes without the patient's whole name where a device repeats it in a text."""
    name = dataset.get_item("PatientName")
    written = getattr(name, "value", b"") or b""
    written = written if isinstance(written, bytes) else str(written).encode()
    whole = written.split(b"=")[0].strip(b" \0^")
    for separator in (b"^", b" ", b", "):
        told = whole.replace(b"^", separator)
        if b"^" in whole and len(told) >= 5:
            content = content.replace(told, b" " * len(told))
    return content
