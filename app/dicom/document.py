"""The object around a content tree: the attributes that a structured report has beside its content."""

from collections.abc import Mapping
from datetime import date, time
from io import BytesIO

from pydicom import dcmwrite
from pydicom.charset import convert_encodings
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian, RadiopharmaceuticalRadiationDoseSRStorage

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.dialects import Dialect
from app.dicom.encode import Encoder, padded

HeaderValue = str | float | date | time

IMPLEMENTATION_UID = "2.25.31927615575737751280520436668132604175"
EMPTY_UNLESS_TOLD = (  # attributes of type 2 in the modules of a structured report
    "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientID",
    "PatientBirthDate", "PatientSex", "Manufacturer",
)  # fmt: skip
TEMPLATES = {"77477000": "10011", "P5-08000": "10011"}  # by the procedure reported; 10001 for all other X-rays
RADIOPHARMACEUTICAL = "113500"  # what a report of TID 10021 is titled


def to_bytes(report: Dataset) -> bytes:
    """The report as a DICOM file."""
    buffer = BytesIO()
    dcmwrite(buffer, report, enforce_file_format=True)
    return buffer.getvalue()


def document(root: Item, header: Mapping[str, HeaderValue], dialect: Dialect) -> Dataset:
    """The content tree as a report with the attributes of the header, by their keywords."""
    report = Dataset()
    for keyword in EMPTY_UNLESS_TOLD:
        setattr(report, keyword, "")
    report.SpecificCharacterSet = dialect.character_set
    report.SOPClassUID = RadiopharmaceuticalRadiationDoseSRStorage if _is_nuclear(root) else dialect.sop_class
    report.Modality, report.SeriesNumber, report.InstanceNumber = "SR", 1, 1
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    report.ReferencedPerformedProcedureStepSequence, report.PerformedProcedureCodeSequence = [], []
    report.ContentTemplateSequence = [_template(root)]
    for keyword, value in header.items():
        setattr(report, keyword, _text(value))
    _add_content(report, root)
    report.file_meta = _file_meta(report)
    return report


def _add_content(report: Dataset, root: Item) -> None:
    """Add the encoded tree: pydicom decodes it when somebody looks at it, and writes it as it is."""
    encodings = convert_encodings(report.SpecificCharacterSet)
    report.set_original_encoding(is_implicit_vr=False, is_little_endian=True, character_encoding=encodings)
    for keyword, value in Encoder(encodings[0]).attributes(root).items():
        value = padded(keyword, value)
        report[keyword] = RawDataElement(Tag(keyword), dictionary_VR(keyword), len(value), value, 0, False, True)


def _template(root: Item) -> Dataset:
    template = Dataset()
    template.MappingResource = "DCMR"
    values = (item.value.value for item in root.children if isinstance(item.value, Concept))
    of_xrays = next((TEMPLATES[value] for value in values if value in TEMPLATES), "10001")
    template.TemplateIdentifier = "10021" if _is_nuclear(root) else of_xrays
    return template


def _is_nuclear(root: Item) -> bool:
    return root.concept is not None and root.concept.value == RADIOPHARMACEUTICAL


def _text(value: HeaderValue) -> str:
    if isinstance(value, date):
        return value.strftime("%Y%m%d")
    if isinstance(value, time):
        return value.strftime("%H%M%S") + (f".{value.microsecond:06}" if value.microsecond else "")
    return str(value)


def _file_meta(report: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = report.SOPClassUID, report.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = UID(IMPLEMENTATION_UID), "OPENREM"
    return meta
