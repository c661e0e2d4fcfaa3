"""The exports there are, a line for each."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from app.exports import ct, dx, mg, nhsbsp, nm, phe_ct, phe_dx, phe_rf, projection, rf
from app.exports.csv_file import write_csv
from app.exports.identified import with_ids
from app.exports.options import Option
from app.exports.order import Order
from app.exports.records import Below, Part
from app.exports.table import LongTable, Table
from app.exports.tidy import Tidy, TidyCsv, TidyParquet, TidyXlsx
from app.exports.workbook import StudyWorkbook, Workbook
from app.exports.xlsx_file import Book

OBJECTS = 100_000  # made before the collector of garbage looks through them


class Writer(Protocol):
    """Makes a file."""

    suffix: str

    def write(self, order: Order) -> None:
        """Write the file."""


@dataclass(frozen=True)
class Csv:
    """A CSV file with a row for each study."""

    parts: Sequence[Part]
    suffix = ".csv"

    def write(self, order: Order) -> None:
        """Write the file."""
        table = Table(self.parts, order.connection, order.studies)
        write_csv(order.path, table.headings, order.told(table.pages(), order.total))


@dataclass(frozen=True)
class LongCsv:
    """A CSV file with a row for each event."""

    study: Part
    event: Part
    suffix = ".csv"

    def write(self, order: Order) -> None:
        """Write the file."""
        table = LongTable(self.study, self.event, order.connection, order.studies)
        write_csv(order.path, table.headings, order.told(table.pages(), order.events()))


@dataclass(frozen=True)
class Xlsx:
    """The workbook of a modality."""

    book: Workbook | StudyWorkbook
    suffix = ".xlsx"

    def write(self, order: Order) -> None:
        """Write the file."""
        with Book(order.path, order.date_format, order.time_format, order.notes) as book:
            self.book.write(book, order)


@dataclass(frozen=True)
class Kind:
    """One export: of which modality, as what kind of file."""

    name: str  # as addresses and jobs have it
    modality: str
    title: str
    label: str  # the same where the modality goes without saying
    writer: Writer
    options: Sequence[Option] = ()  # what it asks beside the selection
    about: str = ""  # what one should know before one answers
    group: str = ""  # under which the menu has it; without one it comes first
    identified: bool = False  # has patients' IDs, which take a right of their own

    def write(self, order: Order) -> None:
        """Write the file."""
        with _few_collections():
            self.writer.write(order)

    @property
    def contents(self) -> str:
        """What its name says beside the modality and the format, for names of files; nothing for the usual tables."""
        known = {self.modality, self.writer.suffix.removeprefix(".")}
        parts = (part for part in self.name.split("-") if part not in known)
        return "-".join("with-patient-ids" if part == "pid" else part for part in parts)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rows refer to nothing that refers to them: looking for such circles took a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _csv(modality: str, title: str, writer: Writer) -> Kind:
    return Kind(f"{modality}-csv", modality, f"{title} as CSV", "CSV", writer)


def _xlsx(modality: str, title: str, workbook: Workbook | StudyWorkbook) -> Kind:
    return Kind(f"{modality}-xlsx", modality, f"{title} as Excel workbook", "Excel workbook", Xlsx(workbook))


def _phe(name: str, title: str, form: Writer) -> Kind:
    return Kind(name, name[:2], f"PHE 2019 survey, {title}", f"PHE 2019, {title}", form, group=SURVEYS)


def _long(modality: str, title: str, relation: Below) -> tuple[Kind, ...]:
    table = Tidy(relation)
    formats: dict[str, tuple[str, Writer]] = {
        "csv": ("CSV", TidyCsv(table)),
        "xlsx": ("Excel workbook", TidyXlsx(table)),
        "parquet": ("Parquet", TidyParquet(table)),
    }
    return tuple(
        Kind(f"{modality}-long-{key}", modality, f"{title}, long table as {label}", label, writer, group=LONG)
        for key, (label, writer) in formats.items()
    )


def _identified(kinds: Mapping[str, Kind]) -> Iterator[Kind]:
    """Each that tells of studies, with their patients' IDs; forms of surveys go to others and never have them."""
    for kind in kinds.values():
        writer = with_ids(kind.writer)
        if writer is not kind.writer:
            yield replace(
                kind,
                name=f"{kind.name}-pid",
                title=f"{kind.title}, with patient identifiers",
                label=f"Long table, {kind.label}" if kind.group == LONG else kind.label,
                writer=writer,
                group=IDENTIFIED,
                identified=True,
            )


IDENTIFIED = "With patient identifiers"
SURVEYS, LONG = "Surveys", "Long table: an event a row"
NHSBSP = "NHSBSP dose survey"
KINDS = {
    kind.name: kind
    for kind in (
        _csv("ct", "CT", Csv(ct.CSV)),
        _xlsx("ct", "CT", ct.WORKBOOK),
        _phe("ct-phe-adult", "CT of adults", phe_ct.ADULTS),
        _phe("ct-phe-paediatric", "CT of children", phe_ct.CHILDREN),
        _csv("rf", "Fluoroscopy", Csv(rf.CSV)),
        _xlsx("rf", "Fluoroscopy", rf.WORKBOOK),
        _phe("rf-phe", "fluoroscopy", phe_rf.Form()),
        _csv("mg", "Mammography", LongCsv(*mg.CSV)),
        _xlsx("mg", "Mammography", mg.WORKBOOK),
        Kind("mg-nhsbsp", "mg", NHSBSP, f"{NHSBSP}…", nhsbsp.Nhsbsp(), nhsbsp.OPTIONS, nhsbsp.ABOUT, SURVEYS),
        _csv("dx", "Radiography", Csv(dx.CSV)),
        _xlsx("dx", "Radiography", dx.WORKBOOK),
        _phe("dx-phe-projection", "single projections", phe_dx.PROJECTION),
        _phe("dx-phe-study", "whole studies", phe_dx.STUDIES),
        _csv("nm", "Nuclear medicine", Csv(nm.PARTS)),
        _xlsx("nm", "Nuclear medicine", nm.WORKBOOK),
        *_long("ct", "CT", ct.EVENTS),
        *_long("rf", "Fluoroscopy", projection.EVENTS),
        *_long("mg", "Mammography", projection.EVENTS),
        *_long("dx", "Radiography", projection.EVENTS),
        *_long("nm", "Nuclear medicine", nm.ADMINISTRATIONS),
    )
}
KINDS |= {kind.name: kind for kind in _identified(KINDS)}
