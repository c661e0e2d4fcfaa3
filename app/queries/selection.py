"""The studies of one modality that an address asks for: filtered, sorted, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, select

from app.models import Study
from app.queries.filters import BadParameter, Condition
from app.queries.modalities import ASCENDING_FIRST, MODALITIES, Modality

__all__ = ["BadParameter", "Selection"]

SIZES = (25, 50, 100, 250, 500)
DEFAULTS = {"sort": "-date", "page": "1", "size": "25"}


@dataclass(frozen=True)
class Selection:
    """What was asked for; it can say itself in words, as an address, and as a statement."""

    modality: Modality
    conditions: tuple[Condition, ...] = ()
    sort: str = DEFAULTS["sort"]
    page: int = 1
    size: int = int(DEFAULTS["size"])

    @classmethod
    def from_args(cls, modality: str, args: Any) -> "Selection":
        """The selection of the address. Raises BadParameter for what is not known; an empty parameter asks nothing."""
        kind = MODALITIES[modality]
        given = _given(args, kind)
        sort, page, size = (given.pop(name, default) for name, default in DEFAULTS.items())
        _check("sort", sort, [sign + key for key in kind.sorts for sign in ("", "-")])
        _check("size", size, [str(one) for one in SIZES])
        if not (page.isascii() and page.isdigit() and len(page) < 10 and int(page)):
            raise BadParameter(f"page is “{page}”; it takes a number from 1.", "page")
        unknown = next((name for name in given if name not in kind.filters), None)
        if unknown is not None:
            raise BadParameter(f"There is no parameter “{unknown}” for {kind.title}.", unknown)
        conditions = tuple(one.read(given[name]) for name, one in kind.filters.items() if name in given)
        return cls(kind, conditions, sort, int(page), int(size))

    @property
    def words(self) -> str:
        """The selection as a sentence would have it."""
        return ", ".join([self.modality.title, *(condition.words for condition in self.conditions)])

    @property
    def asked(self) -> dict[str, str]:
        """What was asked of the studies, by parameter."""
        return {condition.parameter: condition.value for condition in self.conditions}

    @property
    def crossed(self) -> tuple[Condition, Condition] | None:
        """Both ends of a range that nothing can lie in, as the first is beyond the second."""
        for lower, upper in pairwise(self.conditions):  # the ends of a range are neighbours
            same = lower.parameter.partition("__")[0] == upper.parameter.partition("__")[0]
            if same and lower.limit is not None and lower.limit > upper.limit:
                return lower, upper
        return None

    @property
    def view(self) -> dict[str, str]:
        """How the studies are sorted and cut into pages, where that is not as usual."""
        view = {"sort": self.sort, "page": str(self.page), "size": str(self.size)}
        return {name: value for name, value in view.items() if value != DEFAULTS[name]}

    @property
    def query(self) -> dict[str, str]:
        """The parameters that give this selection; what nobody asked for is left out."""
        return self.asked | self.view

    def but(self, **changes: Any) -> "Selection":
        """The same selection, differently sorted or cut into pages, from its first page unless `page` says another."""
        return replace(self, **({"page": 1} | changes))

    def without(self, dropped: Condition) -> "Selection":
        """The selection that asks one thing less."""
        return self.but(conditions=tuple(condition for condition in self.conditions if condition != dropped))

    def sorted_by(self, key: str) -> "Selection":
        """What a click on the heading gives: this order, or its reverse where it is this order already."""
        first = key if key in ASCENDING_FIRST else f"-{key}"
        reverse = f"-{key}" if key in ASCENDING_FIRST else key
        return self.but(sort=reverse if self.sort == first else first)

    def direction(self, key: str) -> str:
        """How the list is sorted by the key: ascending, descending, or none."""
        return {key: "ascending", f"-{key}": "descending"}.get(self.sort, "none")

    def studies(self) -> Select[Study]:
        """The statement that finds the studies, in no order."""
        clauses = [self.modality.studies, *(condition.clause for condition in self.conditions)]
        return select(Study).where(*clauses)

    def ordered(self) -> Select[Study]:
        """The studies sorted, those that miss the value last; the id decides between equals."""
        columns = (*self.modality.sorts[self.sort.removeprefix("-")], Study.id)
        reverse = self.sort.startswith("-")
        return self.studies().order_by(*((one.desc() if reverse else one.asc()).nulls_last() for one in columns))


def _given(args: Any, kind: Modality) -> dict[str, str]:
    """What the address says, empty parameters aside. Raises BadParameter for two answers to one question."""
    pairs: Iterable[tuple[str, str]] = args.items(multi=True) if hasattr(args, "getlist") else args.items()
    given: dict[str, str] = {}
    for name, value in pairs:
        value = value.strip()
        if value and given.setdefault(name, value) != value:
            title = kind.filters[name].title if name in kind.filters else name
            raise BadParameter(f"{title} is there twice; it takes one value.", name)
    return given


def _check(name: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise BadParameter(f"{name} is “{value}”; it takes {', '.join(known)}.", name)
