"""Filters whose values are chosen from what exists; of several values, one has to be met."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement

from app.queries.filters import BadParameter, Condition, Filter, in_sentence
from app.queries.lookups import room_names
from app.queries.sources import Source
from app.queries.whole import whole

MOST_VALUES = 50  # of one filter


@dataclass(frozen=True)
class ExactFilter(Filter):
    """A text as it stands in the studies; `called` are the words for those that are codes."""

    source: Source
    called: Mapping[str, str] = field(default_factory=dict)
    kind = "exact"
    repeats = True

    def read(self, *values: str) -> Condition:
        """What nobody has is no mistake: it may have been there when the address was made."""
        if any("\0" in value for value in values):
            raise BadParameter(f"{self.title} has a character that no text has.", self.parameter)
        return self._chosen(values, self.source.has(values), [self.called.get(value, value) for value in values])

    def _chosen(self, values: tuple[str, ...], clause: ColumnElement[bool], called: list[str]) -> Condition:
        if len(values) > MOST_VALUES:
            wrong = f"{self.title} has {len(values)} values; it takes at most {MOST_VALUES}."
            raise BadParameter(wrong, self.parameter)
        name, quoted = in_sentence(self.title), [f"“{one}”" for one in called]
        denied = f"{name} is not {quoted[0]}" if len(quoted) == 1 else f"{name} is neither {' nor '.join(quoted)}"
        told = {"label": f"{name} = {' or '.join(called)}", "denied": denied, "called": tuple(called)}
        return self.condition(values, clause, f"{name} is {' or '.join(quoted)}", **told)


@dataclass(frozen=True)
class RoomFilter(ExactFilter):
    """The studies of rooms, by their numbers: display names change."""

    def read(self, *values: str) -> Condition:
        """The rooms' names are for the words; a room that is not there is a mistake in the address."""
        for value in values:
            if whole(value) is None:
                raise self.bad(value, "the number of a room")
        names = room_names([int(value) for value in values])
        missing = next((value for value in values if int(value) not in names), None)
        if missing is not None:
            raise BadParameter(f"There is no room {missing}.", self.parameter)
        return self._chosen(values, self.source.has(values), [names[int(value)] for value in values])
