"""What kind of object is this? Decided by its content, never by its label."""

from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.uid import UID

from app.dicom.concept import Concept
from app.dicom.content import Item, tree
from app.dicom.damage import Damaged, reading
from app.dicom.quirks import mend

DOSE_REPORT = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
UNDEFINED_LENGTH = 0xFFFFFFFF
STRUCTURED_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
RADIOPHARMACEUTICAL = Concept("113500", "DCM", "Radiopharmaceutical Radiation Dose Report")


class NotADoseObject(ValueError):
    """The object is sound, but says nothing about dose that this version reads."""


def open_object(source: str | BinaryIO) -> Dataset:
    """The data set without its pixels. Raises Damaged where it is not DICOM, or cut short."""
    with reading("It"):
        dataset = dcmread(source, stop_before_pixels=True)
        if _is_cut_short(dataset):
            raise Damaged("It is cut short; send it again.")
        for keyword in ("SOPInstanceUID", "StudyInstanceUID"):
            if not dataset.get(keyword):
                raise Damaged(f"It has no {keyword}; it is not a DICOM object, or not all of one.")
    return dataset


def _is_cut_short(dataset: Dataset) -> bool:
    """Whether an element promises more bytes than there are: pydicom gives what is left of it without a word."""
    elements = (dataset.get_item(tag) for tag in dataset.keys())  # noqa: SIM118 (a data set iterates over values)
    return any(
        isinstance(element, RawDataElement)
        and element.length != UNDEFINED_LENGTH
        and len(element.value or b"") < element.length
        for element in elements
    )


def dose_report(dataset: Dataset) -> Item:
    """The content tree of the dose report. Raises NotADoseObject with the reason where it is none."""
    with reading("Its header"):
        sop_class = UID(str(dataset.get("SOPClassUID", "")))
    if not sop_class.startswith(STRUCTURED_REPORTS):
        raise NotADoseObject(f"It is a {sop_class.name} object; only dose reports are read.")
    with reading("Its content"):
        root = mend(tree(dataset))
    if root.concept is None:
        raise Damaged("It is a report without a title; it is damaged or cut short.")
    if root.concept == RADIOPHARMACEUTICAL:
        raise NotADoseObject("It is a radiopharmaceutical dose report; these are not read.")
    if root.concept != DOSE_REPORT:
        raise NotADoseObject(f"It is a report titled “{root.concept}”, not a dose report.")
    if not root.children:
        raise Damaged("It is a dose report without content; it is cut short.")
    return root
