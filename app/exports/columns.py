"""Columns of an export as data: a heading, the columns of the database it needs, and how its cell comes from them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.exports.sheet import Cell
from app.models import Code, Name

Row = Sequence[Any]
Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class CodedValue:
    """A code of the standard with its meaning."""

    value: str
    meaning: str


@dataclass(frozen=True)
class Lookups:
    """The names and codes that the rows at hand refer to, by their ids."""

    names: Mapping[int, str]
    codes: Mapping[int, CodedValue]


def as_stored(lookups: Lookups, value: Cell) -> Cell:
    """The value itself."""
    return value


def name(lookups: Lookups, id: int | None) -> Cell:
    """The text of a name."""
    return None if id is None else lookups.names[id]


def persons(lookups: Lookups, id: int | None) -> Cell:
    """The text of a name that may be several persons'; DICOM separates them by a backslash."""
    return None if id is None else lookups.names[id].replace("\\", " | ")


def meaning(lookups: Lookups, id: int | None) -> Cell:
    """The meaning of a code."""
    return None if id is None else lookups.codes[id].meaning


@dataclass(frozen=True)
class Column:
    """One column of the sheet; `show` makes its cell from the values of the sources."""

    heading: str
    sources: tuple[InstrumentedAttribute[Any], ...]
    show: Callable[..., Cell]


def column(heading: str, *sources: InstrumentedAttribute[Any], show: Callable[..., Cell] = as_stored) -> Column:
    """A column the short way: most have one source and show it as it is."""
    return Column(heading, sources, show)


@dataclass(frozen=True)
class Group:
    """Columns that one row of a statement fills; its first `keys` values, ids for one, are not for them."""

    columns: tuple[Column, ...]
    keys: int = 1

    @property
    def sources(self) -> list[InstrumentedAttribute[Any]]:
        """What the statement has to select behind its keys."""
        return [source for column in self.columns for source in column.sources]

    @property
    def headings(self) -> list[str]:
        """The headings in their order."""
        return [column.heading for column in self.columns]

    def cells(self, row: Row | None, lookups: Lookups) -> list[Cell]:
        """The cells of a row; empty ones where there is no row."""
        if row is None:
            return [None] * len(self.columns)
        place, cells = self.keys, []
        for column in self.columns:
            values = row[place : place + len(column.sources)]
            cells.append(column.show(lookups, *values))
            place += len(values)
        return cells

    def references(self, rows: Iterable[Row], kind: str) -> set[int]:
        """The ids of names, or of codes, that the rows refer to."""
        places = [place for place, source in enumerate(self.sources, self.keys) if _kind(source) == kind]
        return {row[place] for row in rows for place in places if row[place] is not None}


def look_up(connection: Connection, names: set[int], codes: set[int]) -> Lookups:
    """The names and codes by their ids, in a statement each."""
    texts = select(Name.id, Name.text).where(Name.id.in_(names))
    coded = select(Code.id, Code.value, Code.meaning).where(Code.id.in_(codes))
    return Lookups(
        {id: text for id, text in connection.execute(texts)},
        {id: CodedValue(value, meaning) for id, value, meaning in connection.execute(coded)},
    )


def _kind(source: InstrumentedAttribute[Any]) -> str:
    claim = source.info.get("field")
    return "" if claim is None or claim.many else str(claim.kind)
