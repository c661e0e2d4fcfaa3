"""The numbers of a study as people read and type them; stored they have the unit of their column."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from app.dicom.units import convert

# Units that say nothing beside their title, and those that people write in another way than UCUM does.
UNIT_WORDS = {
    "1": "", "{ratio}": "", "{events}": "", "{frames}": "", "{X-Ray sources}": "",
    "a": "years", "deg": "°", "{pulse}/s": "pulses/s",
}  # fmt: skip
SPELLING = str.maketrans({".": "·", "2": "²", "u": "µ"})


class BadNumber(ValueError):
    """The text is not a number."""


def unit_words(unit: str) -> str:
    """A UCUM unit as people write it: mGy·cm for mGy.cm, nothing where the title says it all."""
    return UNIT_WORDS[unit] if unit in UNIT_WORDS else unit.translate(SPELLING)


def shown(value: float | None, stored_unit: str, unit: str) -> float | None:
    """The stored value in the unit that people use, with the digits that were written."""
    if value is None or unit == stored_unit:
        return value
    return convert(Decimal(repr(value)), stored_unit, unit)


@dataclass(frozen=True)
class Quantity:
    """A number of a study: its name in addresses, its column, its title and unit for people."""

    key: str
    column: InstrumentedAttribute[Any]
    title: str
    unit: str = ""

    @property
    def stored_unit(self) -> str:
        """The unit that the column holds."""
        info = self.column.info
        return str(info["field"].unit if "field" in info else info["unit"])

    @property
    def unit_words(self) -> str:
        """The unit as people write it."""
        return unit_words(self.unit)

    def of(self, row: object) -> float | None:
        """The row's value in the unit for people."""
        return shown(getattr(row, self.column.key), self.stored_unit, self.unit)

    def stored(self, text: str) -> float:
        """What a person typed, in the unit of the column. Raises BadNumber for what is not a finite number."""
        try:
            number = Decimal(text)
            value = float(number) if self.unit == self.stored_unit else convert(number, self.unit, self.stored_unit)
        except ArithmeticError:
            raise BadNumber(text) from None
        if not math.isfinite(value):
            raise BadNumber(text)
        return value
