"""Philips Allura Xper and Azurion tell geometry in items of their own scheme, 99PHI-IXR-XPER.

What has a code in the standard gets it: Azurion writes table height (021), source to detector (018) and thickness
(026) in both, and both always say the same. Allura has no standard table height at all, and the source to detector
of stored runs only. A detector field (024, 025) of 0 × 0 mm is how Azurion says that it does not know.
"""

from app.dicom.concept import OWN, Concept
from app.dicom.content import Item
from app.dicom.quirks.content import PROJECTION_EVENT

SCHEME = "99PHI-IXR-XPER"
SOURCE_TO_DETECTOR = Concept("113750", "DCM", "Distance Source to Detector")
AT_END = Concept("end-sid", OWN, "Distance Source to Detector at End")
FIELD_OF_VIEW = {
    "024": Concept("field-width", OWN, "Field of View Width"),
    "025": Concept("field-height", OWN, "Field of View Height"),
}
MEANINGS = FIELD_OF_VIEW | {
    "001": Concept("system-height", OWN, "Height of System"),
    "002": Concept("113748", "DCM", "Distance Source to Isocenter"),
    "003": Concept("121140", "DCM", "Number of Frames"),
    "004": Concept("images-per-frm", OWN, "Images per Frame"),
    "006": Concept("shutter-bottom", OWN, "Bottom Shutter"),
    "007": Concept("shutter-left", OWN, "Left Shutter"),
    "008": Concept("shutter-right", OWN, "Right Shutter"),
    "009": Concept("shutter-top", OWN, "Top Shutter"),
    "010": Concept("wedge-distance", OWN, "Wedge Distance"),
    "011": Concept("wedge-distance", OWN, "Wedge Distance"),
    "012": Concept("wedge-angle", OWN, "Wedge Angle"),
    "013": Concept("wedge-angle", OWN, "Wedge Angle"),
    "015": Concept("beam-longitude", OWN, "Longitudinal Beam Position"),
    "016": Concept("beam-lateral", OWN, "Lateral Beam Position"),
    "017": Concept("beam-angle", OWN, "Beam Angle"),
    "018": AT_END,
    "019": Concept("128765", "DCM", "Table Cradle Tilt End Angle"),
    "020": Concept("113761", "DCM", "Table Height End Position"),
    "021": Concept("113753", "DCM", "Table Height Position"),
    "022": Concept("128763", "DCM", "Table Head Tilt End Angle"),
    "026": Concept("111638", "DCM", "Patient Equivalent Thickness"),
    "027": Concept("121114", "DCM", "Performing Physician"),
    "028": Concept("application-grp", OWN, "Application Group"),
    "029": Concept("application", OWN, "Application"),
    "030": Concept("fluoro-flavour", OWN, "Fluoro Flavour"),
}


def mend(root: Item) -> Item:
    """The tree with Philips' own items under codes that columns know."""
    for part in root.children:
        own = [item for item in part.children if item.concept and item.concept.scheme == SCHEME]
        for item in own:
            _translate(item)
        if own and part.concept == PROJECTION_EVENT:
            _fill_in(part)
    return root


def _fill_in(event: Item) -> None:
    """The distance to the detector at the event's end is its distance where the event tells none."""
    at_end = [item for item in event.children if item.concept == AT_END and item.value]
    if not any(item.concept == SOURCE_TO_DETECTOR and item.value for item in event.children):
        event.children += [Item(SOURCE_TO_DETECTOR, "NUM", item.value, item.unit) for item in at_end]


def _translate(item: Item) -> None:
    """Give the item and what stands in it the codes that columns know."""
    for inner in item.children:
        _translate(inner)
    code = item.concept.value if item.concept and item.concept.scheme == SCHEME else ""
    item.concept = MEANINGS.get(code, item.concept)
    if code in FIELD_OF_VIEW and str(item.value).strip() in ("0", "0.0"):
        item.value, item.qualifier = None, "0, which is no size"
