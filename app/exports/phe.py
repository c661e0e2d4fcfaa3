"""Forms of the UK surveys of 2019 (PHE, now UKHSA, and IPEM): a sheet whose rows are pasted into the form.

Forms have room for so much and no more: what does not fit is said, never cut in silence.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func

from app.exports.cells import Cell
from app.exports.columns import Block, Lookups
from app.exports.order import Order
from app.exports.records import Below, Part, pages
from app.exports.xlsx_file import Book

Cells = Sequence[Cell]


@dataclass(frozen=True)
class Layout:
    """The columns of a form, and how a patient fills them: from the number, the study's cells, those of its events."""

    headings: Sequence[str]
    row: Callable[[int, Cells, Sequence[Cells]], list[Cell]]


@dataclass(frozen=True)
class Form:
    """One form: its sheet, what its rows need, and how wide it is for the studies that were asked for."""

    sheet: str
    study: Block
    event: Block
    relation: Below
    layout: Callable[[Order], Layout]  # notes what does not fit
    suffix = ".xlsx"

    def write(self, order: Order) -> None:
        """Write whose it is and what does not fit, then the form's rows."""
        layout = self.layout(order)
        with Book(order.path, order.date_format, order.time_format, order.notes) as book:
            notes = [("Note", note) for note in order.notes]
            book.lines("About", [*order.about, ("Total number of exams", order.total), *notes])
            book.table(self.sheet, layout.headings, order.told(self._rows(order, layout), order.total))

    def _rows(self, order: Order, layout: Layout) -> Iterator[list[list[Cell]]]:
        lookups, number = Lookups(), 0
        for page in pages(order.connection, order.studies, [Part(self.study), Part(self.event, self.relation)]):
            self.study.learn(order.connection, (record.parts[0][0] for record in page), lookups)
            self.event.learn(order.connection, (values for record in page for values in record.parts[1]), lookups)
            yield [
                layout.row(
                    number + place,
                    self.study.cells(record.parts[0][0], lookups),
                    [self.event.cells(values, lookups) for values in record.parts[1]],
                )
                for place, record in enumerate(page, start=1)
            ]
            number += len(page)


def how_many(order: Order, condition: Any) -> int:
    """How many of the studies are so."""
    counted = order.studies.with_only_columns(func.count()).where(condition).order_by(None)
    return order.connection.scalar(counted) or 0


def most(order: Order, number: Any) -> int:
    """The largest of the numbers that the studies have."""
    return order.connection.scalar(order.studies.with_only_columns(func.max(number)).order_by(None)) or 0
