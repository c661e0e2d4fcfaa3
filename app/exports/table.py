"""Sheets with a row for each study, or with a row for each of its events.

Of a study with a row of its own, what belongs to it stands to the right, as often as the fullest study has it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress

from sqlalchemy import Connection

from app.exports.cells import Cell
from app.exports.columns import Lookups, Statement, Values
from app.exports.records import Part, pages

CELLS_AT_ONCE = 400_000  # one study of very many events makes all rows as wide as its own


@dataclass(frozen=True)
class Repeated(Part):
    """Columns that stand there for each row of the relation; `heading` says how theirs are called.

    A column's own heading may say by `{n}` where the number stands in it.
    """

    heading: str = "E{n} {name}"
    only_filled: bool = False  # leave out the columns that nothing fills, at each place
    begin: int = 1  # the number of the first

    def places(self, connection: Connection, studies: Statement) -> list[list[bool]]:
        """As often as the fullest study has rows."""
        if self.relation is None:
            return super().places(connection, studies)
        filled = self.relation.filled(connection, studies, self.block)
        return filled if self.only_filled else [[True] * len(there) for there in filled]

    def called(self, name: str, place: int) -> str:
        """The heading with the number of its place."""
        number = self.begin + place
        return self.heading.format(n=number, name=name).replace("{n}", str(number))


@dataclass
class Table:
    """The sheet of some studies; how wide it is, is asked of the database beforehand."""

    parts: Sequence[Part]
    connection: Connection
    studies: Statement
    lookups: Lookups = field(default_factory=Lookups)

    def __post_init__(self) -> None:
        """Find out which columns there are: for each part, at each place, which of the block's."""
        self._there = [part.places(self.connection, self.studies) for part in self.parts]
        self._begins = list(accumulate((sum(map(sum, places)) for places in self._there), initial=0))[:-1]

    @property
    def headings(self) -> list[str]:
        """The headings, numbered where a part repeats."""
        return [
            part.called(name, place)
            for part, places in zip(self.parts, self._there, strict=True)
            for place, there in enumerate(places)
            for name in compress(part.block.headings, there)
        ]

    def pages(self) -> Iterator[list[list[Cell]]]:
        """The rows, a page at a time, wide ones fewer at once; a row may end where nothing more is there."""
        most = max(1, CELLS_AT_ONCE // max(1, len(self.headings)))
        for page in pages(self.connection, self.studies, self.parts):
            for place, part in enumerate(self.parts):
                rows = (values for record in page for values in record.parts[place])
                part.block.learn(self.connection, rows, self.lookups)
            for start in range(0, len(page), most):
                yield [self._row(record.parts) for record in page[start : start + most]]

    def _row(self, told: Sequence[Sequence[Values]]) -> list[Cell]:
        row: list[Cell] = []
        for part, rows, places, begin in zip(self.parts, told, self._there, self._begins, strict=True):
            row += [None] * (begin - len(row))
            for values, there in zip(rows, places, strict=False):
                cells = part.block.cells(values, self.lookups)
                row += cells if all(there) else compress(cells, there)
        return row


@dataclass
class LongTable:
    """The sheet of some studies' events: a row for each, beginning with its study."""

    study: Part
    event: Part
    connection: Connection
    studies: Statement
    lookups: Lookups = field(default_factory=Lookups)

    @property
    def headings(self) -> list[str]:
        """The headings in their order."""
        return [*self.study.block.headings, *self.event.block.headings]

    def pages(self) -> Iterator[list[list[Cell]]]:
        """The rows, a page of studies at a time."""
        study, event = self.study.block, self.event.block
        for page in pages(self.connection, self.studies, [self.study, self.event]):
            study.learn(self.connection, (record.parts[0][0] for record in page), self.lookups)
            event.learn(self.connection, (values for record in page for values in record.parts[1]), self.lookups)
            yield [
                [*study.cells(record.parts[0][0], self.lookups), *event.cells(values, self.lookups)]
                for record in page
                for values in record.parts[1]
            ]
