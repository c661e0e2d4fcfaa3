"""The numbers of a study as people read and type them; stored they have the unit of their column."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from app.dicom.units import convert

# Stored units that people do not use, and what they use instead.
SHOWN_AS = {"Gy.m2": "cGy.cm2", "Gy": "mGy", "uA.s": "mA.s", "m2": "cm2"}
# Units that say nothing beside their title, and those that people write in another way than UCUM does.
UNIT_WORDS = {
    "1": "", "{ratio}": "", "{events}": "", "{frames}": "", "{X-Ray sources}": "",
    "a": "years", "deg": "°", "{pulse}/s": "pulses/s",
}  # fmt: skip
SPELLING = str.maketrans({".": "·", "2": "²", "u": "µ"})

COMPOUND = re.compile(
    r"(?<= )(mGy\.cm|[cu]?Gy\.c?m2|[mu]A\.s|[ck]?m2)\b"
)  # units that are spelled otherwise, after a number

FEW_DIGITS = 7  # characters of a number that fit a column
MASS_NUMBER = re.compile(r"\^(\d+m?)\^")
RAISED = str.maketrans("0123456789m", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵐ")


class BadNumber(ValueError):
    """The text is not a number."""


def unit_words(unit: str) -> str:
    """What people use for the stored unit, as they write it: cGy·cm² for Gy.m2, nothing where the title says it all."""
    unit = SHOWN_AS.get(unit, unit)
    return UNIT_WORDS[unit] if unit in UNIT_WORDS else unit.translate(SPELLING)


def with_units(text: str) -> str:
    """A text with its units as people write them: 5 mGy·cm for 5 mGy.cm."""
    return COMPOUND.sub(lambda found: found[0].translate(SPELLING), text)


def as_written(meaning: str) -> str:
    """The meaning of a code with its mass numbers raised: ¹⁸Fluorine for ^18^Fluorine."""
    return MASS_NUMBER.sub(lambda found: found[1].translate(RAISED), meaning)


def for_people(value: float | None, stored_unit: str) -> float | None:
    """The stored value in the unit that people use, with the digits that were written."""
    unit = SHOWN_AS.get(stored_unit)
    return value if value is None or unit is None else convert(Decimal(repr(value)), stored_unit, unit)


def without_crumbs(value: float) -> float:
    """What was worked out, without the crumbs of binary arithmetic."""
    return float(f"{value:.12g}")


def written(value: float) -> str:
    """All digits of the number and no more: 724.52, 12, 0.00012."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def brief(value: float) -> str:
    """All digits as far as they are few, else the first five; where everything stored is told stands every one."""
    text = written(value)
    return text if len(text) <= FEW_DIGITS else written(float(f"{value:.5g}"))


def rounded(value: float, decimals: int) -> str:
    """The number with so many decimals; with two digits where they would make it zero."""
    exact = Decimal(repr(value))
    text = f"{exact:.{decimals}f}"
    return written(float(f"{exact:.2g}")) if value and not Decimal(text) else text


def age_words(years: float) -> str:
    """An age as people say it: 63 y, below two years in months, below two months in days."""
    for unit, length in (("y", 1), ("months", 1 / 12)):
        if years >= 2 * length:
            return f"{int(years / length + 1e-6)} {unit}"
    days = round(years * 365.25)
    return f"{days} day{'s' if days != 1 else ''}"


@dataclass(frozen=True)
class Quantity:
    """A number of a study: its name in addresses, its column, what people call it."""

    key: str
    column: InstrumentedAttribute[Any]
    title: str
    decimals: int = 0  # in a list, where values are compared

    @property
    def stored_unit(self) -> str:
        """The unit that the column holds."""
        info = self.column.info
        return str(info["field"].unit if "field" in info else info["unit"])

    @property
    def unit(self) -> str:
        """The unit as people write it."""
        return unit_words(self.stored_unit)

    def of(self, row: object) -> float | None:
        """The row's value, as it is stored."""
        value: float | None = getattr(row, self.column.key)
        return value

    def words(self, value: float | None) -> str | None:
        """A value of the column as a list has it, without its unit."""
        return None if value is None else rounded(for_people(value, self.stored_unit) or 0.0, self.decimals)

    def brief(self, value: float | None) -> str | None:
        """A value of the column with all digits that matter, without its unit."""
        return None if value is None else brief(for_people(value, self.stored_unit) or 0.0)

    def stored(self, text: str) -> float:
        """What a person typed, in the unit of the column. Raises BadNumber for what is not a finite number."""
        try:
            number, unit = Decimal(text), SHOWN_AS.get(self.stored_unit)
            value = convert(number, unit, self.stored_unit) if unit else float(number)
        except (ArithmeticError, ValueError):
            raise BadNumber(text) from None
        if not math.isfinite(value):
            raise BadNumber(text)
        return value
