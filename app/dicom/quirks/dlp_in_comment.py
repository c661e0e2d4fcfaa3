"""CT dose summaries with the DLP in words only: “Series #3 … DLP=196.0”, “Event=3 DLP=769.67”, “TotalDLP=1748.68”."""

import re

from app.dicom.header import Header
from app.dicom.layout import Row

NUMBER = r"(\d+\.?\d*)"
TOTAL = re.compile(rf"Total\s*DLP\s*=\s*{NUMBER}", re.IGNORECASE)
NEXT = r"(?:Series\s*#|Event\s*=)"
SCAN = re.compile(rf"{NEXT}\s*(\d+)((?:(?!{NEXT}|Total).)*?)\bDLP\s*=\s*{NUMBER}", re.IGNORECASE | re.DOTALL)


def complete(header: Header, parts: dict[str, list[Row]]) -> None:
    """Fill in what the comment on dose says and nothing else does."""
    comment = header.at("CommentsOnRadiationDose")
    if "ct_event" not in parts or not comment:
        return
    for total in TOTAL.findall(comment)[:1]:
        for row in parts.get("ct_accumulated", ()):
            row.values.setdefault("dlp_total", float(total))
    told = {int(number): float(dlp) for number, _, dlp in SCAN.findall(comment)}
    for row, dlp in _pairs(header, parts["ct_event"], told):
        row.values.setdefault("dlp", dlp)


def _pairs(header: Header, rows: list[Row], told: dict[int, float]) -> list[tuple[Row, float]]:
    """The scans and their DLP: by the number of the series, else in their order where there are as many."""
    numbers = [item.at("SeriesNumber") for item in header.items("ExposureDoseSequence")]
    by_number = [
        (row, told[int(one)]) for row, one in zip(rows, numbers, strict=False) if one.isdigit() and int(one) in told
    ]
    if len(by_number) == len(told):
        return by_number
    irradiated = [row for row in rows if row.values.get("mean_ctdivol")]
    alike = next((some for some in (rows, irradiated) if len(some) == len(told)), [])
    return list(zip(alike, told.values(), strict=True)) if alike else []
