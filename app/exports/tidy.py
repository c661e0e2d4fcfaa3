"""The long table of a list, for those who analyse: an event a row, all that is stored, as the schema has it.

Names are those of the database's columns and units those in which they are stored. The schema gives both, so that a
column of the database is a column here without another line.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Double, Integer, Time
from sqlalchemy.orm import InstrumentedAttribute

from app.exports.cells import Cell
from app.exports.columns import Block, Column, Lookups, Nth, Source, column, meaning, name
from app.exports.csv_file import write_csv
from app.exports.order import Order
from app.exports.parquet_file import write_parquet
from app.exports.projection import several
from app.exports.records import Below, Part, Room, pages
from app.exports.xlsx_file import Book
from app.models import Equipment, Study

# What is of the database rather than of the study.
INTERNAL = {Study: {"problems"}, Equipment: {"identity", "modality"}}
KEY = "key"  # of an event: its UID again
SOURCES = 2  # X-ray sources of a CT event
EVENTS_AT_ONCE = 4000  # rows are wide
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Meaning:
    """What a dictionary of data says of a column."""

    name: str
    title: str
    type: str  # text, number, integer, yes or no, date, time, date and time, JSON; or a list of texts or numbers
    unit: str = ""  # UCUM, as stored
    tid: str = ""
    concept: str = ""  # scheme and code of the item in a report
    attribute: str = ""  # keyword of the attribute in a header


@dataclass(frozen=True)
class Described:
    """A column with its meaning."""

    meaning: Meaning
    column: Column


def code(lookups: Lookups, id: int | None) -> Cell:
    """Scheme and value of a code."""
    return None if id is None else f"{lookups.codes[id].scheme}:{lookups.codes[id].value}"


def naive(lookups: Lookups, moment: Any) -> Cell:
    """The moment by the clock of the device."""
    return moment.replace(tzinfo=None) if moment else None


def values(lookups: Lookups, told: Sequence[Any] | None) -> Any:
    """A list as it is; of codes their meanings."""
    return [one["meaning"] if isinstance(one, Mapping) else one for one in told] if told else None


def as_json(lookups: Lookups, told: Any) -> Cell:
    """Parts that repeat, as JSON."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else None


TYPES = {"number": "number", "date": "date", "time": "time", "moment": "date and time"}
OF_DATABASE = {Boolean: "yes or no", Integer: "integer", Double: "number", Date: "date", Time: "time"}
SHOWN: Mapping[str, Callable[..., Cell]] = {"name": name, "code": meaning, "moment": naive}


def described(model: Any, prefix: str = "", places: Sequence[int] = (), attributes: Any = None) -> Iterator[Described]:
    """The columns of a model that say something, in their order; of rows below, those at each of the places."""
    for stored in model.__table__.columns:
        if not stored.info or stored.name in INTERNAL.get(model, ()) or stored.name == KEY:
            continue
        attribute = getattr(attributes or model, stored.key)
        if not places:
            yield from _described(stored, attribute, prefix + stored.name)
        for place in places:
            yield from _described(stored, Nth(attribute, place), f"{prefix}{place + 1}_{stored.name}")


def _described(stored: Any, source: Source, called: str) -> Iterator[Described]:
    field, part = stored.info.get("field"), stored.info.get("part")
    if field is None:
        type_ = "JSON" if part or isinstance(stored.type, JSON) else _type(stored.type)
        told = Meaning(called, part.layout.title if part else stored.info["title"], type_, stored.info.get("unit", ""))
        yield Described(told, Column(called, (source,), as_json if type_ == "JSON" else None))
        return
    concept = f"{field.concept.scheme}:{field.concept.value}" if field.concept else ""
    many = field.many or field.kind == "image"
    type_ = f"list of {'numbers' if field.kind == 'number' else 'texts'}" if many else TYPES.get(field.kind, "text")
    told = Meaning(called, field.title, type_, field.unit, field.tid, concept, field.tag)
    yield Described(told, Column(called, (source,), values if many else SHOWN.get(field.kind)))
    if field.kind == "code" and not many:
        its_code = Meaning(f"{called}_code", f"{field.title}, code", "text", "", field.tid, concept, field.tag)
        yield Described(its_code, column(its_code.name, source, show=code))


def _type(type_: Any) -> str:
    return next((word for kind, word in OF_DATABASE.items() if isinstance(type_, kind)), "text")


@dataclass(frozen=True)
class Tidy:
    """The long table of one kind of study."""

    relation: Below
    also: Sequence[Described] = ()  # of the study, beside what the schema says

    @cached_property
    def study(self) -> list[Described]:
        """The columns of the room and the study."""
        own: InstrumentedAttribute[Any] = Study.id
        told = Meaning("study_id", "Number of the study in addresses", "integer")
        number = Described(told, column("study_id", own))
        return [number, *self.also, *described(Equipment, attributes=Room), *described(Study)]

    @cached_property
    def event(self) -> list[Described]:
        """The columns of the event, and of the X-ray sources below it."""
        taken = {one.meaning.name for one in self.study} | {"number"}
        event = [
            Described(Meaning(**(asdict(one.meaning) | {"name": called})), one.column.called(called))
            for one in described(self.relation.table)
            for called in [f"event_{one.meaning.name}" if one.meaning.name in taken else one.meaning.name]
        ]
        below = self.relation.below
        return [*event, *(described(below.table, "source_", range(SOURCES)) if below else ())]

    @property
    def columns(self) -> list[Described]:
        """All columns in their order."""
        return [*self.study, *self.event]

    @property
    def headings(self) -> list[str]:
        """The names of the columns."""
        return [one.meaning.name for one in self.columns]

    @property
    def dictionary(self) -> list[dict[str, str]]:
        """What each column means."""
        return [asdict(one.meaning) for one in self.columns]

    def pages(self, order: Order) -> Iterator[list[list[Any]]]:
        """The rows, some at a time; a study without events has one, so that its totals are there."""
        study, event = (Block(tuple(one.column for one in some)) for some in (self.study, self.event))
        lookups = Lookups()
        for page in pages(order.connection, order.studies, [Part(study), Part(event, self.relation)], EVENTS_AT_ONCE):
            study.learn(order.connection, (record.parts[0][0] for record in page), lookups)
            event.learn(order.connection, (values for record in page for values in record.parts[1]), lookups)
            rows = (
                [*cells, *event.cells(row, lookups)]
                for record in page
                for cells in [study.cells(record.parts[0][0], lookups)]
                for row in record.parts[1] or (None,)
            )
            while some := list(islice(rows, ROWS_AT_ONCE)):
                yield some

    def flat_pages(self, order: Order) -> Iterator[list[list[Cell]]]:
        """The same where a cell cannot hold a list: its values with a line between them."""
        lists = [place for place, one in enumerate(self.columns) if one.meaning.type.startswith("list")]
        for page in self.pages(order):
            for row in page:
                for place in lists:
                    row[place] = several(row[place] or ())
            yield page


@dataclass(frozen=True)
class TidyCsv:
    """The long table as CSV; its companion has the dictionary."""

    table: Tidy
    suffix = ".csv"

    def write(self, order: Order) -> None:
        """Write the file."""
        order.companion["columns"] = self.table.dictionary
        write_csv(order.path, self.table.headings, order.told(self.table.flat_pages(order), order.events()))


@dataclass(frozen=True)
class TidyXlsx:
    """The long table as a workbook, with the dictionary on a sheet before it."""

    table: Tidy
    suffix = ".xlsx"

    def write(self, order: Order) -> None:
        """Write the sheets; what is longer than a sheet goes on on the next."""
        meanings = self.table.dictionary
        with Book(order.path, order.date_format, order.time_format, order.notes) as book:
            book.lines("About", [*order.about, ("Total number of exams", order.total)])
            book.lines("Dictionary", [list(meanings[0]), *[list(one.values()) for one in meanings]])
            book.table("Data", self.table.headings, order.told(self.table.flat_pages(order), order.events()), keys=1)


@dataclass(frozen=True)
class TidyParquet:
    """The long table as Parquet, whose columns know what they mean."""

    table: Tidy
    suffix = ".parquet"

    def write(self, order: Order) -> None:
        """Write the file."""
        order.companion["columns"] = self.table.dictionary
        rows = order.told(self.table.pages(order), order.events())
        write_parquet(order.path, self.table.dictionary, rows, dict(order.about))
