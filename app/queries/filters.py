"""What a list can be asked for: each filter reads one parameter of the address into a condition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Double, and_, false, func, literal, not_

from app.models import Study
from app.queries.lookups import room_name
from app.queries.quantities import BadNumber, Quantity
from app.queries.texts import BadWords, Has, Words


class BadParameter(ValueError):
    """A parameter of the address that is not known, or whose value is not of its kind; it says so to the person."""

    def __init__(self, sentence: str, parameter: str):
        super().__init__(sentence)
        self.parameter = parameter


@dataclass(frozen=True)
class Condition:
    """What one parameter asks of a study, as a clause and in words."""

    parameter: str
    value: str
    clause: ColumnElement[bool] = field(compare=False)  # comparing clauses makes a clause
    words: str
    label: str  # the same for a chip, where space is dear
    limit: Any = None  # of a range, the end that was asked for


@dataclass(frozen=True)
class Filter:
    """One parameter of the address; `kind` says which control of the form it has."""

    parameter: str
    title: str
    kind: ClassVar[str]

    def read(self, value: str) -> Condition:
        """The condition. Raises BadParameter for a value that is not of this kind."""
        raise NotImplementedError

    def bad(self, value: str, wanted: str) -> BadParameter:
        """What is wrong with the value, in a sentence."""
        return BadParameter(f"{self.title} is “{value}”; it takes {wanted}.", self.parameter)


@dataclass(frozen=True)
class TextFilter(Filter):
    """Words that a text has to contain, or with ! before them must not."""

    has: Has
    kind = "text"

    def read(self, value: str) -> Condition:
        """The wanted words have to be found together; a missing text contains nothing."""
        try:
            words = Words.of(value)
        except BadWords as reason:
            raise BadParameter(f"{self.title} {reason}.", self.parameter) from None
        clauses = [not_(func.coalesce(self.has((word,)), false())) for word in words.unwanted]
        if words.wanted:
            clauses.append(self.has(words.wanted))
        name, value = in_sentence(self.title), " ".join(value.split())
        return Condition(self.parameter, value, and_(*clauses), f"{name} {words}", f"{name}: {value}")


@dataclass(frozen=True)
class BoundFilter(Filter):
    """One end of the range that a quantity may lie in."""

    quantity: Quantity
    lower: bool
    kind = "number"

    def read(self, value: str) -> Condition:
        """The bound, typed in the unit for people, compared in the unit of the column."""
        try:
            limit = self.quantity.stored(value)
        except BadNumber:
            raise self.bad(value, "a number such as 12.5") from None
        bound = literal(limit, Double)  # whole numbers too may be compared with 2.5
        clause = self.quantity.column >= bound if self.lower else self.quantity.column <= bound
        name, amount = in_sentence(self.quantity.title), f"{value} {self.quantity.unit}".rstrip()
        words = f"{name} at {'least' if self.lower else 'most'} {amount}"
        return Condition(self.parameter, value, clause, words, f"{name} {'≥' if self.lower else '≤'} {amount}", limit)


@dataclass(frozen=True)
class DateFilter(Filter):
    """The first or the last day of the studies."""

    lower: bool
    kind = "date"

    def read(self, value: str) -> Condition:
        """The day itself is included."""
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise self.bad(value, "a date such as 2024-12-31") from None
        clause = Study.study_date >= day if self.lower else Study.study_date <= day
        words = f"{self.title.lower()} {day.isoformat()}"
        return Condition(self.parameter, day.isoformat(), clause, words, words, day)


@dataclass(frozen=True)
class Choice:
    """One of the answers that a filter knows."""

    title: str
    words: str
    clause: ColumnElement[bool]


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """One of a few answers; `default` is what no answer means."""

    default: str
    choices: Mapping[str, Choice]
    kind = "choice"

    def read(self, value: str) -> Condition:
        """The condition of the answer."""
        if value not in self.choices:
            raise self.bad(value, " or ".join(self.choices))
        chosen = self.choices[value]
        return Condition(self.parameter, value, chosen.clause, chosen.words, chosen.words)


@dataclass(frozen=True)
class RoomFilter(Filter):
    """The studies of one room, by its number."""

    kind = "hidden"

    def read(self, value: str) -> Condition:
        """The room's name is for the words; a room that is not there is a mistake in the address."""
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise self.bad(value, "the number of a room")
        name = room_name(int(value))
        if name is None:
            raise BadParameter(f"There is no room {value}.", self.parameter)
        return Condition(self.parameter, value, Study.equipment_id == int(value), f"room {name}", f"room: {name}")


def in_sentence(title: str) -> str:
    """The title as it stands inside a sentence: abbreviations keep their capitals."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
