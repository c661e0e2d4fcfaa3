"""Older Siemens CT tells the X-ray modulation in the comment of an event only, among other things."""

import re

from app.dicom.concept import Concept
from app.dicom.content import Item

EVENT = Concept("113819", "DCM", "CT Acquisition")
MODULATION = Concept("113842", "DCM", "X-Ray Modulation Type")
COMMENT = Concept("121106", "DCM", "Comment")
TOLD = re.compile(r"X-ray Modulation Type = ([^,;]+)")


def mend(root: Item) -> Item:
    """The tree with the modulation in an item of its own, in events that have none."""
    for event in root.children:
        if event.concept == EVENT and not any(item.concept == MODULATION for item in event.children):
            comments = [str(item.value) for item in event.children if item.concept == COMMENT]
            told = TOLD.search(" ".join(comments))
            if told:
                event.children.append(Item(MODULATION, "TEXT", told[1].strip()))
    return root
