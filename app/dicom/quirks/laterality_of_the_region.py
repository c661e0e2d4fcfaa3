"""Laterality below the target region: so say Giotto and Eurocolumbus, and the standard since CP-1676.

Before, it qualified the anatomical structure; beside either it is found too.
"""

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.quirks.content import PROJECTION_EVENT

TARGET_REGION = Concept("123014", "DCM", "Target Region")
LATERALITY = Concept("272741003", "SCT", "Laterality")


def mend(root: Item) -> Item:
    """The tree with the laterality of target regions beside them, in projection events."""
    for event in root.children:
        if event.concept == PROJECTION_EVENT:
            for region in [item for item in event.children if item.concept == TARGET_REGION]:
                event.children += [item for item in region.children if item.concept == LATERALITY]
                region.children = [item for item in region.children if item.concept != LATERALITY]
    return root
