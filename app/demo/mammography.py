"""Mammography: two views of a breast or of both, and the report of their glandular doses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Any

from app.demo.chance import about, between, total, uid
from app.demo.visit import Visit
from app.dicom.concept import Concept

MAMMOGRAPHY = Concept("71651007", "SCT", "Mammography")
STATIONARY = Concept("113611", "DCM", "Stationary Acquisition")
SINGLE_PLANE = Concept("113622", "DCM", "Single Plane")
FROM_IMAGES = Concept("113867", "DCM", "Computed From Image Attributes")
BREAST = Concept("76752008", "SCT", "Breast")
LEFT, RIGHT = Concept("7771000", "SCT", "Left"), Concept("24028007", "SCT", "Right")
BREASTS = {
    LEFT: Concept("80248007", "SCT", "Left breast"),
    RIGHT: Concept("73056007", "SCT", "Right breast"),
}
CC, MLO = Concept("399162004", "SCT", "cranio-caudal"), Concept("399368009", "SCT", "medio-lateral oblique")
TUNGSTEN, RHODIUM = Concept("26194003", "SCT", "Tungsten"), Concept("59801003", "SCT", "Rhodium")
STRIP_FILTER = Concept("113650", "DCM", "Strip filter")

USUAL = 55.0  # mm of a compressed breast
STEEPNESS = 0.018  # what exposure control does with each mm
VIEWS = tuple((side, view) for view in (CC, MLO) for side in (RIGHT, LEFT))


@dataclass(frozen=True)
class Examination:
    """What is ordered together."""

    group: str
    name: str
    requested: str
    share: float
    views: Sequence[tuple[Concept, Concept]]
    ages: tuple[float, float] = (40, 80)


EXAMINATIONS = (
    Examination("screening", "Screening mammography", "Mammography, both breasts", 70, VIEWS, ages=(50, 70)),
    Examination("clinic", "Mammography, both breasts", "Mammography, both breasts", 20, VIEWS),
    Examination("clinic", "Mammography, left", "Mammography, left", 5, tuple(one for one in VIEWS if one[0] == LEFT)),
    Examination("clinic", "Mammography, right", "Mammography, right", 5,
                tuple(one for one in VIEWS if one[0] == RIGHT)),
)  # fmt: skip


def report(visit: Visit[Examination]) -> dict[str, Any]:
    """The columns of the report, its parts among them."""
    thickness = max(20.0, min(95.0, visit.random.gauss(USUAL, 12)))
    events, now = [], visit.started
    for side, view in visit.protocol.views:
        now += timedelta(seconds=visit.random.uniform(50, 120))
        events.append(_event(visit, side, view, thickness, now))
    accumulated = {"acquisition_plane": SINGLE_PLANE, "accumulated_agd": _by_breast(events)}
    return {
        "procedure_reported": MAMMOGRAPHY,
        "source_of_dose_information": [FROM_IMAGES],
        "projection_accumulated": [accumulated],
        "projection_event": events,
    }


def _by_breast(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the room adds up for each breast."""
    doses = {
        side: total(event["average_glandular_dose"] for event in events if event["laterality"] == side)
        for side in BREASTS
    }
    return [{"average_glandular_dose": dose, "laterality": BREASTS[side]} for side, dose in doses.items() if dose]


def _event(visit: Visit[Examination], side: Concept, view: Concept, usual: float, started: datetime) -> dict[str, Any]:
    random = visit.random
    thickness = round(usual * about(random, 1.06 if view == MLO else 1.0, 0.04))
    dose = about(random, 1.4 * visit.dose * exp(STEEPNESS * (thickness - USUAL)), 0.1)
    charge = max(5.0, round(dose * 60, 1))  # mA·s
    return {
        "irradiation_event_uid": uid(random),
        "acquisition_plane": SINGLE_PLANE,
        "started_at": started.replace(microsecond=0),
        "irradiation_event_type": STATIONARY,
        "acquisition_protocol": visit.protocol.name,
        "target_region": BREAST,
        "anatomical_structure": BREAST,
        "laterality": side,
        "image_view": view,
        "average_glandular_dose": round(dose, 2),
        "entrance_exposure_at_rp": round(dose * 3.6, 2),
        "half_value_layer": between(random, 0.5, 0.57, 3),
        "kvp": [float(max(25, min(34, round(24 + thickness / 12))))],
        "tube_current": [100.0],
        "exposure": [charge * 1000],
        "exposure_time": round(charge * 10, 1),
        "focal_spot_size": 0.3,
        "anode_target_material": TUNGSTEN,
        "xray_filters": [{
            "type": STRIP_FILTER, "material": RHODIUM, "thickness_minimum": 0.05, "thickness_maximum": 0.05,
        }],
        "compression_thickness": float(thickness),
        "distance_source_to_detector": 700.0,
        "positioner_primary_angle": 0.0 if view == CC else (45.0 if side == LEFT else -45.0),
    }  # fmt: skip
