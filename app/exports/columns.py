"""Columns of an export as data: a heading, what they need of the database, and how a cell comes from that."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute

from app.exports.cells import Cell
from app.models import Code, Name

Values = Sequence[Any]  # of a row's sources, in their order
Statement = Select[*tuple[Any, ...]]
MOST_IDS = 1000  # that one statement looks up


@dataclass(frozen=True)
class Nth:
    """A column of the nth of the rows below a row: of the second X-ray source of an event, for one."""

    attribute: InstrumentedAttribute[Any]
    place: int


@dataclass(frozen=True)
class Computed:
    """Something of a study that one column of the database does not hold: found for many studies at once."""

    find: Callable[[Connection, Sequence[int]], Mapping[int, Any]]


@dataclass(frozen=True)
class Item:
    """What each object of a list that one column holds has under this key; without a key the object itself."""

    key: str = ""


Source = InstrumentedAttribute[Any] | Nth | Computed | Item


@dataclass(frozen=True)
class CodedValue:
    """A code of the standard with its meaning."""

    value: str
    meaning: str
    scheme: str


@dataclass
class Lookups:
    """The names and codes that rows refer to, by their ids; what was looked up once stays."""

    names: dict[int, str] = field(default_factory=dict)
    codes: dict[int, CodedValue] = field(default_factory=dict)

    def learn(self, connection: Connection, names: set[int], codes: set[int]) -> None:
        """Look up those that are not known yet."""
        for some in _parts(names - self.names.keys()):
            self.names |= dict(connection.execute(select(Name.id, Name.text).where(among(Name.id, some))).all())
        for some in _parts(codes - self.codes.keys()):
            coded = connection.execute(
                select(Code.id, Code.value, Code.meaning, Code.scheme).where(among(Code.id, some))
            )
            self.codes |= {id: CodedValue(*code) for id, *code in coded}


def among(attribute: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """That it is one of these numbers of ours: written into the statement they take half as long as parameters."""
    numbers = bindparam(None, list(ids), Integer, unique=True, expanding=True, literal_execute=True)
    return attribute.in_(numbers)  # type: ignore[no-any-return]


Show = Callable[..., Cell]  # from the lookups and the values of the column's sources


def name(lookups: Lookups, id: int | None) -> Cell:
    """The text of a name."""
    return None if id is None else lookups.names[id]


def persons(lookups: Lookups, id: int | None) -> Cell:
    """The text of a name that may be several persons'; DICOM separates them by a backslash."""
    return None if id is None else lookups.names[id].replace("\\", " | ")


def nothing(lookups: Lookups, value: object) -> Cell:
    """A form's column that nothing we keep can fill stays empty."""
    return None


def meaning(lookups: Lookups, id: int | None) -> Cell:
    """The meaning of a code."""
    return None if id is None else lookups.codes[id].meaning


@dataclass(frozen=True)
class Column:
    """One column of a sheet; without `show` its cell is the one source's value as it is stored."""

    heading: str
    sources: tuple[Source, ...]
    show: Show | None = None

    def called(self, heading: str) -> "Column":
        """The same column under another heading."""
        return replace(self, heading=heading)


def column(heading: str, *sources: Source, show: Show | None = None) -> Column:
    """A column the short way."""
    return Column(heading, sources, show)


@dataclass(frozen=True)
class Block:
    """Columns that stand side by side and are filled from one row."""

    columns: tuple[Column, ...]

    def sorted(self) -> "Block":
        """The same columns in the order of their headings."""
        return Block(tuple(sorted(self.columns, key=lambda column: column.heading)))

    @cached_property
    def attributes(self) -> list[InstrumentedAttribute[Any]]:
        """The columns of the row's own table that are needed, each once."""
        return [one for one in self._distinct if not isinstance(one, (Nth, Computed, Item))]

    @cached_property
    def nths(self) -> list[Nth]:
        """The columns of rows below it."""
        return [one for one in self._distinct if isinstance(one, Nth)]

    @cached_property
    def computed(self) -> list[Computed]:
        """What has to be found otherwise."""
        return [one for one in self._distinct if isinstance(one, Computed)]

    @cached_property
    def items(self) -> list[Item]:
        """What is wanted of the objects of a list."""
        return [one for one in self._distinct if isinstance(one, Item)]

    @property
    def sources(self) -> list[Source]:
        """All that the columns need, in the order in which a row has their values."""
        return [*self.attributes, *self.nths, *self.computed, *self.items]

    @cached_property
    def _distinct(self) -> list[Source]:
        return list(dict.fromkeys(source for column in self.columns for source in column.sources))

    @cached_property
    def _plan(self) -> list[tuple[Show | None, tuple[int, ...]]]:
        places = {source: place for place, source in enumerate(self.sources)}
        return [(one.show, tuple(places[source] for source in one.sources)) for one in self.columns]

    @property
    def headings(self) -> list[str]:
        """The headings in their order."""
        return [column.heading for column in self.columns]

    def cells(self, values: Values | None, lookups: Lookups) -> list[Cell]:
        """The cells of a row; empty ones where there is no row."""
        if values is None:
            return [None] * len(self.columns)
        return [
            values[places[0]] if show is None else show(lookups, *[values[place] for place in places])
            for show, places in self._plan
        ]

    def learn(self, connection: Connection, rows: Iterable[Values], lookups: Lookups) -> None:
        """Look up the names and codes of the rows."""
        wanted: dict[str, set[int]] = {"name": set(), "code": set()}
        places = [(wanted[kind], place) for place, source in enumerate(self.sources) if (kind := _kind(source))]
        for values in rows if places else ():
            for ids, place in places:
                ids.add(values[place])
        lookups.learn(connection, *({id for id in ids if id is not None} for ids in wanted.values()))


def _kind(source: Source) -> str:
    """Whether the source holds the id of a name or of a code."""
    if isinstance(source, (Computed, Item)):
        return ""
    claim = (source.attribute if isinstance(source, Nth) else source).info.get("field")
    return str(claim.kind) if claim and not claim.many and claim.kind in ("name", "code") else ""


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    waiting = iter(sorted(ids))
    while some := list(islice(waiting, MOST_IDS)):
        yield some
