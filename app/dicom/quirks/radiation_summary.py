"""Siemens Arcadis Varic writes a private “Radiation Summary Report” (99SMS_RADSUM) instead of a dose report.

It has the totals of a mobile C-arm's study and no events. Each has a place in TID 10001: exposures are counted
where the standard counts exposure pulses of acquisitions (113731), and the examination's start and end take the
place of the irradiation's.
"""

from app.dicom.concept import Concept
from app.dicom.content import Item

TITLE = Concept("C-10", "99SMS_RADSUM", "Radiation Summary Report")
REPORT = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
PROCEDURE_REPORTED = Concept("121058", "DCM", "Procedure reported")
PROJECTION = Concept("113704", "DCM", "Projection X-Ray")
ACCUMULATED = Concept("113702", "DCM", "Accumulated X-Ray Dose Data")
PLANE = Concept("113764", "DCM", "Acquisition Plane")
SINGLE_PLANE = Concept("113622", "DCM", "Single Plane")
TOTALS = {
    "C-200": Concept("113731", "DCM", "Total Number of Radiographic Frames"),
    "C-202": Concept("113730", "DCM", "Total Fluoro Time"),
    "C-204": Concept("113722", "DCM", "Dose Area Product Total"),
    "C-210": Concept("113725", "DCM", "Dose (RP) Total"),
}
TIMES = {
    "C-206": Concept("113809", "DCM", "Start of X-Ray Irradiation"),
    "C-208": Concept("113810", "DCM", "End of X-Ray Irradiation"),
}


def mend(root: Item) -> Item:
    """The tree as a dose report of TID 10001, where it is such a summary."""
    if root.concept != TITLE:
        return root
    accumulated = Item(ACCUMULATED, "CONTAINER", children=[Item(PLANE, "CODE", SINGLE_PLANE)])
    report = Item(REPORT, "CONTAINER", children=[Item(PROCEDURE_REPORTED, "CODE", PROJECTION), accumulated])
    for item in root.children:
        private = item.concept.value if item.concept and item.concept.scheme == TITLE.scheme else ""
        item.concept = (TOTALS | TIMES).get(private, item.concept)
        (accumulated if private in TOTALS else report).children.append(item)
    return report
