"""What is to be written, for whom, and who hears how far it is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

from app.exports.columns import Statement
from app.exports.records import EVENTS

Row = TypeVar("Row")


@dataclass(frozen=True)
class Order:
    """An export that was asked for."""

    path: Path
    connection: Connection
    studies: Statement
    total: int  # how many those are
    watch: Callable[[int], None]  # hears how many of them are written so far, and may raise
    about: Sequence[tuple[str, str]] = ()  # whose it is, when, of what: titles and words
    options: Mapping[str, str] = field(default_factory=dict)  # what was answered
    notes: list[str] = field(default_factory=list)  # what whoever asked should know, said while writing
    companion: dict[str, Any] = field(default_factory=dict)  # what the companion file says beside whose it is
    date_format: str = "yyyy-mm-dd"  # of workbooks
    time_format: str = "hh:mm:ss"

    def told(
        self, pages: Iterable[Sequence[Row]], number: int, begin: float = 0, end: float = 1
    ) -> Iterator[Sequence[Row]]:
        """The pages, of so many rows in all, while it is told how far they are: from a share of the work to another."""
        count = 0
        for page in pages:
            yield page
            count += len(page)
            self.watch(round(self.total * (begin + (end - begin) * min(1, count / max(number, 1)))))

    def events(self) -> int:
        """How many events the studies have."""
        counted = self.studies.with_only_columns(EVENTS.label("events")).subquery()
        return int(self.connection.scalar(select(func.sum(counted.c.events))) or 0)  # of MariaDB a Decimal
