"""Items that belong together stand beside each other instead of below what holds them.

Spectrum Dynamics writes role and number of a person beside the name, others the name and maker of a device beside its
role, and technique without the container of its X-ray source or filter. What belongs to whom is certain only where
there is one holder before, or where nothing repeats; all else stays where it is.
"""

from app.dicom.concept import Concept
from app.dicom.content import Item


def _concepts(*values: str) -> frozenset[Concept]:
    return frozenset(Concept(value, "DCM") for value in values)


# What the items describe: it has a value of its own and comes before them.
DESCRIBED = {
    Concept("113870", "DCM", "Person Name"): _concepts("113871", "113872", "113873", "113874", "113875"),
    Concept("113876", "DCM", "Device Role in Procedure"): _concepts("113877", "113878", "113879", "113880"),
}
# The container that is missing around them.
CONTAINED = {
    Concept("113831", "DCM", "CT X-Ray Source Parameters"): _concepts("113832", "113833", "113834", "113821"),
    Concept("113771", "DCM", "X-Ray Filters"): _concepts("113772", "113757", "113758", "113773"),
    Concept("122505", "DCM", "Calibration"): _concepts("113794", "113723", "122322", "113763", "113724", "113720"),
}
TECHNIQUE = _concepts("113733", "113734")  # KVP and tube current: of a CT's source, but of a projection event itself
SOURCE, EVENT = Concept("113831", "DCM"), Concept("113706", "DCM")
HOLDERS = DESCRIBED.keys() | CONTAINED.keys()
CODES = {concept.value for members in (*DESCRIBED.values(), *CONTAINED.values()) for concept in members}
CODES_IN_CT = CODES | {concept.value for concept in TECHNIQUE}


def mend(root: Item) -> Item:
    """The tree with such items below what holds them."""
    _mend(root, in_ct=True)
    return root


def _mend(parent: Item, in_ct: bool) -> None:
    in_ct = in_ct and parent.concept != EVENT
    codes = CODES_IN_CT if in_ct else CODES
    if parent.concept not in HOLDERS and any(item.concept and item.concept.value in codes for item in parent.children):
        for holder, members in DESCRIBED.items():
            _describe(parent, holder, members)
        for container, members in CONTAINED.items():
            _contain(parent, container, members | TECHNIQUE if in_ct and container == SOURCE else members)
    for item in parent.children:
        if item.children:
            _mend(item, in_ct)


def _describe(parent: Item, holder: Concept, members: frozenset[Concept]) -> None:
    """Put each item below the holder before it."""
    described: Item | None = None
    kept = []
    for item in parent.children:
        if item.concept == holder:
            described = item
        if described is not None and item.concept in members:
            described.children.append(item)
        else:
            kept.append(item)
    parent.children = kept


def _contain(parent: Item, container: Concept, members: frozenset[Concept]) -> None:
    """Put the items into one container, where each is there once and none of these containers is."""
    found = [item for item in parent.children if item.concept in members]
    concepts = [item.concept for item in parent.children]
    if not found or container in concepts or len({item.concept for item in found}) < len(found):
        return
    parent.children = [item for item in parent.children if item.concept not in members]
    parent.children.append(Item(container, "CONTAINER", children=found))
