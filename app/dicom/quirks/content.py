"""What several quirks ask of a content tree."""

from collections.abc import Iterator

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.reader import walk

CT_EVENT = Concept("113819", "DCM", "CT Acquisition")
PROJECTION_EVENT = Concept("113706", "DCM", "Irradiation Event X-Ray Data")
COMMENT = Concept("121106", "DCM", "Comment")


def below(item: Item, concept: Concept) -> Iterator[Item]:
    """The items of the concept anywhere below the item, in the order of the report."""
    return (found for found in walk(item) if found.concept == concept and found is not item)


def has(item: Item, concept: Concept) -> bool:
    """Whether the item has a value for the concept below it."""
    return any(found.value not in (None, "") for found in below(item, concept))


def comments(item: Item) -> str:
    """The item's own comments."""
    return " ".join(str(child.value) for child in item.children if child.concept == COMMENT and child.value)
