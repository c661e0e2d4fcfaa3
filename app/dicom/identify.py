"""What kind of object is this? Decided by its content, never by its label."""

from contextlib import AbstractContextManager, nullcontext
from os import PathLike
from typing import BinaryIO

from pydicom.dataset import Dataset

from app.dicom.concept import Concept
from app.dicom.content import Item, tree
from app.dicom.damage import Damaged, reading
from app.dicom.elements import is_cut_short
from app.dicom.file import data_set
from app.dicom.quirks import mend
from app.dicom.reader import walk

DOSE_REPORTS = (
    Concept("113701", "DCM", "X-Ray Radiation Dose Report"),
    Concept("113500", "DCM", "Radiopharmaceutical Radiation Dose Report"),
)
STRUCTURED_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
# What only dose reports contain, under whatever title: events and accumulations of X-rays, administrations, themselves.
CONTAINED = {Concept(value, "DCM") for value in ("113819", "113811", "113706", "113702", "113502")} | set(DOSE_REPORTS)


class NotADoseObject(ValueError):
    """The object is sound, but says nothing about dose that this version reads."""


def open_object(source: str | BinaryIO) -> Dataset:
    """The data set without its pixels. Raises Damaged where it is not DICOM, or cut short."""
    with reading("It"), _opened(source) as file:
        dataset = data_set(file)
        if any(map(is_cut_short, dataset.values())):
            raise Damaged("It is cut short; send it again.")
        for keyword in ("SOPInstanceUID", "StudyInstanceUID"):
            if not dataset.get(keyword):
                raise Damaged(f"It has no {keyword}; it is not a DICOM object, or not all of one.")
    return dataset


def _opened(source: str | PathLike[str] | BinaryIO) -> AbstractContextManager[BinaryIO]:
    return open(source, "rb") if isinstance(source, (str, PathLike)) else nullcontext(source)


def is_structured_report(dataset: Dataset) -> bool:
    """Whether the object has a content tree, of whatever class it says it is."""
    with reading("Its header"):
        has_tree = "ContentSequence" in dataset and str(dataset.get("ValueType", "")).strip().upper() == "CONTAINER"
        return has_tree or str(dataset.get("SOPClassUID", "")).startswith(STRUCTURED_REPORTS)


def dose_report(dataset: Dataset) -> Item:
    """The content tree of the dose report. Raises NotADoseObject with the reason where it is none."""
    with reading("Its content"):
        written = tree(dataset)
        is_empty = not written.children  # asked before anything is mended into it
        root = mend(written)
    if root.concept is None:
        raise Damaged("It is a report without a title; it is damaged or cut short.")
    if root.concept not in DOSE_REPORTS and not any(item.concept in CONTAINED for item in walk(root)):
        raise NotADoseObject(f"It is a report titled “{root.concept}”, not a dose report.")
    if is_empty:
        raise Damaged("It is a dose report without content; it is cut short.")
    return root
