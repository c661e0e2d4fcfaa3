"""GE Senographe keeps what its automatic exposure took the breast for in a private attribute.

It is what reports call the patient equivalent thickness: the value that the automatic exposure control worked with.
"""

from app.dicom.header import Header
from app.dicom.layout import Row
from app.dicom.values import Unreadable, decimal

GROUP, CREATOR, THICKNESS = 0x0045, "GEMS_SENO_02", 0x49  # mm


def complete(header: Header, parts: dict[str, list[Row]]) -> None:
    """Give the exposure its patient equivalent thickness."""
    written = header.private(GROUP, CREATOR, THICKNESS)
    try:
        thickness = float(decimal(written)) if written else 0.0
    except Unreadable:
        header.left[f"{CREATOR} radiological thickness (0045,xx49)"] = written
        return
    for row in parts.get("projection_event", ()) if thickness else ():
        row.values.setdefault("patient_equivalent_thickness", thickness)
