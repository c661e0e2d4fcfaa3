"""What real devices do wrong: one small module per fault.

Each has a function `mend(root)` that returns the content tree, mended where the fault is there.
"""

from app.dicom.content import Item
from app.dicom.quirks import (
    canon_private_items,
    detector_data_label,
    philips_private_items,
    radiation_summary,
    siemens_comment_xml,
    technique_in_comment,
)

QUIRKS = (
    radiation_summary, detector_data_label, technique_in_comment, siemens_comment_xml, philips_private_items,
    canon_private_items,
)  # fmt: skip


def mend(root: Item) -> Item:
    """The tree with every known fault mended."""
    for quirk in QUIRKS:
        doubt, root = root.doubt, quirk.mend(root)
        root.doubt = root.doubt or doubt
    return root
