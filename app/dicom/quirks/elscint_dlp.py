"""Philips CT keeps the DLP of a scan, and that of all, in a private attribute: the header has no other place for it."""

from app.dicom.header import Header
from app.dicom.layout import Row
from app.dicom.values import Unreadable, decimal

GROUP, CREATOR, DLP = 0x00E1, "ELSCINT1", 0x21  # mGy.cm


def complete(header: Header, parts: dict[str, list[Row]]) -> None:
    """Give the scans of an exposure dose sequence, and their total, the DLP that stands beside them."""
    scans = zip(header.items("ExposureDoseSequence"), parts.get("ct_event", ()), strict=False)
    totals = ((header, row) for row in parts.get("ct_accumulated", ()))
    for column, pairs in (("dlp", scans), ("dlp_total", totals)):
        for place, row in pairs:
            written = place.private(GROUP, CREATOR, DLP)
            try:
                row.values |= {column: float(decimal(written))} if written else {}
            except Unreadable:
                header.left[f"{place.path}{CREATOR} DLP (00E1,xx21)"] = written
