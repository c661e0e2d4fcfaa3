"""Which audit entries an address asks for, newest first, however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select, tuple_

from app.extensions import db
from app.models import AuditEntry
from app.queries.filters import BadParameter
from app.queries.whole import whole

PAGE_SIZE = 50
COUNTED = 10_000  # entries; more are not counted
LONGEST = 200  # letters of what is looked for
FILTERS = ("who", "action", "outcome", "from", "until", "text")
WORDS = ("who", "action", "outcome", "text")
CURSORS = ("before", "after")
PLACE = (AuditEntry.at, AuditEntry.id)  # in time; two acts that overlap may have their numbers the other way round


@dataclass(frozen=True)
class Acts:
    """A selection of entries, as an address has it."""

    who: str = ""
    action: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""
    before: int | None = None  # older than the entry with this number
    after: int | None = None  # newer than that one

    @classmethod
    def from_args(cls, args: Mapping[str, str], known: Sequence[str] = (*FILTERS, *CURSORS)) -> "Acts":
        """The selection. Raises BadParameter for what is not known, and for a value that is not of its kind."""
        values = {name: value.strip() for name, value in args.items() if value.strip()}
        for name, value in values.items():
            if name not in known:
                raise BadParameter(f"There is no filter “{name}” here.", name)
            if len(value) > LONGEST:
                raise BadParameter(f"“{name}” is too long; it takes {LONGEST} letters.", name)
        cursors: dict[str, Any] = {name: _number(name, values[name]) for name in CURSORS if name in values}
        if len(cursors) > 1:
            raise BadParameter("A page is before an entry or after one, not both.", "after")
        kept: dict[str, Any] = {name: values[name] for name in WORDS if name in values}
        return cls(since=_day("from", values), until=_day("until", values), **kept, **cursors)

    @property
    def query(self) -> dict[str, str]:
        """The filters as an address has them; what says nothing is left out."""
        values = {name: self.since if name == "from" else getattr(self, name) for name in FILTERS}
        return {name: str(value) for name, value in values.items() if value}

    @property
    def select(self) -> Select[Any]:
        """All that match, newest first, whatever the page."""
        return select(AuditEntry).where(*self._clauses()).order_by(*(column.desc() for column in PLACE))

    def _clauses(self) -> list[ColumnElement[bool]]:
        equal = {AuditEntry.username: self.who, AuditEntry.action: self.action, AuditEntry.outcome: self.outcome}
        told = [column == value for column, value in equal.items() if value]
        if self.since:
            told.append(AuditEntry.at >= _midnight(self.since))
        if self.until:
            told.append(AuditEntry.at < _midnight(self.until + timedelta(days=1)))
        if self.text:
            places = (AuditEntry.what, cast(AuditEntry.details, Text), AuditEntry.remote_address)
            told.append(or_(*(place.icontains(self.text, autoescape=True) for place in places)))
        return told


@dataclass(frozen=True)
class Page:
    """One page of entries."""

    acts: Acts
    entries: Sequence[AuditEntry]
    count: int  # that match; COUNTED + 1 where there are more
    is_newer: bool  # whether there are newer ones
    is_older: bool

    @property
    def is_counted(self) -> bool:
        """Whether the count is exact."""
        return self.count <= COUNTED

    @property
    def newer(self) -> dict[str, str]:
        """The address of the page with newer ones."""
        return self.acts.query | {"after": str(self.entries[0].id)}

    @property
    def older(self) -> dict[str, str]:
        """The address of the page with older ones."""
        return self.acts.query | {"before": str(self.entries[-1].id)}


def page(acts: Acts) -> Page:
    """The page that is asked for, in a statement or two, or three where it is not the first one."""
    asked, found, backwards = acts.select, None, acts.after is not None
    if number := acts.before or acts.after:
        found = db.session.execute(select(*PLACE).where(AuditEntry.id == number)).one_or_none()
        if found is None:
            raise BadParameter(f"There is no entry {number}.", "after" if backwards else "before")
        place = tuple_(*PLACE)
        asked = asked.where(place > tuple_(*found) if backwards else place < tuple_(*found))
    if backwards:
        asked = asked.order_by(None).order_by(*PLACE)
    entries = list(db.session.scalars(asked.limit(PAGE_SIZE + 1)))
    is_more, entries = len(entries) > PAGE_SIZE, entries[:PAGE_SIZE]
    if backwards and not entries:
        return page(replace(acts, after=None))
    if backwards:
        entries.reverse()
    is_newer, is_older = (is_more, True) if backwards else (found is not None, is_more)
    # A word that hardly anybody used is looked for in all entries: once, not again to be counted.
    count = _counted(acts) if is_newer or is_older else len(entries)
    return Page(acts, entries, count, is_newer and bool(entries), is_older)


def _counted(acts: Acts) -> int:
    some = acts.select.order_by(None).with_only_columns(AuditEntry.id).limit(COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _midnight(day: date) -> datetime:
    """The beginning of the day on this machine's clock, as the database has moments."""
    return datetime.combine(day, time.min).astimezone(UTC).replace(tzinfo=None)


def _day(name: str, values: Mapping[str, str]) -> date | None:
    try:
        day = date.fromisoformat(values[name]) if name in values else None
    except ValueError:
        day = date.min
    if day and not 1970 < day.year < 9999:  # others have no midnight on every machine
        raise BadParameter(f"“{name}” is “{values[name]}”; it takes a date like 2026-01-31.", name)
    return day


def _number(name: str, value: str) -> int:
    number = whole(value)
    if number is None:
        raise BadParameter(f"“{name}” is “{value}”; it takes the number of an entry.", name)
    return number
