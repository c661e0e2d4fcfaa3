"""Philips CT keeps the DLP of a scan, and that of all, in a private attribute: the header has no other place for it."""

from app.dicom.header import Header
from app.dicom.layout import Row
from app.dicom.values import Unreadable, decimal

GROUP, CREATOR, DLP = 0x00E1, "ELSCINT1", 0x21  # mGy.cm


def complete(header: Header, parts: dict[str, list[Row]]) -> None:
    """Give the scans of an exposure dose sequence, and their total, the DLP that stands beside them."""
    for item, row in zip(header.items("ExposureDoseSequence"), parts.get("ct_event", ()), strict=False):
        _add(item, row, "dlp")
    for row in parts.get("ct_accumulated", ()):
        _add(header, row, "dlp_total")


def _add(header: Header, row: Row, column: str) -> None:
    written = header.private(GROUP, CREATOR, DLP)
    try:
        if written:
            row.values[column] = float(decimal(written))
    except Unreadable:
        return  # the same number stands in the comments
