"""What became of each row: counted, and written down for who asked."""

import csv
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from app.exports.csv_file import text
from app.sizes.place import log_of, rejected_of
from app.sizes.plan import Line, Plan
from app.sizes.table import Table

ADDED, UNCHANGED, MISSING, REJECTED = "added", "unchanged", "no such study", "rejected"
RESULTS = (ADDED, UNCHANGED, MISSING, REJECTED)
STUDIES = "studies"  # beside the rows: how many studies have another size now

Listener = Callable[[str, str], None]  # hears the result and the sentence of each row


def in_words(counts: dict[str, int]) -> str:
    """What came of it: 12 rows: 8 added (9 studies), 3 unchanged, 1 rejected."""
    total = sum(counts.get(result, 0) for result in RESULTS)
    parts = [f"{counts[result]:,} {result}" for result in RESULTS if counts.get(result)]
    studies = counts.get(STUDIES, 0)
    told = f" {studies:,} {'study has' if studies == 1 else 'studies have'} a new size." if studies else ""
    return (
        f"{total:,} row{'' if total == 1 else 's'}: {', '.join(parts)}.{told}" if total else "There was no row in it."
    )


def of_line(line: Line, named: bool = True) -> str:
    """Which row is meant, with its identifier where that is wanted."""
    written = _repeated(line.written) if named else ""
    return f"Row {line.number:,}" + (f", {written}" if written else "")


def _repeated(cell: str) -> str:
    """The cell where it has a digit: without any it is no number of ours, but may be a name in a column too many."""
    return cell if any(map(str.isdigit, cell)) else ""


class Files(AbstractContextManager):
    """The log, and the rejected rows as the table has them: of these only the columns that were chosen.

    Without names there are no identifiers in either, but the numbers of rows in the table that was uploaded.
    """

    def __init__(self, folder: Path, plan: Plan, table: Table, about: Sequence[str], named: bool):
        self._named, self._stack = named, ExitStack()
        self._order = sorted(range(len(plan.columns)), key=plan.columns.__getitem__)
        folder.mkdir(parents=True, exist_ok=True)
        # The marks tell Windows' programs that this is UTF-8.
        self._log = self._stack.enter_context(log_of(folder).open("w", encoding="utf-8-sig", newline="\r\n"))
        rejected = self._stack.enter_context(rejected_of(folder).open("w", encoding="utf-8-sig", newline=""))
        self._rejected = csv.writer(rejected, delimiter=table.delimiter)
        self._rejected.writerow([*(text(table.headings[column]) for column in sorted(plan.columns)), "Row", "Reason"])
        self._log.writelines(f"{line}\n" for line in about)
        if not named:
            self._log.write("This site does not keep these identifiers as they are; rows are told by their numbers\n")
        self._log.write("\n")

    def __exit__(self, *_) -> None:
        self._stack.close()

    def note(self, line: Line, result: str, sentence: str) -> None:
        """Write into the log what became of the row, and keep it where somebody may want to mend it."""
        self._log.write(f"{of_line(line, self._named)}: {sentence}\n")
        if result == REJECTED:
            cells = line.cells if self._named else ("", *line.cells[1:])
            told = [text(_repeated(cells[place])) for place in self._order]
            self._rejected.writerow([*told, line.number, line.reason])

    def end(self, sentence: str) -> None:
        """Write what came of it all."""
        self._log.write(f"\n{sentence}\n")
