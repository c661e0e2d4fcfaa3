"""Whether two rows tell of one event: of images and reports, of two images, of two reports."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import isclose
from typing import Any

from app.dicom.layout import Row
from app.ingest.totals import side

TELLING = ("serial_number", "station_name", "model_name")  # what tells devices apart, the surest first
SAME_MOMENT = timedelta(seconds=1)  # clocks of one device; its report and its image header may round differently
SYNTHETIC = "GENERATED_2D"
SAME_VISIT = timedelta(hours=1.5)  # rest and stress are further apart; clocks and time zones of devices may be wrong
SAME_ENTRY = timedelta(minutes=1)  # images tell the time of an injection as somebody typed it
OF_BOTH = ("laterality", "image_view", "kvp", "exposure", "average_glandular_dose", "dap")  # of a report and an image
ANGLES, SAME_ANGLE = ("positioner_primary_angle", "positioner_secondary_angle"), 5.0  # degrees
# What two reports must agree in to tell of one event, as far as both tell it.
DOSES = ("dap", "dose_rp", "dlp", "mean_ctdivol", "average_glandular_dose")
REPEATED = (
    "started_at", "irradiation_event_type", "acquisition_plane", "acquisition_type", "radionuclide",
    "administered_activity", *DOSES, *OF_BOTH,
)  # fmt: skip
OF_A_SCAN = (
    "irradiation_event_label", "label_type", "started_at", "acquisition_type", "acquisition_protocol", "mean_ctdivol",
    "dlp", "exposure_time", "scanning_length",
)  # fmt: skip
ALIKE = 0.02  # share by which numbers of one exposure may differ between its report and its image


def same_device(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two objects of a study can come from one device: what identifies it, as far as both tell it, is equal."""
    for name in TELLING:
        if one.get(name) and other.get(name):
            return str(one[name]).strip().lower() == str(other[name]).strip().lower()
    return True


def same_exposure(one: Row, other: Row, is_reported: bool = True) -> bool:
    """Whether both happened at one moment and nothing that both tell is contradictory.

    Two images of a device have one clock and one beam each: what is a second apart are two exposures, as are planes.
    What is made of a tomosynthesis shows the same breast with the same dose, and tells the time when it was made.
    """
    if is_synthetic(one):
        are_known = side(one.values.get("laterality")) and other.values.get("laterality")
        return bool(are_known) and _agree_in(one, other, ("laterality", "image_view", "average_glandular_dose"))
    first, second = (row.values.get("started_at") for row in (one, other))
    if first is None or second is None:
        return False
    apart = _apart(first, second)
    is_far = apart > SAME_MOMENT if is_reported else apart >= SAME_MOMENT or _other_beam(one, other)
    return not is_far and _agree_in(one, other, OF_BOTH)


def same_scan(one: Row, other: Row, is_reported: bool = True) -> bool:
    """Whether two dose pages of a CT tell of one scan: these have no UID and no time, but name the series."""
    if is_reported or one.values.get("irradiation_event_label") is None:
        return same_exposure(one, other, is_reported)
    return other.values.get("irradiation_event_label") is not None and _agree_in(one, other, OF_A_SCAN)


def is_synthetic(row: Row) -> bool:
    """Whether the image was calculated from a tomosynthesis (PS3.3 C.8.11.7.1.4): nobody was exposed for it."""
    return SYNTHETIC in (row.values.get("image_type") or "")


def _other_beam(one: Row, other: Row) -> bool:
    """Whether the beams came from different sides."""
    angles = [[row.values.get(name) for row in (one, other)] for name in ANGLES]
    return any(None not in both and abs(both[0] - both[1]) > SAME_ANGLE for both in angles)


def same_administration(one: Row, other: Row, is_reported: bool = True) -> bool:
    """Whether nuclide or activity are the same and nothing contradicts: devices disagree about UIDs and minutes.

    Two images that differ in time and activity tell of two, as do those that differ by more than a half-life: rest and
    stress with rubidium are minutes apart.
    """
    told = [(one.values.get(name), other.values.get(name)) for name in ("radionuclide", "administered_activity")]
    first, second = (row.values.get("started_at") for row in (one, other))
    apart = _apart(first, second) if first and second else timedelta()
    is_known = any(None not in both for both in told)
    are_two = apart > SAME_VISIT or (not is_reported and apart > SAME_ENTRY and _other_dose(one, other, apart))
    return is_known and not are_two and all(_agree(*both) for both in told)


def _other_dose(one: Row, other: Row, apart: timedelta) -> bool:
    first, second = (row.values.get("administered_activity") for row in (one, other))
    half_life = one.values.get("half_life") or other.values.get("half_life")
    is_gone = half_life is not None and apart.total_seconds() > half_life
    return is_gone or (None not in (first, second) and first != second)


def is_repeated(one: Row, other: Row) -> bool:
    """Whether two reports of a device tell of one event: of the same moment, and nothing that contradicts."""
    return None not in (one.values.get("started_at"), other.values.get("started_at")) and _agree_in(
        one, other, REPEATED
    )


def is_another(one: Row, other: Row) -> bool:
    """Whether two rows under one UID can't be one event: of two sides, or of another moment with another dose."""
    if not _agree_in(one, other, ("laterality",)):
        return True
    first, second = (row.values.get("started_at") for row in (one, other))
    is_far = first and second and _apart(first, second) > SAME_MOMENT
    return bool(is_far) and not _agree_in(one, other, DOSES)


def _agree_in(one: Row, other: Row, names: Iterable[str]) -> bool:
    """Whether the rows agree in these; reports tell of a left breast what images tell of a left side."""
    told = ((one.values.get(name), other.values.get(name)) for name in names)
    return all(_agree(*both) or (None is not side(both[0]) == side(both[1])) for both in told)


def _apart(first: datetime, second: datetime) -> timedelta:
    """The time between two moments: by their zones or by their clocks, since devices get zones wrong."""
    by_clock = abs(first.replace(tzinfo=None) - second.replace(tzinfo=None))
    return min(by_clock, abs(first - second)) if first.tzinfo and second.tzinfo else by_clock


def _agree(first: Any, second: Any) -> bool:
    """Whether both can be true; what is not told contradicts nothing."""
    if first is None or second is None:
        return True
    if isinstance(first, list) and isinstance(second, list):
        return len(first) != len(second) or all(map(_agree, first, second))
    if isinstance(first, float) and isinstance(second, float):
        return isclose(first, second, rel_tol=ALIKE)
    return bool(first == second)
