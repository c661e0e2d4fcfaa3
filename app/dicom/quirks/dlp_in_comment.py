"""CT dose summaries with the DLP in words only: “Series #3 … DLP=196.0”, “Event=3 DLP=769.67”, “TotalDLP=1748.68”."""

import re
from collections.abc import Iterator

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
    found = next((pairs for pairs in _matches(header, parts["ct_event"], told) if _is_possible(pairs, told)), [])
    for row, dlp in found:
        row.values.setdefault("dlp", dlp)


def _matches(header: Header, rows: list[Row], told: dict[int, float]) -> Iterator[list[tuple[Row, float]]]:
    """The scans with their DLP: by the numbers of their series, by their places, or those with a dose in order."""
    numbers = [item.at("SeriesNumber") for item in header.items("ExposureDoseSequence")]
    for known in (numbers, [str(place) for place in range(1, len(rows) + 1)]):
        by_number = {int(number): row for number, row in zip(known, rows, strict=False) if number.isdecimal()}
        yield [(by_number[number], dlp) for number, dlp in told.items() if number in by_number]
    irradiated = [row for row in rows if row.values.get("mean_ctdivol")]
    yield list(zip(irradiated, told.values(), strict=False)) if len(irradiated) == len(told) else []


def _is_possible(pairs: list[tuple[Row, float]], told: dict[int, float]) -> bool:
    """Whether each DLP found its scan, and none of them one without a dose."""
    return len(pairs) == len(told) and not any(dlp and row.values.get("mean_ctdivol") == 0 for row, dlp in pairs)
