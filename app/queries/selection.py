"""The studies of one modality that an address asks for: filtered, sorted, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, select

from app.models import Study
from app.queries import question
from app.queries.filters import BadParameter, Condition
from app.queries.modalities import MODALITIES, Modality
from app.queries.view import DEFAULTS, View

__all__ = ["BadParameter", "Selection"]

S = TypeVar("S", bound=Select[*tuple[Any, ...]])
Query = dict[str, str | list[str]]  # as JSON and addresses have it: several values where a parameter repeats


@dataclass(frozen=True)
class Selection:
    """What was asked for; it can say itself in words, as an address, and as a statement."""

    modality: Modality
    conditions: tuple[Condition, ...]
    view: View

    @classmethod
    def from_args(cls, modality: str, args: Any) -> "Selection":
        """The selection of the address. Raises BadParameter for what is not known; an empty parameter asks nothing."""
        kind = MODALITIES[modality]
        given = given_by(args)
        view = View.of(kind, {name: _single(given, name) for name in DEFAULTS if name in given})
        return cls(kind, question.read(kind.filters, given, kind.title), view)

    @classmethod
    def of_all(cls, modality: Modality) -> "Selection":
        """All studies of the modality, as a list shows them by itself."""
        return cls(modality, (), View(modality))

    @property
    def words(self) -> str:
        """The selection as a sentence would have it."""
        return ", ".join([self.modality.title, *question.sentence(self.conditions, self.modality.event_word)])

    @property
    def asked(self) -> Query:
        """What was asked of the studies, by parameter."""
        return {condition.name: condition.value for condition in self.conditions}

    @property
    def without_control(self) -> list[tuple[str, str]]:
        """What was asked that no field of the form shows, so that the form keeps it as it is."""
        return [(one.name, value) for one in self.conditions if one.negated for value in one.values]

    @property
    def groups(self) -> dict[int, tuple[Condition, ...]]:
        """What has to be met together: by every study, then by those of each alternative."""
        return question.groups(self.conditions)

    @property
    def alternatives(self) -> list[int]:
        """The numbers of the alternatives."""
        return [number for number in self.groups if number]

    def chosen(self, name: str) -> list[tuple[str, str]]:
        """The values that are chosen for the parameter, and what they are called."""
        found = (condition for condition in self.conditions if condition.name == name)
        return [pair for condition in found for pair in zip(condition.values, condition.called, strict=True)]

    @property
    def crossed(self) -> tuple[Condition, Condition] | None:
        """Both ends of a range that nothing can lie in, as the first is beyond the second."""
        return question.crossed(self.conditions)

    @property
    def page(self) -> int:
        """Which page."""
        return self.view.page

    @property
    def size(self) -> int:
        """How many studies a page has."""
        return self.view.size

    @property
    def query(self) -> Query:
        """The parameters that give this selection; what nobody asked for is left out."""
        return {**self.asked, **self.view.query}

    @property
    def digest(self) -> str:
        """What the answers to the question are remembered by: it tells nothing, and is another one each day."""
        asked = sorted((one.name, one.values) for one in self.conditions)
        return sha256(f"{self.modality.key} {asked} {date.today()}".encode()).hexdigest()

    def is_said_by(self, args: Any) -> bool:
        """Whether the address says this selection as briefly as it can."""
        return {name: args.getlist(name) for name in args} == given_by(self.query)

    def but(self, conditions: tuple[Condition, ...] | None = None, **view: Any) -> "Selection":
        """The same selection, differently looked at, from its first page unless `page` says another."""
        changed = replace(self.view, **({"page": 1} | view))
        return Selection(self.modality, self.conditions if conditions is None else conditions, changed)

    def looked_at(self, view: View) -> "Selection":
        """The same studies, looked at so."""
        return replace(self, view=view)

    def without(self, dropped: Condition) -> "Selection":
        """The selection that asks one thing less."""
        return self.but(conditions=tuple(condition for condition in self.conditions if condition != dropped))

    def opposite(self, turned: Condition) -> "Selection | None":
        """The selection with one condition turned into its opposite; None where that is asked, too."""
        return self._instead(turned, replace(turned, negated=not turned.negated))

    def either(self, first: Condition) -> "Selection":
        """The selection with one condition as the first of alternatives."""
        return self._instead(first, replace(first, alternative=1)) or self

    def _instead(self, old: Condition, new: Condition) -> "Selection | None":
        if any(one.name == new.name for one in self.conditions):
            return None
        return self.but(conditions=question.in_order(self.modality.filters, (*self.without(old).conditions, new)))

    def sorted_by(self, key: str) -> "Selection":
        """What a click on the heading gives: this order, or its reverse where it is this order already."""
        return self.but(sort=self.view.sorted_by(key))

    def studies(self) -> Select[Study]:
        """The statement that finds the studies, in no order."""
        return select(Study).where(*self.clauses())

    def clauses(self) -> list[ColumnElement[bool]]:
        """What a study has to meet."""
        return [self.modality.studies, *question.clauses(self.conditions, self.modality.event)]

    def ordered(self) -> Select[Study]:
        """The studies sorted, those that miss the value last; the id decides between equals."""
        return self.sortable(self.studies()).order_by(*self.in_order(self.sort_columns))

    def sortable(self, studies: S) -> S:
        """The studies with what they are sorted by beside them, where that is a name or of their room."""
        joined = self.view.sort_joined
        return studies if joined is None else studies.outerjoin(*joined)

    @property
    def sort_columns(self) -> tuple[Any, ...]:
        """What the list is sorted by."""
        return self.view.sort_columns

    def in_order(self, columns: Iterable[Any]) -> list[Any]:
        """The columns as an order: upwards or downwards, and what is missing last."""
        return [(column.desc() if self.view.reverse else column.asc()).nulls_last() for column in columns]


def given_by(args: Any) -> dict[str, list[str]]:
    """What the address, or a query that was kept, says; empty parameters aside."""
    pairs: Iterable[tuple[str, Any]] = args.items(multi=True) if hasattr(args, "getlist") else args.items()
    given: dict[str, list[str]] = {}
    for name, values in pairs:
        for value in values if isinstance(values, list) else [values]:
            if stripped := value.strip():
                given.setdefault(name, []).append(stripped)
    return given


def _single(given: dict[str, list[str]], name: str) -> str:
    """The one value of a parameter, which is taken out. Raises BadParameter for two."""
    values = set(given.pop(name))
    if len(values) > 1:
        raise BadParameter(f"{name} is there twice; it takes one value.", name)
    return values.pop()
