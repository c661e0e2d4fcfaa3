"""What kind of object is this? Decided by its content, never by its label."""

from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from app.dicom.concept import Concept
from app.dicom.content import Item, tree
from app.dicom.quirks import mend

DOSE_REPORT = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
RADIOPHARMACEUTICAL = Concept("113500", "DCM", "Radiopharmaceutical Radiation Dose Report")


class NotADoseObject(ValueError):
    """The object is sound, but says nothing about dose that this version reads."""


class Damaged(ValueError):
    """The bytes are not a DICOM object, or not all of one."""


def open_object(source: str | BinaryIO) -> Dataset:
    """The data set without its pixels. Raises Damaged where it is not DICOM, or cut short."""
    try:
        dataset = dcmread(source, stop_before_pixels=True)
        dataset.get("SOPInstanceUID")
    except InvalidDicomError:
        raise Damaged("It is not a DICOM file.") from None
    except (EOFError, ValueError, OSError, AttributeError, KeyError, NotImplementedError, TypeError) as error:
        raise Damaged(f"It is damaged and can't be read: {error}") from error
    for keyword in ("SOPInstanceUID", "StudyInstanceUID"):
        if not dataset.get(keyword):
            raise Damaged(f"It has no {keyword}; it is not a DICOM object, or not all of one.")
    return dataset


def dose_report(dataset: Dataset) -> Item:
    """The content tree of the dose report. Raises NotADoseObject with the reason where it is none."""
    name = UID(str(dataset.get("SOPClassUID", ""))).name
    if "ConceptNameCodeSequence" not in dataset:
        raise NotADoseObject(f"It is a {name}; only dose reports are read.")
    root = mend(tree(dataset))
    if root.concept == RADIOPHARMACEUTICAL:
        raise NotADoseObject("It is a radiopharmaceutical dose report; these are not read.")
    if root.concept != DOSE_REPORT:
        raise NotADoseObject(f"It is a report titled “{root.concept}”, not a dose report.")
    return root
