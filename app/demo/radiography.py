"""Radiography: what a room's detector is exposed for, and the report of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10
from typing import Any

from app.demo.chance import about, between, total, uid
from app.demo.visit import Visit
from app.dicom.concept import Concept

PROJECTION = Concept("113704", "DCM", "Projection X-Ray")
STATIONARY = Concept("113611", "DCM", "Stationary Acquisition")
SINGLE_PLANE = Concept("113622", "DCM", "Single Plane")
INTEGRATED = Concept("113958", "DCM", "Integrated Projection Radiography System")
AUTOMATIC = Concept("113856", "DCM", "Automated Data Collection")

CHEST, PELVIS = Concept("51185008", "SCT", "Chest"), Concept("12921003", "SCT", "Pelvis")
LUMBAR_SPINE = Concept("122496007", "SCT", "Lumbar spine")
HAND, KNEE = Concept("85562004", "SCT", "Hand"), Concept("72696002", "SCT", "Knee")
AP, PA = Concept("399348003", "SCT", "antero-posterior"), Concept("272479007", "SCT", "postero-anterior")
LATERAL = Concept("399067008", "SCT", "lateral")

STEEPNESS = 0.07  # what exposure control does with each cm of a trunk's diameter
TARGET = 400.0  # exposure index


@dataclass(frozen=True)
class Exposure:
    """One projection as it is set up."""

    name: str
    view: Concept
    area_product: float  # median in Gy·cm²
    kvp: float
    charge: float  # mA·s
    distance: float = 1150.0  # from the source to the detector, in mm


@dataclass(frozen=True)
class Examination:
    """What is ordered together."""

    group: str
    name: str
    requested: str
    share: float
    region: Concept
    exposures: Sequence[Exposure]
    ages: tuple[float, float] = (18, 95)


EXAMINATIONS = (
    Examination("any", "Chest PA and lateral", "X-ray chest", 45, CHEST, (
        Exposure("Chest PA", PA, 0.11, 125, 1.6, 1800), Exposure("Chest lateral", LATERAL, 0.35, 125, 4.5, 1800),
    )),
    Examination("any", "Lumbar spine", "X-ray lumbar spine", 12, LUMBAR_SPINE, (
        Exposure("L spine AP", AP, 1.4, 81, 32), Exposure("L spine lateral", LATERAL, 2.2, 90, 50),
    )),
    Examination("any", "Pelvis AP", "X-ray pelvis", 15, PELVIS, (Exposure("Pelvis AP", AP, 1.9, 77, 30),)),
    Examination("any", "Hand", "X-ray hand", 14, HAND, (
        Exposure("Hand PA", PA, 0.012, 50, 1.8), Exposure("Hand oblique", LATERAL, 0.012, 50, 2.0),
    )),
    Examination("any", "Knee", "X-ray knee", 14, KNEE, (
        Exposure("Knee AP", AP, 0.08, 63, 5), Exposure("Knee lateral", LATERAL, 0.08, 63, 5),
    )),
    Examination("child", "Chest, child", "X-ray chest", 10, CHEST, (Exposure("Chest AP child", AP, 0.02, 70, 1.2),),
                ages=(0, 16)),
)  # fmt: skip


def report(visit: Visit[Examination]) -> dict[str, Any]:
    """The columns of the report, its parts among them."""
    events, now = [], visit.started
    for exposure in visit.protocol.exposures:
        now += timedelta(seconds=visit.random.uniform(40, 150))
        events.append(_event(visit, exposure, now))
    accumulated = {
        "acquisition_plane": SINGLE_PLANE,
        "dap_total": total(event["dap"] for event in events),
        "total_number_of_radiographic_frames": float(len(events)),
    }
    return {
        "procedure_reported": PROJECTION,
        "acquisition_device_type": INTEGRATED,
        "source_of_dose_information": [AUTOMATIC],
        "projection_accumulated": [accumulated],
        "projection_event": events,
    }


def _event(visit: Visit[Examination], exposure: Exposure, started: datetime) -> dict[str, Any]:
    random = visit.random
    dose = about(random, visit.dose * visit.size(STEEPNESS), 0.15)
    index = round(about(random, TARGET, 0.25))
    charge = max(0.1, round(exposure.charge * dose, 2))
    return {
        "irradiation_event_uid": uid(random),
        "acquisition_plane": SINGLE_PLANE,
        "started_at": started.replace(microsecond=0),
        "irradiation_event_type": STATIONARY,
        "acquisition_protocol": exposure.name,
        "target_region": visit.protocol.region,
        "image_view": exposure.view,
        "dap": max(1e-8, round(exposure.area_product * 1e-4 * dose, 9)),
        "kvp": [exposure.kvp],
        "exposure": [round(charge * 1000)],
        "exposure_time": max(1.0, round(charge / 0.4, 1)),  # at 400 mA
        "tube_current": [400.0],
        "focal_spot_size": 0.6,
        "exposure_index": index,
        "target_exposure_index": TARGET,
        "deviation_index": round(10 * log10(index / TARGET), 1),
        "distance_source_to_detector": exposure.distance + between(random, -20, 20),
    }
