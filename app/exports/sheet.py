"""CSV that every program reads the same way (RFC 4180), however many rows and columns there are."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import TextIO

Cell = str | int | float | date | time | None

# Spreadsheets compute what begins like this. An apostrophe keeps it text; they show it, and nothing else helps in CSV.
COMPUTED = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, rows: Iterable[Sequence[Cell]], heading: Callable[[int], str], fixed: int) -> int:
    """Write the rows as they come and give their number; every row gets as long as the heading.

    `heading` names the column at a place. Columns from place `fixed` on that are empty in every row are left out,
    which is known at the end only: until then the rows wait in a file, so that memory does not grow with their number.
    """
    scratch = scratch_of(path)
    try:
        with scratch.open("w+", encoding="utf-8") as waiting:
            used, count = _spool(waiting, rows, fixed)
            waiting.seek(0)
            # The byte order mark tells Excel that this is UTF-8.
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([heading(place) for place in used])
                writer.writerows(_unspool(waiting, used))
    finally:
        scratch.unlink(missing_ok=True)
    return count


def scratch_of(path: Path) -> Path:
    """Where the rows wait while the file is being made."""
    return path.with_name(f"{path.name}.rows")


def text(cell: Cell) -> str:
    """The cell as CSV has it: numbers with the digits of the file, dates ISO, nothing for what is missing."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(COMPUTED) else cell
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


def _spool(file: TextIO, rows: Iterable[Sequence[Cell]], fixed: int) -> tuple[list[int], int]:
    """Keep the rows as text; gives the places of the columns to be written, and the number of rows."""
    used, count = set(range(fixed)), 0
    for row in rows:
        texts = [text(cell) for cell in row]
        used.update(place for place, told in enumerate(texts) if told)
        file.write(json.dumps(texts) + "\n")
        count += 1
    return sorted(used), count


def _unspool(file: TextIO, used: list[int]) -> Iterator[list[str]]:
    for line in file:
        texts = json.loads(line)
        yield [texts[place] if place < len(texts) else "" for place in used]
