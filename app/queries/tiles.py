"""The three to five numbers of a study that matter most, and what stands beside each."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.dicom.concept import Concept
from app.queries.modalities import (
    ACTIVITY,
    AGD,
    AGD_LEFT,
    AGD_RIGHT,
    CTDIVOL,
    DAP,
    DLP,
    DOSE_RP,
    EVENTS,
    FLUORO_TIME,
    Modality,
)
from app.queries.quantities import Quantity, as_written, brief, rounded
from app.queries.study import Stored

NOTICED = 0.005  # devices round; a difference beyond this share of the total is told
LOCALIZER = Concept("113805", "DCM", "Constant Angle Acquisition")
# What people call phantoms and CT acquisitions, where the standard's words are others.
CALLED = {
    Concept("113690", "DCM"): "16 cm head",
    Concept("113691", "DCM"): "32 cm body",
    Concept("113804", "DCM"): "Axial",
    LOCALIZER: "Localizer",
}


@dataclass(frozen=True)
class Tile:
    """A number with its title and unit, and what tells more about it; no value where it is not known."""

    title: str
    value: str | None
    unit: str = ""
    note: str = ""


def short(concept: Concept) -> str:
    """The meaning without what its column says anyway: Spiral, not Spiral Acquisition; a phantom by its size."""
    return CALLED.get(concept) or as_written(str(concept)).removesuffix(" Acquisition")


Tiles = Callable[[Stored], list[Tile]]


def dose(quantity: Quantity) -> Tiles:
    """A total that the device reported: per plane or phantom where there are several, and the sum over the events
    where that is another."""
    event_sum = quantity.column.key.replace("_total", "_event_sum")

    def told(row: Mapping[str, Any]) -> tuple[str | None, str]:
        """The reported value, or else the sum; and the sum beside it where it is noticeably another."""
        total, own = row.get(quantity.column.key), row.get(event_sum)
        differs = total is not None and own is not None and abs(own - total) > NOTICED * total
        return quantity.brief(own if total is None else total), (quantity.brief(own) or "") if differs else ""

    def tiles(stored: Stored) -> list[Tile]:
        whole = {name: getattr(stored.study, name) for name in (quantity.column.key, event_sum)}
        (total, own), notes = told(whole), []
        for part in stored.study.parts or ():
            value, differing = told(part)
            if value is not None:
                beside = f" (events {differing})" if differing else ""
                notes.append(f"{_part(stored, part['title'])} {value}{beside}")
        notes += [f"the events add up to {own} {quantity.unit}"] if own else []
        return [Tile(quantity.title, total, quantity.unit, ", ".join(notes))]

    return tiles


def _part(stored: Stored, title: str) -> str:
    """The plane or phantom as a tile calls it."""
    meant = (code for code in stored.shared.codes.values() if str(code) == title)
    return next((short(code) for code in meant), title)


def ctdivol(stored: Stored) -> list[Tile]:
    """The highest CTDIvol with the phantom that it refers to."""
    highest = stored.study.ctdivol_maximum
    if highest is None:
        return [Tile("Highest CTDIvol", None)]
    event = next((one for one in stored.events if one.mean_ctdivol == highest), None)
    phantom = stored.code(event, "ctdiw_phantom_type")
    return [Tile("Highest CTDIvol", brief(highest), CTDIVOL.unit, f"{short(phantom)} phantom" if phantom else "")]


def events(kind: str) -> Tiles:
    """How many events there are, and of which kinds."""

    def tiles(stored: Stored) -> list[Tile]:
        codes = [stored.code(event, kind) for event in stored.events]
        kinds = Counter(short(code) for code in codes if code)
        note = ", ".join(f"{count} {name}" for name, count in kinds.most_common())
        return [Tile(EVENTS.title, str(len(stored.events)), "", note)]

    return tiles


def scan_length(stored: Stored) -> list[Tile]:
    """How far the longest scan went; localizers are not meant."""
    scans = [event for event in stored.events if event.scanning_length is not None]
    meant = [event for event in scans if stored.code(event, "acquisition_type") != LOCALIZER]
    longest = max(meant, key=lambda event: float(event.scanning_length), default=None)
    if longest is None:
        return []
    localized = any(stored.code(event, "acquisition_type") == LOCALIZER for event in stored.events)
    notes = (stored.protocol(longest), "without localizers" if localized else None)
    return [Tile("Longest scan", brief(longest.scanning_length), "mm", ", ".join(note for note in notes if note))]


def fluoro_time(stored: Stored) -> list[Tile]:
    """Minutes and seconds, as the display in the room has them."""
    seconds = stored.study.fluoro_time_total
    if seconds is None:
        return [Tile(FLUORO_TIME.title, None)]
    minutes, rest = divmod(round(seconds), 60)
    return [Tile(FLUORO_TIME.title, f"{minutes}:{rest:02}", "min:s", f"{brief(seconds)} s")]


def glandular_dose(stored: Stored) -> list[Tile]:
    """The average glandular dose of each breast, else the highest of an event."""
    sides = [tile for make in BREASTS for tile in make(stored) if tile.value is not None]
    return sides or [Tile("Highest AGD", _written(stored.study.agd_maximum), AGD.unit)]


def views(stored: Stored) -> list[Tile]:
    """Which views were taken."""
    codes = [stored.code(event, "image_view") for event in stored.events]
    counted = Counter(str(code) for code in codes if code)
    note = ", ".join(f"{count} {name}" for name, count in counted.items())
    return [Tile("Views", str(len(stored.events)), "", note)]


def spread(column: str, title: str, unit: str = "") -> Tiles:
    """From the lowest to the highest value of the events."""

    def tiles(stored: Stored) -> list[Tile]:
        values = sorted({value for event in stored.events if (value := getattr(event, column, None)) is not None})
        told = "–".join(brief(value) for value in dict.fromkeys((values[0], values[-1]))) if values else None
        return [Tile(title, told, unit)] if told else []

    return tiles


def activity(stored: Stored) -> list[Tile]:
    """The administered activity, and of what."""
    names = [short(code) if (code := stored.code(event, "agent")) else event.agent_text for event in stored.events]
    note = ", ".join(dict.fromkeys(name for name in names if name))
    total = stored.study.administered_activity_total
    return [Tile(ACTIVITY.title, ACTIVITY.brief(total), ACTIVITY.unit, note)]


def per_weight(stored: Stored) -> list[Tile]:
    """The administered activity by the patient's weight, which guidelines are about."""
    told = (getattr(row, "weight", None) for row in stored.accumulated)  # reports tell it beside the header
    total = stored.study.administered_activity_total
    weight = stored.study.patient_weight or next((one for one in told if one), None)
    return [Tile("Activity by weight", rounded(total / weight, 2), "MBq/kg")] if total and weight else []


def _written(value: Any) -> str | None:
    return None if value is None else brief(value)


BREASTS = (dose(AGD_LEFT), dose(AGD_RIGHT))
TILES: dict[str, tuple[Tiles, ...]] = {
    "CT": (dose(DLP), ctdivol, events("acquisition_type"), scan_length),
    "RF": (dose(DAP), dose(DOSE_RP), fluoro_time, events("irradiation_event_type")),
    "MG": (
        glandular_dose,
        views,
        spread("compression_thickness", "Thickness", "mm"),
        spread("compression_force", "Compression force", "N"),
    ),
    "DX": (
        dose(DAP),
        events("irradiation_event_type"),
        spread("exposure_index", "Exposure index"),
        spread("deviation_index", "Deviation index"),
    ),
    "NM": (activity, spread("effective_dose", "Effective dose", "mSv"), per_weight),
}


def tiles(stored: Stored) -> list[tuple[Modality, list[Tile]]]:
    """The tiles of each kind of dose that the study has."""
    return [(kind, [tile for make in TILES[kind.stored] for tile in make(stored.only(kind))]) for kind in stored.kinds]
