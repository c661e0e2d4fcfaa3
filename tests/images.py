"""Made images: headers with the attributes that a test wants, as a file."""

from io import BytesIO
from itertools import count

from pydicom import dcmwrite
from pydicom.charset import convert_encodings
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.dicom.concept import Concept

STORAGE = "1.2.840.10008.5.1.4.1.1."
CR, DX_PRESENTATION, DX_PROCESSING = STORAGE + "1", STORAGE + "1.1", STORAGE + "1.1.1"
MG_PRESENTATION, MG_PROCESSING = STORAGE + "1.2", STORAGE + "1.2.1"
TOMOSYNTHESIS, BREAST_PROJECTIONS = STORAGE + "13.1.3", STORAGE + "13.1.4"
XA, ENHANCED_XA, CAPTURE, CT, PET = (STORAGE + suffix for suffix in ("12.1", "12.1.1", "7", "2", "128"))

MAMMOGRAPHY = {
    "Modality": "MG", "KVP": "29", "ExposureTime": "856", "XRayTubeCurrent": "61", "Exposure": "53",
    "ExposureInuAs": "53200", "OrganDose": "0.01409", "EntranceDoseInmGy": "4.931", "EntranceDose": 0,
    "BodyPartThickness": "39", "CompressionForce": "80", "AnodeTargetMaterial": "RHODIUM", "FilterMaterial": "RHODIUM",
    "FilterType": "STRIP", "Grid": "RECIPROCATING", "ImageLaterality": "L", "ViewPosition": "CC",
    "AcquisitionDate": "20260203", "AcquisitionTime": "101112",
}  # fmt: skip
RADIOGRAPHY = {
    "Modality": "DX", "KVP": "81", "Exposure": "4", "ImageAndFluoroscopyAreaDoseProduct": "1.25",
    "AcquisitionDateTime": "20260203101112.5+0100",
}  # fmt: skip

_serial = count(1)


def dataset(sop_class: str, study: str = "2.25.1", **attributes: object) -> Dataset:
    """The image's data set; a list of mappings becomes a sequence, a concept a code in one."""
    image = filled(attributes)
    image.SpecificCharacterSet, image.SOPClassUID = "ISO_IR 192", sop_class
    image.StudyInstanceUID = image.get("StudyInstanceUID", study)
    image.SOPInstanceUID = image.get("SOPInstanceUID", f"2.25.{next(_serial) + 10_000}")
    image.StudyDate = image.get("StudyDate", "20260203")
    return image


def filled(attributes: dict) -> Dataset:
    """The attributes as a data set."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, _value(keyword, value))
    return made


def _value(keyword: str, value: object) -> object:
    if isinstance(value, Concept):
        return Sequence([code(value)])
    if keyword.endswith("Sequence"):
        return Sequence([one if isinstance(one, Dataset) else filled(one) for one in value])
    return value


def code(concept: Concept, **beside: object) -> Dataset:
    """The code as an item of a sequence."""
    item = filled(beside)
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = concept.value, concept.scheme, concept.meaning
    return item


def file(image: Dataset, *, implicit: bool = False) -> BytesIO:
    """The image as a file, whatever is wrong with its values."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    image.file_meta = meta
    buffer = BytesIO()
    dcmwrite(buffer, image, enforce_file_format=True)
    buffer.seek(0)
    return buffer


def with_raw(image: Dataset, *elements: tuple[int, str, bytes], implicit: bool = False) -> BytesIO:
    """The image as a file with elements as devices write them that do not care what the standard says."""
    for tag, kind, value in elements:
        image.set_original_encoding(implicit, True, convert_encodings(image.SpecificCharacterSet))
        image[tag] = RawDataElement(BaseTag(tag), kind, len(value), value, 0, implicit, True)
    return file(image, implicit=implicit)
