"""A table of text as people save it: whatever its encoding, its delimiter, its line ends."""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

# Where several fit the first does: a comma may be a decimal sign. The rare ones count only where no other fits, and
# every row has as many cells: words and times have them too.
DELIMITERS, RARE_DELIMITERS = ";\t|,", "^~#*:! "
START_BYTES, SNIFFED_LINES = 4096, 200
SEPARATOR = re.compile(r'"?sep=(.)"?\s*')  # spreadsheets are told the delimiter in such a first line
MOST_COLUMNS = 1000
DOCUMENTS = (b"%pdf-", b"{\\rtf", b"<!doctype", b"<html", b"<?xml")  # how those begin that are text, too
CONTROLS = set(range(9)) | set(range(14, 32))

NO_TEXT = "This is no text. Save the table as CSV, then try again."
WORKBOOK = "This is a workbook or an archive, not text. Save the table as CSV, then try again."
DOCUMENT = "This is a document, not a table. Save the table as CSV, then try again."
EMPTY = "There is nothing in it."
ONE_COLUMN = "It has one column only, or its columns are not separated by one sign, as a comma or a semicolon."
TOO_WIDE = f"It has more than {MOST_COLUMNS:,} columns."
NOT_CLOSED = "Near its row {:,} a quotation mark is opened and never closed."

Row = tuple[int, list[str]]  # its number as spreadsheets count, and its cells


class NotATable(ValueError):
    """The file can't be read as a table; the sentence says why."""


@dataclass(frozen=True)
class Table:
    """A file of text with headings in its first row."""

    path: Path
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    first: int  # the number of the row with the headings

    @classmethod
    def of(cls, path: Path) -> "Table":
        """The table in the file. Raises NotATable."""
        encoding = _encoding(path)
        with _open(path, encoding) as file:
            lines = list(islice(file, SNIFFED_LINES))
        told = SEPARATOR.fullmatch(lines[0]) if lines else None
        delimiter = told[1] if told else _delimiter(lines)
        first, headings = next(_records(iter(lines), delimiter, 1 if told else 0), (0, []))
        if not headings:
            raise NotATable(EMPTY)
        if len(headings) > MOST_COLUMNS:
            raise NotATable(TOO_WIDE)
        return cls(path, encoding, delimiter, tuple(headings), first)

    def rows(self) -> Iterator[Row]:
        """The rows below the headings that have anything in them, as wide as these. Raises NotATable."""
        width = len(self.headings)
        with _open(self.path, self.encoding) as file:
            for number, cells in _records(file, self.delimiter, self.first):
                yield number, cells[:width] + [""] * (width - len(cells))

    def beginning(self, count: int) -> list[Row]:
        """The first rows, as many as there are of so many. Raises NotATable."""
        return list(islice(self.rows(), count))


def _open(path: Path, encoding: str):
    return path.open(encoding=encoding, errors="replace", newline="")


def _records(lines: Iterator[str], delimiter: str, after: int) -> Iterator[Row]:
    """The records behind the one with that number, without those that have nothing in them."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > after and any(map(str.strip, cells)):
                yield number, [cell.replace("\0", "").strip() for cell in cells]
    except csv.Error:
        raise NotATable(NOT_CLOSED.format(number + 1)) from None


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(START_BYTES)
        _refuse_what_is_no_table(start)
        if start.startswith(BOM_UTF8):
            return "utf-8-sig"
        if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in start:
            return _without_mark(start)
        if CONTROLS.intersection(start):
            raise NotATable(NO_TEXT)
        file.seek(0)
        decoder = getincrementaldecoder("utf-8")()
        try:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _refuse_what_is_no_table(start: bytes) -> None:
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NotATable(WORKBOOK)
    if start.removeprefix(BOM_UTF8).lstrip().lower().startswith(DOCUMENTS):
        raise NotATable(DOCUMENT)


def _without_mark(start: bytes) -> str:
    """UTF-16 that does not say so: its every other byte is a zero, where it is in a Latin script."""
    low, high = start[0::2].count(0), start[1::2].count(0)
    encoding = "utf-16-le" if high > low else "utf-16-be"
    try:
        text = start[: len(start) // 2 * 2].decode(encoding)
    except UnicodeDecodeError:
        raise NotATable(NO_TEXT) from None
    if CONTROLS.intersection(map(ord, text)):
        raise NotATable(NO_TEXT)
    return encoding


def _delimiter(lines: Sequence[str]) -> str:
    """The sign that gives most rows as many cells as there are headings."""
    usual = list(_fitting(lines, DELIMITERS))
    found = usual or [one for one in _fitting(lines, RARE_DELIMITERS) if one[0] == 1]
    if not found:
        raise NotATable(ONE_COLUMN if any(map(str.strip, lines)) else EMPTY)
    return max(found)[-1]


def _fitting(lines: Sequence[str], signs: str) -> Iterator[tuple[float, int, int, str]]:
    """Of each sign that parts the headings: how many rows are as wide as these, how wide, its rank, and itself."""
    for place, sign in enumerate(signs):
        widths = list(_widths(lines, sign))
        if widths and widths[0] > 1:
            yield sum(width == widths[0] for width in widths) / len(widths), widths[0], -place, sign


def _widths(lines: Sequence[str], sign: str) -> Iterator[int]:
    try:
        for _, cells in _records(iter(lines), sign, 0):
            yield len(cells)
    except NotATable:
        return  # with the right sign it may be one
