"""The three to five numbers of a study that matter most, and what stands beside each."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.dicom.concept import Concept
from app.queries.modalities import ACTIVITY, AGD, CTDIVOL, DAP, DLP, DOSE_RP, EVENTS, FLUORO_TIME
from app.queries.quantities import Quantity, rounded, written
from app.queries.study import Stored

NOTICED = 0.005  # devices round; a difference beyond this share of the total is told
PHANTOMS = {Concept("113690", "DCM"): "16 cm head", Concept("113691", "DCM"): "32 cm body"}
LOCALIZER = Concept("113805", "DCM", "Constant Angle Acquisition")


@dataclass(frozen=True)
class Tile:
    """A number with its title and unit, and what tells more about it; no value where it is not known."""

    title: str
    value: str | None
    unit: str = ""
    note: str = ""


def short(concept: Concept) -> str:
    """The meaning without what its column says anyway: Spiral, not Spiral Acquisition; a phantom by its size."""
    return PHANTOMS.get(concept) or str(concept).removesuffix(" Acquisition")


Tiles = Callable[[Stored], list[Tile]]


def dose(quantity: Quantity, accumulated: str, event_sum: str) -> Tiles:
    """A total that the device reported: per plane where there are several, and our own sum where it is another."""

    def tiles(stored: Stored) -> list[Tile]:
        notes = [f"{plane} {value}" for plane, value in _by_plane(stored, accumulated, quantity)]
        total, own = quantity.of(stored.study), getattr(stored.study, event_sum)
        if own is not None and total is not None and abs(own - total) > NOTICED * total:
            notes.append(f"the events add up to {quantity.exact(own)}")
        return [Tile(quantity.title, quantity.exact(total), quantity.unit, ", ".join(notes))]

    return tiles


def ctdivol(stored: Stored) -> list[Tile]:
    """The highest CTDIvol with the phantom that it refers to."""
    highest = stored.study.ctdivol_maximum
    if highest is None:
        return [Tile("Highest CTDIvol", None)]
    event = next(one for one in stored.events if getattr(one, "mean_ctdivol", None) == highest)
    phantom = stored.code(event, "ctdiw_phantom_type")
    return [Tile("Highest CTDIvol", written(highest), CTDIVOL.unit, f"{short(phantom)} phantom" if phantom else "")]


def events(kind: str) -> Tiles:
    """How many events there are, and of which kinds."""

    def tiles(stored: Stored) -> list[Tile]:
        codes = [stored.code(event, kind) for event in stored.events]
        kinds = Counter(short(code) for code in codes if code)
        note = ", ".join(f"{count} {name}" for name, count in kinds.most_common())
        return [Tile(EVENTS.title, str(stored.study.number_of_events), "", note)]

    return tiles


def scan_length(stored: Stored) -> list[Tile]:
    """How far the longest scan went; localizers are not meant."""
    scans = [event for event in stored.events if getattr(event, "scanning_length", None) is not None]
    meant = [event for event in scans if stored.code(event, "acquisition_type") != LOCALIZER]
    longest = max(meant, key=lambda event: float(event.scanning_length), default=None)
    if longest is None:
        return []
    localized = any(stored.code(event, "acquisition_type") == LOCALIZER for event in stored.events)
    notes = (stored.protocol(longest), "without localizers" if localized else None)
    return [Tile("Longest scan", written(longest.scanning_length), "mm", ", ".join(note for note in notes if note))]


def fluoro_time(stored: Stored) -> list[Tile]:
    """Minutes and seconds, as the display in the room has them."""
    seconds = stored.study.fluoro_time_total
    if seconds is None:
        return [Tile(FLUORO_TIME.title, None)]
    minutes, rest = divmod(round(seconds), 60)
    return [Tile(FLUORO_TIME.title, f"{minutes}:{rest:02}", "min:s", f"{written(seconds)} s")]


def glandular_dose(stored: Stored) -> list[Tile]:
    """The average glandular dose of each breast as the device added it up, else the highest of an event."""
    sides = [side for row in stored.accumulated for side in getattr(row, "accumulated_agd", None) or []]
    tiles = [
        Tile(f"AGD, {(side.get('laterality') or {}).get('meaning', 'side unknown').lower()}", written(dose), "mGy")
        for side in sides
        if (dose := side.get("average_glandular_dose")) is not None
    ]
    return tiles or [Tile("Highest AGD", _written(stored.study.agd_maximum), AGD.unit)]


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
        told = "–".join(written(value) for value in dict.fromkeys((values[0], values[-1]))) if values else None
        return [Tile(title, told, unit)] if told else []

    return tiles


def activity(stored: Stored) -> list[Tile]:
    """The administered activity, and of what."""
    given = [event for event in stored.events if hasattr(event, "administered_activity")]
    names = [str(code) if (code := stored.code(event, "agent")) else event.agent_text for event in given]
    note = ", ".join(dict.fromkeys(name for name in names if name))
    total = stored.study.administered_activity_total
    return [Tile(ACTIVITY.title, ACTIVITY.exact(total), ACTIVITY.unit, note)]


def per_weight(stored: Stored) -> list[Tile]:
    """The administered activity by the patient's weight, which guidelines are about."""
    total, weight = stored.study.administered_activity_total, stored.study.patient_weight
    return [Tile("Activity by weight", rounded(total / weight, 2), "MBq/kg")] if total and weight else []


def _by_plane(stored: Stored, column: str, quantity: Quantity) -> Iterable[tuple[str, str]]:
    """The accumulated value of each plane, where the latest report has several."""
    rows = [row for row in stored.accumulated if row.report_id == stored.accumulated[-1].report_id]
    for row in rows if len(rows) > 1 else []:
        value, plane = getattr(row, column, None), stored.code(row, "acquisition_plane")
        if value is not None and plane is not None:
            yield str(plane), quantity.exact(value) or ""


def _written(value: Any) -> str | None:
    return None if value is None else written(value)


PROJECTION = (dose(DAP, "dap_total", "dap_event_sum"), dose(DOSE_RP, "dose_rp_total", "dose_rp_event_sum"))
TILES: dict[str, tuple[Tiles, ...]] = {
    "CT": (dose(DLP, "dlp_total", "dlp_event_sum"), ctdivol, events("acquisition_type"), scan_length),
    "RF": (*PROJECTION, fluoro_time, events("irradiation_event_type")),
    "MG": (glandular_dose, views, spread("compression_thickness", "Thickness", "mm")),
    "DX": (
        PROJECTION[0],
        events("irradiation_event_type"),
        spread("exposure_index", "Exposure index"),
        spread("deviation_index", "Deviation index"),
    ),
    "NM": (activity, spread("effective_dose", "Effective dose", "mSv"), per_weight),
}


def tiles(stored: Stored) -> list[Tile]:
    """The tiles of the study's modality, and of radiopharmaceuticals where it has both."""
    modalities = dict.fromkeys((stored.study.modality, *(["NM"] if stored.study.nuclear else [])))
    return [tile for modality in modalities for make in TILES[modality] for tile in make(stored)]
