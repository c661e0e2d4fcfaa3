"""What a list can be asked for: each filter reads one parameter of the address into a condition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Double, and_, false, func, literal, not_

from app.models import Study
from app.queries.quantities import BadNumber, Quantity
from app.queries.texts import BadWords, Has, Words
from app.queries.whole import whole

MOST_DAYS = 36500  # of a relative date: a century


class BadParameter(ValueError):
    """A parameter that is not known, or whose value is not of its kind; it says so to the person."""

    def __init__(self, sentence: str, parameter: str):
        super().__init__(sentence)
        self.parameter = parameter


@dataclass(frozen=True)
class Condition:
    """What one parameter asks of a study, as a clause and in words, and how it is joined to the others."""

    parameter: str
    values: tuple[str, ...]
    clause: ColumnElement[bool] = field(compare=False)  # comparing clauses makes a clause
    words: str
    label: str  # the same for a chip, where space is dear
    denied: str  # the words of its opposite
    limit: Any = None  # of a range, the end that was asked for
    called: tuple[str, ...] = ()  # what the values are called, where they were chosen
    of_event: bool = False  # asked of an event of the study
    negated: bool = False
    alternative: int = 0  # the number of the one that it belongs to; none where every study has to meet it

    @property
    def name(self) -> str:
        """Its parameter as the address has it."""
        return name_of(self.parameter, self.alternative, self.negated)

    @property
    def value(self) -> str | list[str]:
        """What the address says of it: several values where it has several."""
        return self.values[0] if len(self.values) == 1 else list(self.values)

    @property
    def chip(self) -> str:
        """Its label, and whether it is negated."""
        return f"not {self.label}" if self.negated else self.label


def name_of(parameter: str, alternative: int = 0, negated: bool = False) -> str:
    """The parameter with what the address says before it: any2.not.station."""
    return (f"any{alternative}." if alternative else "") + ("not." if negated else "") + parameter


@dataclass(frozen=True)
class Filter:
    """One parameter of the address; `kind` says which control of the form it has."""

    parameter: str
    title: str
    of_event: bool = field(default=False, kw_only=True)
    kind: ClassVar[str]
    repeats: ClassVar[bool] = False  # whether it takes several values, of which one has to be met

    def read(self, *values: str) -> Condition:
        """The condition. Raises BadParameter for a value that is not of this kind."""
        raise NotImplementedError

    def bad(self, value: str, wanted: str) -> BadParameter:
        """What is wrong with the value, in a sentence."""
        return BadParameter(f"{self.title} is “{value}”; it takes {wanted}.", self.parameter)

    def named(self, alternative: int) -> str:
        """Its parameter in an alternative, or in what every study has to meet."""
        return name_of(self.parameter, alternative)

    def condition(self, values: tuple[str, ...], clause: ColumnElement[bool], words: str, **more: Any) -> Condition:
        """A condition of this filter; its label and the words of its opposite follow from its words, unless told."""
        label = more.pop("label", words)
        told = {"denied": f"not {words}", **more}
        label = f"event {label}" if self.of_event else label
        return Condition(self.parameter, values, clause, words, label, of_event=self.of_event, **told)


@dataclass(frozen=True)
class TextFilter(Filter):
    """Words that a text has to contain, or with ! before them must not."""

    has: Has
    choices: str = field(default="", kw_only=True)  # the filter by which the same text is chosen from what exists
    kind = "text"

    def read(self, *values: str) -> Condition:
        """The wanted words have to be found together; a missing text contains nothing."""
        try:
            words = Words.of(values[0])
        except BadWords as reason:
            raise BadParameter(f"{self.title} {reason}.", self.parameter) from None
        clauses = [not_(func.coalesce(self.has((word,)), false())) for word in words.unwanted]
        if words.wanted:
            clauses.append(self.has(words.wanted))
        name, value = in_sentence(self.subject), " ".join(values[0].split())
        denied = f"not {name} {words}" if words.unwanted else f"{name} does not contain {words.several}"
        told = {"label": f"{name}: {value}", "denied": denied}
        return self.condition((value,), and_(*clauses), f"{name} {words}", **told)

    @property
    def subject(self) -> str:
        """What has the text; of an event, the words around say so."""
        return self.title.removeprefix("Event ")


@dataclass(frozen=True)
class BoundFilter(Filter):
    """One end of the range that a quantity may lie in."""

    quantity: Quantity
    lower: bool
    kind = "number"

    def read(self, *values: str) -> Condition:
        """The bound, typed in the unit for people, compared in the unit of the column."""
        (value,) = values
        try:
            limit = self.quantity.stored(value)
        except BadNumber:
            raise self.bad(value, "a number such as 12.5") from None
        bound = literal(limit, Double)  # whole numbers too may be compared with 2.5
        clause = self.quantity.column >= bound if self.lower else self.quantity.column <= bound
        name, amount = in_sentence(self.quantity.title), f"{value} {self.quantity.unit}".rstrip()
        bound_words = f"at {'least' if self.lower else 'most'} {amount}"
        told = {"label": f"{name} {'≥' if self.lower else '≤'} {amount}", "denied": f"{name} not {bound_words}"}
        return self.condition((value,), clause, f"{name} {bound_words}", limit=limit, **told)


@dataclass(frozen=True)
class DateFilter(Filter):
    """The first or the last day of the studies."""

    lower: bool
    kind = "date"

    def read(self, *values: str) -> Condition:
        """The day itself is included."""
        (value,) = values
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise self.bad(value, "a date such as 2024-12-31") from None
        clause = Study.study_date >= day if self.lower else Study.study_date <= day
        words = f"{self.title.lower()} {day.isoformat()}"
        return self.condition((day.isoformat(),), clause, words, limit=day)


@dataclass(frozen=True)
class LastFilter(Filter):
    """The studies of the last days, whenever one asks."""

    kind = "last"
    usual: ClassVar[tuple[int, ...]] = (7, 28, 90, 365)

    def options(self, asked: str) -> list[tuple[str, str]]:
        """The numbers of days to choose from, with the one that is asked."""
        days = sorted({*self.usual, *([int(asked)] if asked else [])})
        return [("", "Whenever"), *((str(one), f"Last {one} days") for one in days)]

    def read(self, *values: str) -> Condition:
        """The days before today, and today."""
        (value,) = values
        days = whole(value, MOST_DAYS)
        if days is None:
            raise self.bad(value, f"a number of days from 1 to {MOST_DAYS}")
        clause = Study.study_date >= date.today() - timedelta(days)
        return self.condition((str(days),), clause, f"last {days} days" if days > 1 else "since yesterday")


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
    answers: Mapping[str, Choice]
    kind = "choice"

    def options(self, asked: str) -> list[tuple[str, str]]:
        """The answers, and no answer."""
        return [("", self.default), *((key, one.title) for key, one in self.answers.items())]

    def read(self, *values: str) -> Condition:
        """The condition of the answer."""
        (value,) = values
        if value not in self.answers:
            raise self.bad(value, " or ".join(self.answers))
        chosen = self.answers[value]
        return self.condition((value,), chosen.clause, chosen.words)


def in_sentence(title: str) -> str:
    """The title as it stands inside a sentence: abbreviations keep their capitals."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
