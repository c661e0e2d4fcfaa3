"""Height and weight: what they may be, in which units people write them, and what can't be true."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median, quantiles

from app.dicom.units import convert

NUMBER = re.compile(r"([+-]?(?:[0-9]{1,9}(?:[.,][0-9]{0,9})?|[.,][0-9]{1,9}))\s*([^\W\d_]*|\")\.?")
DIGITS = 6  # behind the point of what is stored
# Kilograms for each square metre of height: what nobody has, and what nearly everybody has.
IMPOSSIBLE_INDEX, USUAL_INDEX = (3, 150), (8, 60)


class Absurd(ValueError):
    """What is written can't be a height or weight; the sentence says why, and not what is written."""


@dataclass(frozen=True)
class Unit:
    """A unit as people write it."""

    name: str
    code: str  # in UCUM
    words: tuple[str, ...]  # other ways to write it


@dataclass(frozen=True)
class Measure:
    """Height or weight."""

    name: str
    title: str
    column: str  # of a study
    units: tuple[Unit, ...]  # the one that is stored first
    least: float
    most: float

    @property
    def unit(self) -> str:
        """The unit that is stored."""
        return self.units[0].name

    @property
    def limits(self) -> str:
        """What it may be, in words."""
        return f"{self.least:g} to {self.most:g} {self.unit}"

    def read(self, written: str, unit: str) -> float | None:
        """What is written, in the stored unit; nothing where nothing is written. Raises Absurd.

        A unit that stands beside the number is the one that is meant.
        """
        if not written:
            return None
        match = NUMBER.fullmatch(written.strip())
        meant = self._called(match[2].casefold()) if match and match[2] else self._named(unit)
        if match is None or meant is None:
            raise Absurd(f"{self.title} is no number")
        value = round(convert(Decimal(match[1].replace(",", ".")), meant.code, self.units[0].code), DIGITS)
        if not self.least <= value <= self.most:
            raise Absurd(f"{self.title} would be {value:g} {self.unit}; it can be {self.limits}")
        return value

    def told_by(self, heading: str) -> str | None:
        """The unit that the heading names."""
        words = re.findall(r"[^\W\d_]+", heading.casefold())
        return next((unit.name for word in words[1:] if (unit := self._called(word))), None)

    def fits(self, numbers: Iterable[float], unit: str) -> int:
        """How many of the numbers can be true in the unit."""
        stored = [convert(Decimal(repr(number)), self._named(unit).code, self.units[0].code) for number in numbers]
        return sum(self.least <= value <= self.most for value in stored)

    def _named(self, name: str) -> Unit:
        return next(unit for unit in self.units if unit.name == name)

    def _called(self, word: str) -> Unit | None:
        return next((unit for unit in self.units if word == unit.name or word in unit.words), None)


HEIGHT = Measure(
    "height", "Height", "patient_size",
    (Unit("m", "m", ("meter", "metre", "meters", "metres", "metros", "mètres")),
     Unit("cm", "cm", ("centimeter", "centimetre", "zentimeter", "centimeters", "centimetres")),
     Unit("in", "[in_i]", ('"', "inch", "inches"))),
    0.2, 2.6,
)  # fmt: skip
WEIGHT = Measure(
    "weight", "Weight", "patient_weight",
    (Unit("kg", "kg", ("kilo", "kilos", "kgs", "kilogram", "kilograms", "kilogramm")),
     Unit("lb", "[lb_av]", ("lbs", "pound", "pounds"))),
    0.3, 400,
)  # fmt: skip
MEASURES = (HEIGHT, WEIGHT)


def numbers(cells: Iterable[str]) -> list[float]:
    """The numbers among the cells."""
    found = (NUMBER.fullmatch(cell.strip()) for cell in cells)
    return [float(match[1].replace(",", ".")) for match in found if match]


def guessed_unit(measure: Measure, heading: str, cells: Sequence[str], weights: Sequence[str] = ()) -> str:
    """The unit that the heading names, else the one in which the numbers are likeliest; `weights` stand beside."""
    told, found = measure.told_by(heading), numbers(cells)
    if told or not found:
        return told or measure.units[0].name
    middle = median(found)
    if measure is WEIGHT:
        return "lb" if middle > 140 else "kg"
    if middle < 3:
        return "m"
    # 50 to 80 are inches of adults; or centimetres of infants, whom their weight tells apart; or weights in the wrong
    # column, which differ more from each other than heights do.
    of_adults = numbers(weights)
    are_adults = 48 <= middle <= 84 and of_adults and median(of_adults) > 35
    return "in" if are_adults and spread(found) <= spread(of_adults) else "cm"


def spread(values: Sequence[float]) -> float:
    """How far the middle half of the values lies apart, as a share of their middle."""
    if len(values) < 2 or not median(values):
        return 0.0
    first, _, third = quantiles(values, n=4, method="inclusive")
    return (third - first) / median(values)


def check_both(height: float | None, weight: float | None) -> None:
    """Raises Absurd where height and weight can't be of one person."""
    if height is None or weight is None:
        return
    least, most = IMPOSSIBLE_INDEX
    if not least <= weight / height**2 <= most:
        other = " They look swapped." if looks_swapped(height, weight) else ""
        raise Absurd(f"{height:g} m and {weight:g} kg can't be of one person.{other}")


def is_usual(height: float, weight: float) -> bool:
    """Whether most people are so."""
    return USUAL_INDEX[0] <= weight / height**2 <= USUAL_INDEX[1]


def looks_swapped(height: float, weight: float) -> bool:
    """Whether one would be usual with these in each other's place, in centimetres and kilograms."""
    return not is_usual(height, weight) and is_usual(weight / 100, height * 100)
