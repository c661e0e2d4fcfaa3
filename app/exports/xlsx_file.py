"""Workbooks of any size, a row at a time (ECMA-376): XlsxWriter's constant memory, and our own line for a row."""

import itertools
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from xml.sax.saxutils import escape  # nosec B406 # it writes XML and reads none

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app.exports.cells import Cell

ROWS, COLUMNS = 1_048_576, 16_384  # what a sheet can hold
LONGEST_TEXT = 32_767  # characters of a cell, as UTF-16 counts them: some count twice
SURELY_FITS = LONGEST_TEXT // 2
LONGEST_NAME = 31  # characters of a sheet's name
WIDEST = 30  # characters of a column that a text widens
FORBIDDEN = re.compile("[\\[\\]:*?/\\\\\x00-\x1f\ufffe\uffff]")
EPOCH = datetime(1899, 12, 30)
DAY = timedelta(days=1)
UTF_16 = "utf-16-le"
# What XML cannot hold is written as an escape, and where it knows none as the mark for what cannot be read.
UNPRINTABLE = {code: f"_x{code:04X}_" for code in range(32) if chr(code) not in "\t\n\r"} | dict.fromkeys(
    (0xFFFE, 0xFFFF), "\ufffd"
)
LIKE_AN_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
LONGEST_WORDS = {"dddd": "Wednesday", "mmmm": "September"}  # of a date


Pages = Iterable[Iterable[Sequence[Cell]]]


class Book:
    """A workbook that is written from its first sheet to its last.

    Where texts had to be cut, its first sheet of lines says so at its end, and the notes have it too.
    """

    def __init__(
        self,
        path: Path,
        date_format: str = "yyyy-mm-dd",
        time_format: str = "hh:mm:ss",
        notes: list[str] | None = None,
    ):
        self._drafts = drafts_of(path)
        self._drafts.mkdir(parents=True, exist_ok=True)
        self._book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(self._drafts)})
        self._book.use_zip64()  # where it gets larger than 4 GB
        looks = {date: date_format, time: time_format, datetime: f"{date_format} {time_format}"}
        self._formats = {kind: self._book.add_format({"num_format": look}) for kind, look in looks.items()}
        self._names: set[str] = set()
        self._about: Sheet | None = None  # the first sheet of lines
        self._notes = [] if notes is None else notes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the file; where something went wrong leave nothing behind."""
        with ExitStack() as stack:  # does all of it, though the first fails where the disk is full
            stack.callback(shutil.rmtree, self._drafts)
            for sheet in self._book.worksheets():
                stack.callback(sheet.end)
            if kind is None:
                self._tell_of_cuts()
                self._book.close()

    def _tell_of_cuts(self) -> None:
        """Nothing is cut in silence."""
        if number := sum(sheet.cut for sheet in self._book.worksheets()):
            note = (
                f"Texts longer than a workbook’s cell holds ({LONGEST_TEXT:,} characters), which were cut: {number:,}."
            )
            self._notes.append(note)
            if self._about is not None:
                self._about.go_on()
                self._about.write_line(("Note", note))
                self._about.end()

    def table(self, title: str, headings: Sequence[str], pages: Pages, keys: int = 0) -> None:
        """A sheet with the rows under their headings; what is wider or longer than a sheet goes on on the next.

        The first `keys` columns stand on each of them.
        """
        cuts = _cuts(len(headings), keys)
        sheets: list[Sheet] = []
        for row in itertools.chain.from_iterable(pages):
            if not sheets or sheets[0].lines == ROWS:
                for sheet in sheets:
                    sheet.end()
                sheets = [self._sheet(title, _cut(headings, columns)) for columns in cuts]
                for sheet, columns in zip(sheets, cuts, strict=True):
                    sheet.widen(_cut(row, columns))
            for sheet, columns in zip(sheets, cuts, strict=True):
                sheet.write_line(_cut(row, columns))
        for sheet in sheets or [self._sheet(title, _cut(headings, columns)) for columns in cuts]:
            sheet.end()

    def lines(self, title: str, lines: Iterable[Sequence[Cell]]) -> None:
        """A sheet of these lines."""
        sheet = self._sheet(title)
        self._about = self._about or sheet
        for line in lines:
            sheet.write_line(line)
            sheet.widen(line)
        sheet.end()

    def _sheet(self, title: str, headings: Sequence[Cell] = ()) -> "Sheet":
        sheet: Sheet = self._book.add_worksheet(unique_name(title, self._names), worksheet_class=Sheet)
        sheet.begin(self._formats)
        if headings:
            sheet.write_line(headings)
            sheet.widen(headings)
            sheet.freeze_panes(1, 0)
        return sheet


def drafts_of(path: Path) -> Path:
    """The folder in which the sheets of a workbook wait until it is whole."""
    return path.with_name(f"{path.name}.sheets")


def unique_name(title: str, taken: set[str]) -> str:
    """The title as a sheet may be called: at most 31 characters, none that Excel forbids, and another than those taken.

    Excel does not tell capitals apart. What is given is taken from now on.
    """
    cleaned = FORBIDDEN.sub("_", title).strip("' ")[:LONGEST_NAME].strip("' ") or "Sheet"
    name, number = cleaned, 1
    while name.casefold() in taken or name.casefold() == "history":
        number += 1
        name = f"{cleaned[: LONGEST_NAME - len(str(number)) - 3]} ({number})"
    taken.add(name.casefold())
    return name


def _cuts(width: int, keys: int) -> list[tuple[int, slice]]:
    """Which columns each sheet of a wide table has: the first ones, and a slice of the others."""
    if width <= COLUMNS:
        return [(0, slice(0, width))]
    room = COLUMNS - keys
    return [(keys, slice(start, start + room)) for start in range(keys, width, room)]


def _cut(row: Sequence[Cell], columns: tuple[int, slice]) -> Sequence[Cell]:
    keys, rest = columns
    return row if not keys and rest.stop == len(row) else [*row[:keys], *row[rest]]


class Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter says no types
    """A sheet that takes whole rows: XlsxWriter's own way writes a cell in the time in which this writes ten."""

    def begin(self, formats: dict[type, Any]) -> None:
        """Make ready; `formats` say how dates and times look."""
        self._letters: list[str] = []
        self._widths: list[int] = []  # of columns, in characters
        self._moments: dict[str, type] = {}  # by the letter of their column
        self._looks = {kind: format.num_format for kind, format in formats.items()}
        self._styles = {kind: format._get_xf_index() for kind, format in formats.items()}
        self.lines = 0
        self.cut = 0  # cells whose text did not fit

    def write_line(self, cells: Sequence[Cell]) -> None:
        """Write the next row; what is missing is an empty cell."""
        while len(self._letters) < len(cells):
            self._letters.append(xl_col_to_name(len(self._letters)))
        number = self.lines + 1
        told = [
            f'<c r="{letter}{number}"><v>{cell!r}</v></c>'  # most are numbers, and a call takes twice as long
            if (kind := type(cell)) is float or kind is int
            else self._cell(f"{letter}{number}", cell)
            for letter, cell in zip(self._letters, cells, strict=False)
            if cell is not None
        ]
        self.row_data_fh.write(f'<row r="{number}">{"".join(told)}</row>')
        self.lines = number
        self.dim_rowmin, self.dim_rowmax, self.dim_colmin, self.dim_colmax = (
            0,
            self.lines - 1,
            0,
            len(self._letters) - 1,
        )

    def widen(self, cells: Sequence[Cell]) -> None:
        """Make room for the texts; the last one runs over what is empty beside it."""
        self._widths += [0] * (len(cells) - len(self._widths))
        for place, cell in enumerate(cells[:-1]):
            if isinstance(cell, str):
                self._widths[place] = max(self._widths[place], min(len(cell) + 1, WIDEST))

    def _write_cols(self) -> None:
        """XlsxWriter asks for the columns when it puts the workbook together."""
        widths = dict(zip(self._letters, self._widths, strict=False))
        for letter, kind in self._moments.items():
            widths[letter] = max(widths.get(letter, 0), _room(self._looks[kind]))
        for letter, width in widths.items():
            if width > self.default_col_width / self.max_digit_width:
                self.set_column(f"{letter}:{letter}", width)
        super()._write_cols()
        self.col_info.clear()  # there may be thousands of sheets

    def end(self) -> None:
        """No more lines: thousands of sheets must not hold a file open each."""
        self._opt_close()

    def go_on(self) -> None:
        """One more line after all."""
        self._opt_reopen()

    def _cell(self, place: str, cell: Cell) -> str:
        if isinstance(cell, str):
            return cell and _text(place, cell if len(cell) <= SURELY_FITS else self._fitted(cell))
        if isinstance(cell, bool):
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        kind = type(cell)
        self._moments.setdefault(place.rstrip("0123456789"), kind)
        return f'<c r="{place}" s="{self._styles[kind]}"><v>{_serial(cell)!r}</v></c>'

    def _fitted(self, text: str) -> str:
        """The text as far as a cell holds it, with a mark where it is cut."""
        units = text.encode(UTF_16)
        if len(units) <= 2 * LONGEST_TEXT:
            return text
        self.cut += 1
        mark = f"… (cut: {len(text):,} characters in all)"
        return units[: 2 * (LONGEST_TEXT - len(mark))].decode(UTF_16, "ignore") + mark


def _text(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{_escaped(text)}</t></is></c>'


@lru_cache(maxsize=512)  # rows that follow each other say much the same
def _escaped(text: str) -> str:
    return escape(LIKE_AN_ESCAPE.sub("_x005F_", text).translate(UNPRINTABLE))


@lru_cache
def _room(look: str) -> int:
    """How wide a date or time of this look gets: a single letter may stand for two digits."""
    for letters, word in LONGEST_WORDS.items():
        look = look.replace(letters, word)
    return len(look) + 4


def _serial(moment: Any) -> float:
    """Days since the epoch of spreadsheets; a time of the day is a part of a day."""
    if isinstance(moment, datetime):
        return (moment - EPOCH) / DAY
    if isinstance(moment, date):
        return float((moment - EPOCH.date()).days)
    return (datetime.combine(EPOCH, moment) - EPOCH) / DAY
