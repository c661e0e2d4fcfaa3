"""Siemens CT tells technique in the comment of an event, and older ones the X-ray modulation nowhere else.

Internal technical scan parameters: Organ Characteristic = Thorax, Body Size = Adult, Body Region = Body,
X-ray Modulation Type = XYZ_EC, Sn Filter (Tube A) = no
"""

import re

from app.dicom.concept import OWN, Concept
from app.dicom.content import Item
from app.dicom.quirks.content import CT_EVENT, comments

TITLE = "Internal technical scan parameters"
MODULATION = Concept("113842", "DCM", "X-Ray Modulation Type")
TOLD = re.compile(r"(?:^|[:,;])\s*([^=,;:]{1,60}?)\s*=\s*([^,;]*)")
MEANINGS = {
    "X-ray Modulation Type": MODULATION,
    "Organ Characteristic": Concept("organ", OWN, "Organ Characteristic"),
    "Body Size": Concept("body-size", OWN, "Body Size"),
    "Body Region": Concept("body-region", OWN, "Body Region"),
}
TIN = re.compile(r"Sn Filter(?: \(Tube (\w)\))?")
TIN_FILTER = Concept("tin-filter", OWN, "Tin Filter")


def mend(root: Item) -> Item:
    """The tree with what comments say in items of their own, in events that have none."""
    for event in root.children:
        comment = comments(event) if event.concept == CT_EVENT else ""
        if TITLE in comment:
            event.children += list(filter(None, (_item(event, *told) for told in TOLD.findall(comment))))
    return root


def _item(event: Item, name: str, value: str) -> Item | None:
    tin, value = TIN.fullmatch(name), value.strip()
    if tin and value:
        return Item(TIN_FILTER, "TEXT", f"{tin[1]}: {value}" if tin[1] else value)
    concept = MEANINGS.get(name)
    if not concept or not value or any(item.concept == concept for item in event.children):
        return None
    return Item(concept, "TEXT", value)
