"""Codes with one wrong digit, where nothing else could be meant.

Giotto calls the Anode Target Material 113632, which the standard does not have (111632); Hologic calls the strip
filter 111650 (113650).
"""

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.quirks.content import PROJECTION_EVENT

ANODE = Concept("113632", "DCM")
NAMES: dict[Concept | None, Concept] = {ANODE: Concept("111632", "DCM", "Anode Target Material")}
FILTER_TYPE = Concept("113772", "DCM", "X-Ray Filter Type")
FILTER_TYPES = {
    Concept("111650", "DCM"): Concept("113650", "DCM", "Strip filter"),
    Concept("111651", "DCM"): Concept("113651", "DCM", "Wedge filter"),
    Concept("111652", "DCM"): Concept("113652", "DCM", "Butterfly filter"),
    Concept("111653", "DCM"): Concept("113653", "DCM", "Flat filter"),
}


def mend(root: Item) -> Item:
    """The tree with the right numbers, in projection events."""
    for event in root.children:
        if event.concept == PROJECTION_EVENT:
            _renumber(event)
    return root


def _renumber(parent: Item) -> None:
    for item in parent.children:
        code = item.concept.value if item.concept else ""  # comparing concepts takes longer, and there are thousands
        if code == ANODE.value:
            item.concept = NAMES.get(item.concept, item.concept)
        elif code == FILTER_TYPE.value and isinstance(item.value, Concept):
            item.value = FILTER_TYPES.get(item.value, item.value)
        if item.children:
            _renumber(item)
