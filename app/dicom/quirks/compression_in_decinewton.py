"""GE Senographe DS tells the compression force in tenths of a newton with some software, in newton with other.

Equipment may not compress with more than 300 N (IEC 60601-2-45), so that a greater number can be tenths only.
"""

from app.dicom.header import Header
from app.dicom.layout import Row

MODEL, GREATEST = "SENOGRAPH DS", 300


def complete(header: Header, parts: dict[str, list[Row]]) -> None:
    """Make newton of what can be tenths only."""
    if MODEL not in header.at("ManufacturerModelName").upper().replace("SENOGRAPHE", "SENOGRAPH"):
        return
    for row in parts.get("projection_event", ()):
        force = row.values.get("compression_force", 0)
        if force > GREATEST:
            row.values["compression_force"] = force / 10
