"""Siemens Artis tells the field of view, the scene and the patient's position as XML in comments only.

    <FluoroData><SceneName SRData="FL - Ang"/><iiDiameter SRData="220"/><SceneTime SRData="3"/>…</FluoroData>
    <Root><PatientPosition><Position SRData="HFS "/>…</Root>

No XML parser sees it: what stands in a comment can be cut short, wrong, or written to harm the parser. Scene times
are whole seconds, so they are kept apart from the irradiation's duration.
"""

import re

from app.dicom.concept import OWN, Concept
from app.dicom.content import Item
from app.dicom.quirks.content import PROJECTION_EVENT, comments, has

LONGEST = 100_000  # characters; real ones have fewer than 1,000
MARK = 'SRData="'
TOLD = re.compile(r'<(\w{1,40})\s+SRData="([^"<>]*)"')

NUMBERS = {
    "iiDiameter": (Concept("intensifier-size", OWN, "Intensifier Size"), "mm"),
    "NumOfFrames": (Concept("121140", "DCM", "Number of Frames"), "1"),
    "SceneTime": (Concept("scene-time", OWN, "Scene Time"), "s"),
    "CurrentTimeProduct": (Concept("113736", "DCM", "Exposure"), "mA.s"),
    "FrameRate": (Concept("113791", "DCM", "Pulse Rate"), "{pulse}/s"),
}

RELATIONSHIP = Concept("113745", "DCM", "Patient Table Relationship")
ORIENTATION = Concept("113743", "DCM", "Patient Orientation")
MODIFIER = Concept("113744", "DCM", "Patient Orientation Modifier")
RECUMBENT = Concept("102538003", "SCT", "recumbent")
FIRST = {"HF": Concept("102540008", "SCT", "headfirst"), "FF": Concept("102541007", "SCT", "feet-first")}
LYING = {
    "S": Concept("40199007", "SCT", "supine"),
    "P": Concept("1240000", "SCT", "prone"),
    "DR": Concept("102535000", "SCT", "right lateral decubitus"),
    "DL": Concept("102536004", "SCT", "left lateral decubitus"),
}


def mend(root: Item) -> Item:
    """The tree with what the comments say in items of their own, where there are none."""
    position = _told(root).get("Position", "")
    for event in root.children:
        if event.concept == PROJECTION_EVENT:
            _scene(event, _told(event))
            _lie(event, position[:2], position[2:])
    return root


def _told(item: Item) -> dict[str, str]:
    comment = comments(item)
    if MARK not in comment or len(comment) > LONGEST:
        return {}
    return {name: value.strip() for name, value in TOLD.findall(comment)}


def _scene(event: Item, told: dict[str, str]) -> None:
    for name, (concept, unit) in NUMBERS.items():
        if told.get(name) and not has(event, concept):
            event.children.append(Item(concept, "NUM", told[name], unit))


def _lie(event: Item, first: str, lying: str) -> None:
    """Add how the patient lies: HFS is head first, supine."""
    if first not in FIRST or lying not in LYING or has(event, ORIENTATION):
        return
    modifier = Item(MODIFIER, "CODE", LYING[lying])
    event.children.append(Item(ORIENTATION, "CODE", RECUMBENT, children=[modifier]))
    if not has(event, RELATIONSHIP):
        event.children.append(Item(RELATIONSHIP, "CODE", FIRST[first]))
