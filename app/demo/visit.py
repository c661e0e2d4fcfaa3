"""What the report of one study depends on."""

from dataclasses import dataclass
from datetime import datetime
from math import exp
from random import Random
from typing import Generic, Protocol, TypeVar

from app.demo.people import ADULT, Person
from app.demo.rooms import Room

USUAL_DIAMETERS = {True: 27.0, False: 17.0}  # in cm, of the trunks of adults and of children


class HasAges(Protocol):
    """What the protocols of every kind of study have."""

    @property
    def ages(self) -> tuple[float, float]:
        """Those of its patients, in years."""


Done = TypeVar("Done", bound=HasAges)


@dataclass(frozen=True)
class Visit(Generic[Done]):
    """Where, what, to whom and when."""

    room: Room
    protocol: Done
    person: Person
    started: datetime
    dose: float  # of this study, relative to the protocol's
    random: Random

    @property
    def is_for_adults(self) -> bool:
        """Whether the protocol's doses are those of adults."""
        return self.protocol.ages[1] > ADULT

    def size(self, steepness: float) -> float:
        """What the patient's size does to the dose, if it grows by this part with each cm of diameter."""
        return exp(steepness * (self.person.diameter - USUAL_DIAMETERS[self.is_for_adults]))
