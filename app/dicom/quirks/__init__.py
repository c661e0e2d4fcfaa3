"""What real devices do wrong: one small module per fault.

Each has a function `mend(root)` that returns the content tree, mended where the fault is there.
"""

from app.dicom.content import Item
from app.dicom.quirks import detector_data_label, modulation_in_comment, radiation_summary

QUIRKS = (radiation_summary, detector_data_label, modulation_in_comment)


def mend(root: Item) -> Item:
    """The tree with every known fault mended."""
    for quirk in QUIRKS:
        doubt, root = root.doubt, quirk.mend(root)
        root.doubt = root.doubt or doubt
    return root
