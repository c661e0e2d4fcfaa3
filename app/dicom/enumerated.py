"""Codes of the standard for the words that header attributes have instead, by the item that a report would have."""

from collections.abc import Mapping

from app.dicom.concept import Concept


def _codes(*rows: str, scheme: str = "SCT") -> dict[str, Concept]:
    """A table of words from rows of “code, meaning, words”."""
    table: dict[str, Concept] = {}
    for row in rows:
        value, meaning, words = (part.strip() for part in row.split("|"))
        table |= {word.strip(): Concept(value, scheme, meaning) for word in words.split(",")}
    return table


MATERIALS = _codes(
    "12503006|Aluminum|ALUMINUM, ALUMINIUM, AL",
    "66925006|Copper|COPPER, CU",
    "71128006|Molybdenum|MOLYBDENUM, MO",
    "59801003|Rhodium|RHODIUM, RH",
    "41967008|Silver|SILVER, AG",
    "767776000|Niobium|NIOBIUM, NB",
    "767775001|Europium|EUROPIUM, EU",
    "88488004|Lead|LEAD, PB",
    "45215009|Tantalum|TANTALUM, TA",
    "12597001|Tin|TIN, SN",
    "26194003|Tungsten|TUNGSTEN, W",
)
SIDES = _codes(
    "7771000|Left|L, LEFT", "24028007|Right|R, RIGHT", "51440002|Bilateral|B, BOTH, BILATERAL",
)  # fmt: skip
FIRST = _codes(
    "102540008|headfirst|HFP, HFS, HFDR, HFDL", "102541007|feet-first|FFP, FFS, FFDR, FFDL"
)  # fmt: skip
RECUMBENT = _codes("102538003|recumbent|HFP, HFS, HFDR, HFDL, FFP, FFS, FFDR, FFDL")
LYING = _codes(
    "1240000|prone|HFP, FFP", "40199007|supine|HFS, FFS", "102535000|right lateral decubitus|HFDR, FFDR",
    "102536004|left lateral decubitus|HFDL, FFDL",
)  # fmt: skip
VIEWS = _codes(
    "399162004|cranio-caudal|CC",
    "399368009|medio-lateral oblique|MLO",
    "399260004|medial-lateral|ML",
    "399352003|lateral-medial|LM",
    "399099002|latero-medial oblique|LMO",
    "399196006|caudo-cranial|FB",
    "399192008|cranio-caudal exaggerated laterally|XCCL",
    "399101009|cranio-caudal exaggerated medially|XCCM",
    "399348003|antero-posterior|AP",
    "272479007|postero-anterior|PA",
    "399173006|left lateral|LL",
    "399198007|right lateral|RL",
    "399356000|right anterior oblique|RAO",
    "399135007|left anterior oblique|LAO",
    "399038007|right posterior oblique|RPO",
    "399006002|left posterior oblique|LPO",
    "399067008|lateral|LAT",
    "399182000|oblique|OBL",
)
GRIDS = _codes(
    "111641|Fixed grid|FIXED", "111642|Focused grid|FOCUSED", "111643|Reciprocating grid|RECIPROCATING",
    "111644|Parallel grid|PARALLEL", "111645|Crossed grid|CROSSED", "111646|No grid|NONE", scheme="DCM",
)  # fmt: skip
FILTERS = _codes(
    "113650|Strip filter|STRIP", "113651|Wedge filter|WEDGE, WEDGE_PREPATIENT", "113652|Butterfly filter|BUTTERFLY",
    "113653|Flat filter|FLAT", "111609|No filter|NONE", scheme="DCM",
)  # fmt: skip
FLUOROSCOPY_MODES = _codes("113630|Continuous|CONTINUOUS", "113631|Pulsed|PULSED", scheme="DCM")
CT_ACQUISITIONS = _codes("116152004|Spiral Acquisition|SPIRAL, HELICAL, HELIX") | _codes(
    "113804|Sequenced Acquisition|SEQUENCED, SEQUENCE, AXIAL, STEP_AND_SHOOT",
    "113805|Constant Angle Acquisition|CONSTANT_ANGLE, SURVIEW, SCOUT, LOCALIZER",
    "113806|Stationary Acquisition|STATIONARY",
    "113807|Free Acquisition|FREE",
    scheme="DCM",
)  # fmt: skip
EVENTS = _codes("44491008|Fluoroscopy|SC")

# By the code of the item that a column claims.
ENUMERATED: Mapping[str, Mapping[str, Concept]] = {
    "113757": MATERIALS,
    "111632": MATERIALS,
    "272741003": SIDES,
    "113745": FIRST,
    "113743": RECUMBENT,
    "113744": LYING,
    "111031": VIEWS,
    "111635": GRIDS,
    "113772": FILTERS,
    "113732": FLUOROSCOPY_MODES,
    "113820": CT_ACQUISITIONS,
    "113721": EVENTS,
}

# The attributes whose words these are.
WORDS = (
    "AnodeTargetMaterial", "ImageLaterality", "Laterality", "FrameLaterality", "PatientPosition", "ViewPosition",
    "Grid", "AcquisitionType",
)  # fmt: skip


def code_of(claimed: Concept | None, word: str) -> Concept | None:
    """The code for the word in a column that claims this item; None where the standard has none."""
    return ENUMERATED.get(claimed.value if claimed else "", {}).get(word.strip().upper().replace(" ", "_"))
