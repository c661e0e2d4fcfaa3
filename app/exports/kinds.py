"""The exports there are, a line for each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from app.exports import ct_columns, ct_csv
from app.exports.columns import Statement
from app.exports.sheet import Cell, write_csv


@dataclass(frozen=True)
class Kind:
    """One export: of which modality, what its rows are, and what its columns are called."""

    name: str  # as addresses and jobs have it
    modality: str
    title: str
    rows: Callable[[Connection, Statement], Iterator[list[Cell]]]
    heading: Callable[[int], str]
    fixed: int  # columns that are there even where they are empty

    def write(self, path: Path, connection: Connection, studies: Statement, watch: Callable[[int], None]) -> int:
        """Write the file and give the number of rows; `watch` hears how many there are so far, and may raise."""
        return write_csv(path, _watched(self.rows(connection, studies), watch), self.heading, self.fixed)


def _watched(rows: Iterable[list[Cell]], watch: Callable[[int], None]) -> Iterator[list[Cell]]:
    for count, row in enumerate(rows, start=1):
        yield row
        watch(count)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("ct-csv", "ct", "CT as CSV", ct_csv.rows, ct_columns.heading, len(ct_columns.HEADINGS)),
    )
}  # fmt: skip
