"""CSV that every program reads the same way (RFC 4180)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from io import StringIO
from pathlib import Path

from app.exports.cells import Cell

# Spreadsheets compute what begins like this. An apostrophe keeps it text; they show it, and nothing else helps in CSV.
COMPUTED = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, headings: Sequence[str], pages: Iterable[Iterable[Sequence[Cell]]]) -> None:
    """Write the rows under their headings, all as long as these."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces(headings, pages))


def pieces(headings: Sequence[str], pages: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[str]:
    """The same a page at a time."""
    yield "\ufeff" + _written([headings])  # the byte order mark tells Excel that this is UTF-8
    for page in pages:
        yield _written([*map(text, row), *[""] * (len(headings) - len(row))] for row in page)


def _written(rows: Iterable[Sequence[str]]) -> str:
    piece = StringIO()
    csv.writer(piece).writerows(rows)
    return piece.getvalue()


def text(cell: Cell) -> str:
    """The cell as CSV has it: numbers with the digits of the file, dates ISO, nothing for what is missing."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(COMPUTED) else cell
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)
