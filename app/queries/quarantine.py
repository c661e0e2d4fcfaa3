"""Which objects were refused, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from app.extensions import db
from app.models import Refusal, Study
from app.queries.filters import BadParameter
from app.queries.whole import whole

RESULTS = ("failed", "not a dose object", "ignored")
PAGE_SIZE = 50
OF_LISTS = ("result", "reason", "page")
PARAMETERS = (*OF_LISTS, "id", "upto")
MEASURES = (func.count(), func.sum(case((Refusal.kept, Refusal.size), else_=0)), func.max(Refusal.id))


@dataclass(frozen=True)
class Refusals:
    """A selection of refused objects, as an address has it."""

    result: str = ""
    reason: str = ""
    id: int | None = None
    upto: int | None = None  # the highest number; what is refused later is not meant
    page: int = 1

    @classmethod
    def from_args(cls, args: Mapping[str, str], known: Sequence[str] = PARAMETERS) -> "Refusals":
        """The selection. Raises BadParameter for what is not known."""
        for name in args:
            if name not in known:
                raise BadParameter(f"There is no filter “{name}” here.", name)
        result = args.get("result", "")
        if result and result not in RESULTS:
            raise BadParameter(f"The result is “{result}”; it takes {' or '.join(RESULTS)}.", "result")
        numbers = {name: _number(name, args[name]) for name in ("id", "upto", "page") if args.get(name)}
        return cls(result=result, reason=args.get("reason", ""), **numbers)

    @property
    def query(self) -> dict[str, str]:
        """The selection as an address; what says nothing is left out."""
        values = {name: getattr(self, name) for name in PARAMETERS}
        return {name: str(value) for name, value in values.items() if value and (name, value) != ("page", 1)}

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(self.clauses)

    def but(self, **changes: Any) -> "Refusals":
        """The selection with these changes, on its first page unless told."""
        return replace(self, **({"page": 1} | changes))

    @property
    def clauses(self) -> list[ColumnElement[bool]]:
        """The conditions."""
        equal = {"result": Refusal.result, "reason": Refusal.reason, "id": Refusal.id}
        told = [column == getattr(self, name) for name, column in equal.items() if getattr(self, name)]
        return told if self.upto is None else [*told, Refusal.id <= self.upto]

    def select(self, *columns: Any) -> Select[Any]:
        """The columns of what is selected."""
        return select(*columns).where(*self.clauses)


@dataclass(frozen=True)
class Extent:
    """How many refused objects there are, how large those that are kept are together, and the newest one's number."""

    count: int
    size: int
    newest: int

    @classmethod
    def of(cls, count: int, size: Any, newest: int | None) -> "Extent":
        """What the database measured; of nothing it knows neither size nor number."""
        return cls(count, int(size or 0), newest or 0)

    @classmethod
    def of_all(cls, parts: Sequence["Extent"]) -> "Extent":
        """The parts together."""
        newest = max((one.newest for one in parts), default=0)
        return cls(sum(one.count for one in parts), sum(one.size for one in parts), newest)


@dataclass(frozen=True)
class Reason:
    """Why objects were refused, and how many for that."""

    result: str
    reason: str
    extent: Extent


@dataclass(frozen=True)
class Listing:
    """One page of refused objects; `refusals` is on a page that exists."""

    refusals: Refusals
    rows: list[tuple[Refusal, bool]]  # each with whether its study is stored
    extent: Extent
    total: int
    reasons: list[Reason]

    @property
    def pages(self) -> int:
        """How many pages there are; nothing is a page too."""
        return pages(self.extent.count)


def listing(asked: Refusals) -> Listing:
    """The page that is asked for, newest first; the last one where there are not so many."""
    reasons = _reasons()
    matching = [one.extent for one in reasons if asked.result in ("", one.result) and asked.reason in ("", one.reason)]
    found = Extent.of_all(matching)
    refusals = replace(asked, page=min(asked.page, pages(found.count)))
    is_stored = select(Study.id).where(Study.study_instance_uid == Refusal.study_instance_uid).exists()
    newest = refusals.select(Refusal, is_stored).order_by(Refusal.received_at.desc(), Refusal.id.desc())
    page = newest.limit(PAGE_SIZE).offset((refusals.page - 1) * PAGE_SIZE)
    rows = [(refusal, stored) for refusal, stored in db.session.execute(page)]
    return Listing(refusals, rows, found, sum(one.extent.count for one in reasons), reasons)


def extent(refusals: Refusals) -> Extent:
    """How much the selection is."""
    return Extent.of(*db.session.execute(refusals.select(*MEASURES)).one())


def pages(count: int) -> int:
    """How many pages so many objects fill."""
    return max(1, -(-count // PAGE_SIZE))


def _reasons() -> list[Reason]:
    group = (Refusal.result, Refusal.reason)
    measured = select(*group, *MEASURES).group_by(*group).order_by(func.count().desc(), Refusal.reason)
    return [Reason(result, reason, Extent.of(*rest)) for result, reason, *rest in db.session.execute(measured)]


def _number(name: str, value: str) -> int:
    number = whole(value)
    if number is None:
        raise BadParameter(f"“{name}” is “{value}”; it takes a whole number from 1.", name)
    return number
