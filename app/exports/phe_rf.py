"""The form of the UK survey of 2019 (PHE) for fluoroscopy and interventional radiology: a study a row, to be pasted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from app.exports import xlsx_file
from app.exports.cells import Cell
from app.exports.columns import Block, Lookups, column
from app.exports.order import Order
from app.exports.phe_dx import title
from app.exports.projection import in_unit
from app.exports.records import Part, pages
from app.exports.study_columns import AGE, SEX, STUDY_DATE
from app.exports.xlsx_file import Book
from app.models import Study

SHEET = "PHE IR-Fluoro"
WIDTH, TITLES, UNITS = 43, 5, 3  # columns; the rows above the data in which titles and units stand
ROWS_ABOVE = 6


def types(lookups: Lookups, told: Mapping[str, int] | None, events: int) -> Cell:
    """How many exposures there were, of which type."""
    if told:
        return ", ".join(f"{times} × {kind}" for kind, times in told.items())
    return f"{events} exposures"


# By its place in the form; the places between them stay for those who fill it. Of the form only the rows of units are
# known here: the other columns stand where the form for radiography has them.
PLACES = {
    2: column("Contributor's record ID", Study.id),
    3: STUDY_DATE.called("Exam date"),
    4: column("Procedure", Study.description, Study.procedure, Study.requested_procedure, show=title),
    5: column("DAP", Study.dap_total),
    7: column("Fluoroscopy time", Study.fluoro_time_total),
    8: column("Dose at reference point", Study.dose_rp_total),
    9: column("Patient weight (kg)", Study.patient_weight),
    12: AGE.called("Patient age"),
    13: SEX.called("Sex"),
    14: column("Height (cm)", Study.patient_size, show=in_unit("m", "cm")),
    42: column("Other information, comments", Study.events_by_type, Study.number_of_events, show=types),
}
NUMBER = (1, "PHE Record No")
UNIT = {5: "Gy·m²", 7: "seconds", 8: "Gy"}
UNSURE = (
    "Columns F, H and I are the form’s own. B to E, J, M to O and AQ stand where the radiography form has them: "
    "compare them with your form before you paste."
)
STUDY = Block(tuple(PLACES.values()))


@dataclass(frozen=True)
class Form:
    """The form as a workbook."""

    suffix = ".xlsx"

    def write(self, order: Order) -> None:
        """Write whose it is, then the form's rows below where its own headings are."""
        order.notes.append(UNSURE)
        with Book(order.path, order.date_format, order.time_format, order.notes) as book:
            notes = [("Note", note) for note in order.notes]
            book.lines("About", [*order.about, ("Total number of exams", order.total), *notes])
            rows = chain.from_iterable(order.told(_pages(order), order.total))
            for first in chain([next(rows, None)], rows):  # of each sheet
                some = islice(rows, xlsx_file.ROWS - ROWS_ABOVE - 1)
                book.lines(SHEET, chain(heading_rows(), [first] if first else [], some))


def heading_rows() -> list[list[Cell]]:
    """The rows above the first patient: as high as the form's own, with units where the form asks for them."""
    rows: list[list[Cell]] = [[None] * WIDTH for _ in range(ROWS_ABOVE)]
    for place, unit in UNIT.items():
        rows[UNITS][place] = unit
    for place, words in [NUMBER, *((place, one.heading) for place, one in PLACES.items())]:
        rows[TITLES][place] = words
    return rows


def _pages(order: Order) -> Iterator[list[list[Cell]]]:
    lookups, number = Lookups(), 0
    for page in pages(order.connection, order.studies, [Part(STUDY)]):
        STUDY.learn(order.connection, (record.parts[0][0] for record in page), lookups)
        rows = [STUDY.cells(record.parts[0][0], lookups) for record in page]
        yield [_row(number + place, cells) for place, cells in enumerate(rows, start=1)]
        number += len(page)


def _row(number: int, cells: Sequence[Cell]) -> list[Cell]:
    row: list[Cell] = [None] * WIDTH
    row[NUMBER[0]] = number
    for place, cell in zip(PLACES, cells, strict=True):
        row[place] = cell
    return row
