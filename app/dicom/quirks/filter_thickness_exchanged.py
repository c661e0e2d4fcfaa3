"""Carestream writes the greatest thickness of a filter as its least, and the other way round."""

from app.dicom.header import Header
from app.dicom.layout import Row

LEAST, GREATEST = "thickness_minimum", "thickness_maximum"


def complete(_header: Header, parts: dict[str, list[Row]]) -> None:
    """Exchange the two where the least is greater."""
    for row in parts.get("projection_event", ()):
        for one in row.parts.get("xray_filters", ()):
            least, greatest = one.values.get(LEAST), one.values.get(GREATEST)
            if least is not None and greatest is not None and least > greatest:
                one.values |= {LEAST: greatest, GREATEST: least}
