"""Filters whose values are chosen from what exists; of several values, one has to be met."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Code, Equipment, Name, Study
from app.queries.filters import BadParameter, Condition, Filter, in_sentence
from app.queries.lookups import room_names

MOST_VALUES = 50  # of one filter

# Whether a text of the study is one of these.
OneOf = Callable[[tuple[str, ...]], ColumnElement[bool]]


@dataclass(frozen=True)
class ExactFilter(Filter):
    """A text as it stands in the studies; `called` are the words for those that are codes."""

    one_of: OneOf
    called: Mapping[str, str] = field(default_factory=dict)
    kind = "exact"
    repeats = True

    def read(self, *values: str) -> Condition:
        """What nobody has is no mistake: it may have been there when the address was made."""
        if any("\0" in value for value in values):
            raise BadParameter(f"{self.title} has a character that no text has.", self.parameter)
        return self._chosen(values, self.one_of(values), [f"“{self.called.get(value, value)}”" for value in values])

    def _chosen(self, values: tuple[str, ...], clause: ColumnElement[bool], called: list[str]) -> Condition:
        if len(values) > MOST_VALUES:
            wrong = f"{self.title} has {len(values)} values; it takes at most {MOST_VALUES}."
            raise BadParameter(wrong, self.parameter)
        name = in_sentence(self.title)
        denied = f"{name} is not {called[0]}" if len(called) == 1 else f"{name} is neither {' nor '.join(called)}"
        words = f"{name} is {' or '.join(called)}"
        label = f"{name} = {' or '.join(one.strip('“”') for one in called)}"
        return self.condition(values, clause, words, label=label, denied=denied)


@dataclass(frozen=True)
class RoomFilter(ExactFilter):
    """The studies of rooms, by their numbers: display names change."""

    def read(self, *values: str) -> Condition:
        """The rooms' names are for the words; a room that is not there is a mistake in the address."""
        for value in values:
            if not (value.isascii() and value.isdigit() and len(value) < 10):
                raise self.bad(value, "the number of a room")
        names = room_names([int(value) for value in values])
        missing = next((value for value in values if int(value) not in names), None)
        if missing is not None:
            raise BadParameter(f"There is no room {missing}.", self.parameter)
        return self._chosen(values, self.one_of(values), [f"“{names[int(value)]}”" for value in values])


def name_is(column: InstrumentedAttribute[int | None]) -> OneOf:
    """A text that rows share."""
    return lambda texts: column.in_(select(Name.id).where(Name.digest.in_([Name.digest_of(text) for text in texts])))


def line_is(column: InstrumentedAttribute[int | None]) -> OneOf:
    """One of several texts that stand on a line each of a name; LIKE would make capitals no difference on SQLite."""
    lines = literal("\n").concat(Name.text).concat("\n")

    def has(texts: tuple[str, ...]) -> ColumnElement[bool]:
        return column.in_(
            select(Name.id).where(or_(*(func.replace(lines, f"\n{one}\n", "") != lines for one in texts)))
        )

    return has


def code_is(column: InstrumentedAttribute[int | None]) -> OneOf:
    """A code by its meaning, whatever its scheme."""
    return lambda meanings: column.in_(select(Code.id).where(Code.meaning.in_(meanings)))


def text_is(column: InstrumentedAttribute[Any]) -> OneOf:
    """A text of the row itself."""
    return lambda texts: column.in_(texts)


def equipment_is(column: InstrumentedAttribute[Any]) -> OneOf:
    """A text of the study's room."""
    return lambda texts: Study.equipment_id.in_(select(Equipment.id).where(column.in_(texts)))


def room_is(ids: tuple[str, ...]) -> ColumnElement[bool]:
    """The study's room, by its number."""
    return Study.equipment_id.in_([int(id) for id in ids])
