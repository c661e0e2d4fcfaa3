"""Hologic mammography reports label 113745 “X-Ray Detector Data Available”; the standard says 113945."""

from app.dicom.concept import Concept
from app.dicom.content import Item

REPORT = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
WRONG = Concept("113745", "DCM", "Patient Table Relationship")
RIGHT = Concept("113945", "DCM", "X-Ray Detector Data Available")


def mend(root: Item) -> Item:
    """The tree with the label corrected; in the root of a report, 113745 itself has no business."""
    for item in root.children if root.concept == REPORT else ():
        if item.concept == WRONG:
            item.concept = RIGHT
    return root
