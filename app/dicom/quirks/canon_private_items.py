"""Canon (Toshiba) CT counts the images of a study in an item of its own scheme, as text."""

from app.dicom.concept import OWN, Concept
from app.dicom.content import Item

NUMBER_OF_IMAGES = Concept("99TOST000A-0005", "99TOSHIBA-TMSC", "Total Number of Images")
TRANSLATED = Concept("number-of-images", OWN, "Total Number of Images")


def mend(root: Item) -> Item:
    """The tree with the number of images under a code that a column knows."""
    for container in [root, *root.children]:
        for item in container.children:
            if item.concept == NUMBER_OF_IMAGES:
                item.concept = TRANSLATED
    return root
