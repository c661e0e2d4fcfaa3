"""The workbook of a modality: frequencies, all studies, and a sheet for each protocol."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, zip_longest
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.database import streamed
from app.exports import study_columns
from app.exports.cells import Cell
from app.exports.columns import Block, Lookups, among
from app.exports.order import Order
from app.exports.records import Below, Part, pages
from app.exports.table import Repeated, Table
from app.exports.xlsx_file import Book
from app.models import Name, Study

EVENTS_AT_ONCE = 4000
HALF = 0.5  # of the work is done when every study stands in the second sheet
NO_PROTOCOL = "No protocol"
NO_DESCRIPTION = "No study description"

Event = tuple[str | None, list[Cell]]  # its protocol and its row
Frequencies = list[tuple[Cell, Cell]]  # names, and how often each occurs


@dataclass(frozen=True)
class Workbook:
    """What the workbook of a modality has as columns."""

    study: Block
    event: Block
    relation: Below
    beside: Repeated | None = None  # what stands to the right of a study, where it is not its events

    def write(self, book: Book, order: Order) -> None:
        """Write all sheets, which tell every study twice."""
        lookups = Lookups()
        book.lines("Summary", summary(order, frequencies(order, self.relation.table)))
        self._write_studies(book, order, lookups)
        self._write_protocols(book, order, lookups)

    def _write_studies(self, book: Book, order: Order, lookups: Lookups) -> None:
        """A row for each study, its events to the right."""
        parts = [Part(self.study), self.beside or Repeated(self.event.sorted(), self.relation)]
        table = Table(parts, order.connection, order.studies, lookups)
        pages = order.told(table.pages(), order.total, end=HALF)
        book.table("All data", table.headings, pages, keys=len(self.study.columns))

    def _write_protocols(self, book: Book, order: Order, lookups: Lookups) -> None:
        """A sheet for each protocol, a row for each event."""
        headings = [*self.study.headings, *self.event.headings]
        pages = order.told(self._events(order, lookups), order.events(), begin=HALF)
        events = (event for page in pages for event in page)
        for protocol, some in groupby(events, key=lambda event: event[0]):
            book.table(protocol or NO_PROTOCOL, headings, [(cells for _, cells in some)])

    def _events(self, order: Order, lookups: Lookups) -> Iterator[list[Event]]:
        """All events by their protocols, a page at a time."""
        keys = iter(streamed(order.connection, self._keys(order), EVENTS_AT_ONCE))
        events = replace(self.relation, parent=self.relation.table.id)
        while page := list(islice(keys, EVENTS_AT_ONCE)):
            of_studies = select(Study).where(among(Study.id, {study_id for _, study_id, _ in page}))
            records = [one for some in pages(order.connection, of_studies, [Part(self.study)]) for one in some]
            study = {record.id: record.parts[0][0] for record in records}
            found = events.find(order.connection, [id for id, *_ in page], self.event)
            event = {id: rows[0] for id, rows in found.items()}
            self.study.learn(order.connection, study.values(), lookups)
            self.event.learn(order.connection, event.values(), lookups)
            told = {id: self.study.cells(values, lookups) for id, values in study.items()}
            yield [
                (protocol, [*told[study_id], *self.event.cells(event[id], lookups)]) for id, study_id, protocol in page
            ]

    def _keys(self, order: Order) -> Any:
        """Which events there are, of which study, with which protocol."""
        event = self.relation.table
        by_protocol = (func.lower(Name.text).nulls_last(), Name.id, Study.study_date, Study.study_time, Study.id)
        wanted = order.studies.with_only_columns(event.id, Study.id, Name.text).join(event, event.study_id == Study.id)
        wanted = wanted.outerjoin(Name, Name.id == event.acquisition_protocol)
        return wanted.order_by(None).order_by(*by_protocol, *self.relation.order)


@dataclass(frozen=True)
class StudyWorkbook:
    """A workbook of studies with one row each, once more on a sheet for each study description."""

    parts: Sequence[Part]

    def write(self, book: Book, order: Order) -> None:
        """Write all sheets, which tell every study twice."""
        lookups = Lookups()
        book.lines("Summary", summary(order, frequencies(order)))
        table = Table(self.parts, order.connection, order.studies, lookups)
        keys = len(self.parts[0].block.columns)
        book.table("All data", table.headings, order.told(table.pages(), order.total, end=HALF), keys)
        called = aliased(Name)
        by_description = order.studies.outerjoin(called, called.id == Study.description)
        table.studies = by_description.order_by(None).order_by(
            func.lower(called.text).nulls_last(), called.id, Study.study_date, Study.study_time, Study.id
        )
        pages = order.told(table.pages(), order.total, begin=HALF)
        place = self.parts[0].block.columns.index(study_columns.DESCRIPTION)
        for description, some in groupby((row for page in pages for row in page), key=itemgetter(place)):
            book.table(str(description or NO_DESCRIPTION), table.headings, [some], keys)


def summary(order: Order, lists: Mapping[str, Frequencies]) -> Iterator[Sequence[Cell]]:
    """The first sheet: what this is, and how often each description, procedure and protocol occurs."""
    yield from order.about
    yield []
    yield ["Total number of exams", order.total]
    yield []
    yield [heading for title in lists for heading in (title, "Frequency")]
    yield [cell for one in lists.values() for cell in (len(one), None)]
    for told in zip_longest(*lists.values(), fillvalue=(None, None)):
        yield [cell for pair in told for cell in pair]


def frequencies(order: Order, event: Any = None) -> dict[str, Frequencies]:
    """How often each name occurs among the studies and their events."""
    ids = order.studies.with_only_columns(Study.id).order_by(None)
    lists = {
        "Study Description": _frequencies(order, Study.description, Study.id.in_(ids)),
        "Requested Procedure": _frequencies(order, Study.requested_procedure, Study.id.in_(ids)),
    }
    if event is None:
        return lists | {"Radiopharmaceutical Agent": _frequencies(order, Study.agents, Study.id.in_(ids))}
    protocols = _frequencies(order, event.acquisition_protocol, event.study_id.in_(ids))
    return lists | {"Acquisition protocol": protocols}


def _frequencies(order: Order, column: InstrumentedAttribute[Any], wanted: Any) -> Frequencies:
    """The names that the column has, the most frequent first."""
    count = func.count()
    counted = select(Name.text, count).select_from(column.class_).join(Name, Name.id == column).where(wanted)
    counted = counted.group_by(Name.id, Name.text).order_by(count.desc(), Name.text)
    return [(text, times) for text, times in order.connection.execute(counted)]
