"""Patients of all sizes, and the phantoms that are entered as patients."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import exp, pi, sqrt
from random import Random

from app.dicom.document import HeaderValue

FAMILY_NAMES = (
    "Abel", "Berg", "Costa", "Dahl", "Evans", "Fabre", "García", "Hansen", "Ivanova", "Jónsdóttir", "Kováts", "López",
    "Müller", "Nuñez", "Østergård", "Patel", "Quinn", "Rossi", "Sørensen", "Thiele", "Ueda", "Viñas", "Weiß", "Young",
)  # fmt: skip
GIVEN_NAMES = {
    "F": ("Ana", "Birgit", "Chiara", "Divya", "Elin", "Fatima", "Grace", "Hélène", "Inès", "Jana", "Kim", "Leïla"),
    "M": ("Adam", "Björn", "Carlos", "David", "Emil", "Felix", "Gábor", "Henri", "Idris", "José", "Kofi", "Lars"),
}
# Height in m and weight in kg by age, as children grow; in between we interpolate.
GROWTH = ((0, 0.52, 4.0), (1, 0.76, 10), (3, 0.96, 14.5), (5, 1.10, 18.5), (8, 1.28, 26), (11, 1.45, 37),
          (14, 1.63, 52), (18, 1.72, 67))  # fmt: skip
ADULT = 18
MEASURED = 0.7  # share of patients whose size is told
SLIP_OF_THE_KEYBOARD = 0.01  # share of heights that are entered in cm where m belong


@dataclass(frozen=True)
class Person:
    """A patient as a modality's worklist knows one, and as the dose depends on."""

    name: str
    number: str
    sex: str
    birth_date: date
    age: float  # in years
    height: float  # in m
    weight: float  # in kg

    @property
    def diameter(self) -> float:
        """The effective diameter of the trunk in cm: that of a cylinder as tall and heavy, a little wider."""
        return 120 * 2 * sqrt(self.weight / (1000 * pi * self.height))

    @property
    def age_string(self) -> str:
        """The age as DICOM writes it: in days, weeks, months or years."""
        if self.age < 0.25:
            return f"{round(self.age * 365):03}D"
        return f"{round(self.age * 12):03}M" if self.age < 2 else f"{int(self.age):03}Y"

    def header(self, random: Random) -> dict[str, HeaderValue]:
        """What the header of a report says of the patient; rooms differ in what they are told."""
        told: dict[str, HeaderValue] = {
            "PatientName": self.name, "PatientID": self.number, "PatientSex": self.sex,
            "PatientBirthDate": self.birth_date, "PatientAge": self.age_string,
        }  # fmt: skip
        if random.random() < MEASURED:
            in_cm = random.random() < SLIP_OF_THE_KEYBOARD
            told["PatientSize"] = round(self.height * (100 if in_cm else 1), 2)
            told["PatientWeight"] = round(self.weight, 1)
        return told


def person(random: Random, studied: date, ages: tuple[float, float], sexes: str = "FM") -> Person:
    """Somebody of this age."""
    youngest, oldest = ages
    # Most patients are old: the mean of two throws and the upper end of them.
    age = youngest + (oldest - youngest) * max(random.random(), (random.random() + random.random()) / 2)
    sex = random.choice(sexes)
    height, weight = _grown_up(random, sex) if age >= ADULT else _growing(random, age)
    born = studied - timedelta(days=round(age * 365.25))
    name = f"{random.choice(FAMILY_NAMES)}^{random.choice(GIVEN_NAMES[sex])}"
    return Person(name, f"{random.randrange(10**7):07}", sex, born, age, height, weight)


def phantom(random: Random) -> Person:
    """A phantom, entered under one of the names that physicists use."""
    name = random.choice(("PHYSICS^PHANTOM", "QA^DAILY", "Test^Constancy", "ZZPHYS^Water 32cm"))
    return Person(name, f"QA{random.randrange(1000)}", "O", date(2000, 1, 1), 25, 1.0, 42.0)


def _grown_up(random: Random, sex: str) -> tuple[float, float]:
    height = random.gauss(1.77 if sex == "M" else 1.64, 0.07)
    body_mass_index = 26 * exp(random.gauss(0, 0.18))
    return height, body_mass_index * height**2


def _growing(random: Random, age: float) -> tuple[float, float]:
    for (before, low_height, low_weight), (after, high_height, high_weight) in pairwise(GROWTH):
        if before <= age <= after:
            part = (age - before) / (after - before)
            height = low_height + part * (high_height - low_height)
            weight = low_weight + part * (high_weight - low_weight)
            return height * random.gauss(1, 0.04), weight * exp(random.gauss(0, 0.12))
    raise ValueError(f"nobody grows at {age}")
