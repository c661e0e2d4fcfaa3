"""What real devices do wrong: one small module per fault.

Those of reports have a function `mend(root)` that returns the content tree, mended where the fault is there. Those of
images mend the header before it is read, `mend_header(header)`, or the rows after that, `complete(header, parts)`.
"""

from app.dicom.content import Item
from app.dicom.header import Header
from app.dicom.layout import Row
from app.dicom.quirks import (
    canon_private_items,
    compression_in_decinewton,
    detector_data_label,
    dlp_in_comment,
    elscint_dlp,
    filter_in_type,
    flattened_groups,
    laterality_of_the_region,
    misnumbered_codes,
    newtom_dap,
    philips_private_items,
    protocol_in_image_comments,
    radiation_summary,
    radiological_thickness,
    siemens_comment_xml,
    technique_in_comment,
)

QUIRKS = (
    radiation_summary, detector_data_label, misnumbered_codes, flattened_groups, laterality_of_the_region,
    technique_in_comment, siemens_comment_xml, philips_private_items, canon_private_items,
)  # fmt: skip
OF_HEADERS = (filter_in_type, protocol_in_image_comments)
OF_ROWS = (
    elscint_dlp,
    dlp_in_comment,
    newtom_dap,
    radiological_thickness,
    compression_in_decinewton,
)


def mend(root: Item) -> Item:
    """The tree with every known fault mended."""
    for quirk in QUIRKS:
        doubt, root = root.doubt, quirk.mend(root)
        root.doubt = root.doubt or doubt
    return root


def mend_header(header: Header) -> None:
    """Mend every known fault of an image's header; the data set itself stays as it is."""
    for quirk in OF_HEADERS:
        quirk.mend_header(header)


def complete(header: Header, parts: dict[str, list[Row]]) -> None:
    """Mend every known fault of the rows that were read from an image, in place."""
    for quirk in OF_ROWS:
        quirk.complete(header, parts)
