"""What is done in a fluoroscopy study: stretches of fluoroscopy with series among them, in the order of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.chance import about, shares
from app.demo.fluoroscopy_protocols import BRAIN, Procedure
from app.demo.visit import Visit
from app.dicom.concept import Concept

FLUOROSCOPY = Concept("44491008", "SCT", "Fluoroscopy")
SERIES = Concept("113611", "DCM", "Stationary Acquisition")
ROTATION = Concept("113613", "DCM", "Rotational Acquisition")
SINGLE_PLANE = Concept("113622", "DCM", "Single Plane")
PLANE_A, PLANE_B = Concept("113620", "DCM", "Plane A"), Concept("113621", "DCM", "Plane B")

STEEPNESS = 0.075  # what exposure control does with each cm of a trunk's diameter
STRETCH = 40.0  # seconds that a foot stays on the pedal, on average
MOST_STRETCHES = 30
ROTATIONS = 0.05  # share of series for which the C-arm turns


@dataclass(frozen=True)
class Exposure:
    """One irradiation event before the room has its say."""

    type: Concept
    plane: Concept
    area_product: float  # Gy·m²
    seconds: float
    started: datetime

    @property
    def is_fluoroscopy(self) -> bool:
        """Whether it is fluoroscopy, not a series of images."""
        return self.type == FLUOROSCOPY


def planes(visit: Visit[Procedure]) -> tuple[Concept, ...]:
    """The planes that the room has."""
    return (PLANE_A, PLANE_B) if visit.room.has("biplane") else (SINGLE_PLANE,)


def exposures(visit: Visit[Procedure]) -> list[Exposure]:
    """Everything that is exposed, one after the other; with two planes, series run in both at once."""
    done, now = [], visit.started
    for kind, area_product, seconds in _plan(visit):
        now += timedelta(seconds=visit.random.uniform(5, 60))
        used = planes(visit) if kind == SERIES else (visit.random.choice(planes(visit)),)
        done += [Exposure(kind, plane, area_product / len(used), seconds, now) for plane in used]
        now += timedelta(seconds=seconds)
    return done


def _plan(visit: Visit[Procedure]) -> list[tuple[Concept, float, float]]:
    """Types with their area products in Gy·m² and their seconds."""
    random, procedure = visit.random, visit.protocol
    size = 1.0 if procedure.region == BRAIN else visit.size(STEEPNESS)
    area_product = about(random, procedure.area_product * 1e-4 * visit.dose * size, 0.45)
    seconds = about(random, procedure.minutes * 60, 0.45)
    stretches = max(1, min(MOST_STRETCHES, round(seconds / STRETCH) + random.randrange(3)))
    series = round(about(random, procedure.series, 0.3)) if procedure.series else 0
    by_fluoroscopy = area_product * (procedure.fluoro_part if series else 1)
    plan = [(FLUOROSCOPY, by_fluoroscopy * part, seconds * part) for part in shares(random, stretches)]
    for part in shares(random, series):
        turns = random.random() < ROTATIONS and not visit.room.has("table")
        plan.append((ROTATION if turns else SERIES, (area_product - by_fluoroscopy) * part, random.uniform(2, 8)))
    random.shuffle(plan)
    return plan
