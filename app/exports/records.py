"""What exports read, a page of studies at a time: memory does not grow with their number, statements hardly do."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.database import streamed
from app.exports.columns import Block, Column, Item, Nth, Source, Statement, Values, among
from app.models import Equipment, Study

STUDIES_AT_ONCE = 2000
EVENTS_AT_ONCE = 8000  # a page of studies ends before it has more

Room = aliased(Equipment)  # filters have the table itself in their conditions
EVENTS: ColumnElement[int] = Study.number_of_events + Study.number_of_administrations


class Relation(Protocol):
    """Rows that belong to studies."""

    def find(self, connection: Connection, ids: Sequence[int], block: Block) -> Mapping[int, list[Values]]:
        """The values that the block needs, a list of rows for each of the studies that has some."""

    def filled(self, connection: Connection, studies: Statement, block: Block) -> list[list[bool]]:
        """For each place in a study, as many as the fullest has, which of the block's columns some study fills."""


@dataclass(frozen=True)
class Below:
    """Rows of a table that say to which study (or to which other row) they belong, in their order."""

    table: Any
    parent: InstrumentedAttribute[Any]
    order: tuple[Any, ...]
    below: "Below | None" = None  # the rows that belong to these in turn
    joins: tuple[tuple[Any, Any], ...] = ()  # tables with one row for each of these, and on what they are joined

    def find(self, connection: Connection, ids: Sequence[int], block: Block) -> Mapping[int, list[Values]]:
        """The values that the block needs, with those of the rows below."""
        wanted = self.joined(select(self.parent, self.table.id, *block.attributes), block)
        rows = connection.execute(wanted.where(among(self.parent, ids)).order_by(*self.order)).all()
        nth = self._nth(connection, [row[1] for row in rows], block.nths)
        found: dict[int, list[Values]] = defaultdict(list)
        for parent, id, *values in rows:
            found[parent].append([*values, *nth(id)])
        return found

    def joined(self, wanted: Any, block: Block) -> Any:
        """The statement with those of the joined tables that it needs."""
        needed = {one.class_ for one in (self.parent, *block.attributes)}
        for table, condition in self.joins:
            wanted = wanted.outerjoin(table, condition) if table in needed else wanted
        return wanted

    def _nth(self, connection: Connection, ids: Sequence[int], wanted: Sequence[Nth]) -> Callable[[int], list[Any]]:
        """Gives, for the id of a row, what is wanted of the rows below it."""
        if not wanted or self.below is None:
            return lambda id: []
        columns, found = [one.attribute for one in wanted], defaultdict(list)
        below = select(self.below.parent, *columns).where(among(self.below.parent, ids)).order_by(*self.below.order)
        for parent, *values in connection.execute(below):
            found[parent].append(values)
        places = [(one.place, column) for column, one in enumerate(wanted)]

        def nth(id: int) -> list[Any]:
            rows = found.get(id, ())
            return [rows[place][column] if place < len(rows) else None for place, column in places]

        return nth

    def filled(self, connection: Connection, studies: Statement, block: Block) -> list[list[bool]]:
        """One statement counts what is there, and one more what the rows below have."""
        place = func.row_number().over(partition_by=self.parent, order_by=self.order).label("place")
        of_studies = self.parent.in_(studies.with_only_columns(Study.id))
        numbered = self.joined(select(self.table.id, place, *block.attributes), block).where(of_studies).subquery()
        counts = [func.count(column) for column in list(numbered.c)[2:]]
        counted = select(numbered.c.place, *counts).group_by(numbered.c.place).order_by(numbered.c.place)
        own: list[dict[Source, int]] = [
            dict(zip(block.attributes, row[1:], strict=True)) for row in connection.execute(counted)
        ]
        if block.nths and self.below is not None:
            for row in connection.execute(self._filled_below(self.below, numbered, block.nths)):
                own[row[0] - 1] |= {one: row[2 + at] for at, one in enumerate(block.nths) if one.place == row[1] - 1}
        return [[any(told.get(source) for source in column.sources) for column in block.columns] for told in own]

    @staticmethod
    def _filled_below(below: "Below", numbered: Any, nths: Sequence[Nth]) -> Any:
        """What the rows below have, by the place of their row and their own place in it."""
        place = func.row_number().over(partition_by=below.parent, order_by=below.order).label("below")
        columns = [one.attribute.label(f"nth{at}") for at, one in enumerate(nths)]
        joined = select(numbered.c.place, place, *columns).join(numbered, numbered.c.id == below.parent).subquery()
        counts = [func.count(joined.c[f"nth{at}"]) for at in range(len(nths))]
        return select(joined.c.place, joined.c.below, *counts).group_by(joined.c.place, joined.c.below)


@dataclass(frozen=True)
class Further:
    """The rows after the first, which stands elsewhere."""

    rows: Below

    def find(self, connection: Connection, ids: Sequence[int], block: Block) -> Mapping[int, list[Values]]:
        """The values that the block needs."""
        return {id: rows[1:] for id, rows in self.rows.find(connection, ids, block).items()}

    def filled(self, connection: Connection, studies: Statement, block: Block) -> list[list[bool]]:
        """As of all rows, without the first."""
        return self.rows.filled(connection, studies, block)[1:]


@dataclass(frozen=True)
class Listed:
    """The objects of a list that a column holds, of the first of a study's rows."""

    rows: Below
    column: InstrumentedAttribute[Any]

    def find(self, connection: Connection, ids: Sequence[int], block: Block) -> Mapping[int, list[Values]]:
        """What the block wants of each object."""
        wanted = self._lists(among(self.rows.parent, ids)).order_by(*self.rows.order)
        found: dict[int, list[Values]] = {}
        for parent, objects in connection.execute(wanted):
            found.setdefault(parent, [_items(one, block) for one in objects or ()])
        return found

    def filled(self, connection: Connection, studies: Statement, block: Block) -> list[list[bool]]:
        """One statement reads all the lists: databases look into them each in its own way."""
        wanted = self._lists(self.rows.parent.in_(studies.with_only_columns(Study.id).order_by(None)))
        wanted = wanted.where(self.column.is_not(None)).execution_options(yield_per=STUDIES_AT_ONCE)
        there: list[set[int]] = []
        for _, objects in connection.execute(wanted):
            there += [set() for _ in range(len(objects) - len(there))]
            for place, one in enumerate(objects):
                there[place].update(at for at, value in enumerate(_items(one, block)) if value is not None)
        items = {item: at for at, item in enumerate(block.items)}
        return [
            [
                any(items[source] in place for source in column.sources if isinstance(source, Item))
                for column in block.columns
            ]
            for place in there
        ]

    def _lists(self, condition: ColumnElement[bool]) -> Any:
        lists = Block((Column("", (self.column,)),))
        return self.rows.joined(select(self.rows.parent, self.column), lists).where(condition)


def _items(one: Any, block: Block) -> Values:
    return [one.get(item.key) if item.key else one for item in block.items]


@dataclass(frozen=True)
class Part:
    """Columns of a sheet that one relation fills; without one it is the study itself."""

    block: Block
    relation: Relation | None = None

    def places(self, connection: Connection, studies: Statement) -> list[list[bool]]:
        """How often the block stands in a row, and each time which of its columns."""
        return [[True] * len(self.block.columns)]

    def called(self, name: str, place: int) -> str:
        """The heading of a column of that name at a place, counted from 0."""
        return name


@dataclass(frozen=True)
class Record:
    """A study: for each part of the sheet the values of its rows, one for the study itself."""

    id: int
    parts: Sequence[Sequence[Values]]


def pages(
    connection: Connection, studies: Statement, parts: Sequence[Part], at_once: int | None = None
) -> Iterator[list[Record]]:
    """The studies of the statement in its order, in pages that fit into memory; `at_once` bounds their events."""
    most = at_once or EVENTS_AT_ONCE
    own = [part.block.attributes for part in parts if part.relation is None]
    wanted = studies.with_only_columns(Study.id, EVENTS, *(one for attributes in own for one in attributes))
    stream = streamed(connection, wanted.outerjoin(Room, Study.equipment_id == Room.id), STUDIES_AT_ONCE)
    page: list[Any] = []
    events = 0
    for row in stream:
        if page and (len(page) == STUDIES_AT_ONCE or events + row[1] > most):
            yield _page(connection, page, parts)
            page, events = [], 0
        page.append(row)
        events += row[1]
    if page:
        yield _page(connection, page, parts)


def _page(connection: Connection, rows: Sequence[Any], parts: Sequence[Part]) -> list[Record]:
    ids, place, found = [row[0] for row in rows], 2, []
    for part in parts:
        if part.relation is not None:
            told = part.relation.find(connection, ids, part.block)
            found.append([told.get(id, ()) for id in ids])
        else:
            end = place + len(part.block.attributes)
            computed = [one.find(connection, ids) for one in part.block.computed]
            found.append([[[*row[place:end], *(one.get(row[0]) for one in computed)]] for row in rows])
            place = end
    return [Record(id, of_study) for id, *of_study in zip(ids, *found, strict=True)]
