"""Brings heights and weights to the studies that lack them, by thousands of rows at a time."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update

from app.extensions import db
from app.identity import Identity
from app.models import Study
from app.sizes.identifiers import IDENTIFIERS, PATIENT
from app.sizes.measures import MEASURES, Measure
from app.sizes.outcome import ADDED, MISSING, REJECTED, STUDIES, UNCHANGED
from app.sizes.plan import Line, Plan, lines
from app.sizes.table import Table
from app.transactions import writing

BATCH = 1000  # rows in one transaction: importers wait for it where they tell of the same studies
SIZES = 1 << 32  # that are told apart
COLUMNS = ("patient_size", "patient_weight", "imported")
UPDATE_ALL = text(
    "UPDATE study SET patient_size = new.patient_size, patient_weight = new.patient_weight, imported = new.imported "
    "FROM json_to_recordset(CAST(:rows AS json)) AS new(id int, patient_size float8, patient_weight float8, "
    "imported json, old_size float8, old_weight float8) WHERE study.id = new.id "
    "AND study.patient_size IS NOT DISTINCT FROM old_size AND study.patient_weight IS NOT DISTINCT FROM old_weight"
)
UPDATE_EACH = (
    update(Study.__table__)
    .where(Study.__table__.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in COLUMNS})
)

Result = tuple[Line, str, str]  # a row, what became of it, and that in a sentence
Watch = Callable[[int], None]  # hears how many rows are done, and may raise so that it ends


class Changed(Exception):
    """Somebody else has changed a study meanwhile."""


@dataclass
class Import:
    """One import under way: what is wanted, and what came of it so far."""

    plan: Plan
    identity: Identity
    id: str  # what studies keep of where their size came from
    at: str  # and of when
    dry: bool = False  # only say what would become of each row
    counts: Counter[str] = field(default_factory=Counter)
    # Rows by what they identify; both as hashes, and number and size as one number: there may be very many.
    _first: dict[int, int] = field(default_factory=dict)

    def results(self, table: Table, watch: Watch = lambda done: None) -> Iterator[Result]:
        """What becomes of each row, once its part of the table is stored. Raises NotATable, and what `watch` does."""
        done, rows = 0, lines(table, self.plan)
        while batch := list(islice(rows, BATCH)):
            yield from self._store([self._judged(line) for line in batch])
            done += len(batch)
            watch(done)

    def _judged(self, line: Line) -> Line:
        """The row; one whose identifier an earlier row has with another size is rejected."""
        if line.reason:
            return line
        key, size = self._key(line), hash(tuple(line.values.items())) % SIZES
        if key is None:
            return replace(line, reason="It has no identifier")
        first, before = divmod(self._first.setdefault(hash((key, line.day)), line.number * SIZES + size), SIZES)
        if before == size:
            return line
        return replace(line, reason=f"Row {first:,} has another size for the same identifier, and the first counts")

    def _key(self, line: Line) -> str | None:
        return IDENTIFIERS[self.plan.kind].key(self.identity, line.written)

    def _store(self, batch: Sequence[Line]) -> list[Result]:
        """What becomes of the rows. Studies are locked only where somebody was quicker: most have nothing to write."""
        try:
            results, studies = self._try(batch, locked=False)
        except Changed:
            results, studies = self._try(batch, locked=True)
        self.counts.update(result for _, result, _ in results)
        self.counts[STUDIES] += studies
        return results

    def _try(self, batch: Sequence[Line], locked: bool) -> tuple[list[Result], int]:
        keys = {key for line in batch if not line.reason and (key := self._key(line))}
        with ExitStack() as stack:
            if not self.dry:
                stack.enter_context(writing())
            connection = db.session.connection()
            studies = _studies(connection, self.plan, keys, locked)
            results = [self._result(line, studies) for line in batch]
            changed = [study for found in studies.values() for study in found if study.changed]
            if changed and not self.dry:
                _write(connection, changed)
        db.session.rollback()
        return results, len(changed)

    def _result(self, line: Line, studies: Mapping[str, Sequence["Sized"]]) -> Result:
        if line.reason:
            return line, REJECTED, line.reason
        found = [study for study in studies.get(self._key(line) or "", ()) if self._is_near(line, study)]
        if not found:
            return line, MISSING, "no such study"
        told = [self._give(line, study) for study in found]
        new = [measure for measure in MEASURES if any(measure in one for one in told)]
        if not new:
            return line, UNCHANGED, "the study has it already" if len(found) == 1 else "the studies have it already"
        words = " and ".join(f"{one.name} {line.values[one.name]:g} {one.unit}" for one in new)
        count = sum(map(bool, told))
        return line, ADDED, f"{words} added" + (f" to {count:,} studies" if count > 1 else "")

    def _is_near(self, line: Line, study: "Sized") -> bool:
        if self.plan.kind != PATIENT:
            return True
        return study.day is not None and abs(study.day - line.day) <= timedelta(days=self.plan.days)

    def _give(self, line: Line, study: "Sized") -> list[Measure]:
        """Give the study what it lacks, or is to have instead; gives what that was."""
        given = []
        for measure in MEASURES:
            new, old = line.values.get(measure.name), study.values[measure.column]
            if new is None or new == old or (old is not None and not self._may_replace(study, measure)):
                continue
            study.values[measure.column] = new
            told = {"value": new, "at": self.at, "import": self.id, "overwrites": self.plan.overwrite}
            study.values["imported"] = (study.values["imported"] or {}) | {measure.column: told}
            study.changed = True
            given.append(measure)
        return given

    def _may_replace(self, study: "Sized", measure: Measure) -> bool:
        """Where that is wanted, but not what this import itself gave: the first row counts."""
        told = (study.values["imported"] or {}).get(measure.column)
        return self.plan.overwrite and not (told and told["import"] == self.id)


@dataclass
class Sized:
    """What a study has."""

    id: int
    day: Any
    values: dict[str, Any]
    changed: bool = False
    before: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.before = {"old_size": self.values["patient_size"], "old_weight": self.values["patient_weight"]}


def _studies(connection: Connection, plan: Plan, keys: Iterable[str], locked: bool) -> dict[str, list[Sized]]:
    """The studies with the identifiers, by these. Others who write wait, in the order of the studies' numbers."""
    column = IDENTIFIERS[plan.kind].column
    columns = (column.label("key"), Study.id, Study.study_date, *(getattr(Study, name) for name in COLUMNS))
    asked = select(*columns).where(column.in_(sorted(keys))).order_by(Study.id)
    found: dict[str, list[Sized]] = {}
    for key, id, day, *values in connection.execute(asked.with_for_update() if locked else asked):
        found.setdefault(key, []).append(Sized(id, day, dict(zip(COLUMNS, values, strict=True))))
    return found


def _write(connection: Connection, studies: Sequence[Sized]) -> None:
    """Write what the studies have now. Raises Changed where one has got another size meanwhile, or is gone.

    PostgreSQL takes all as one document; SQLite lets nobody else write meanwhile.
    """
    if connection.dialect.name == "postgresql":
        # The end of the job waits for the disk, and with it for all that was written before.
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        rows = [{"id": study.id} | study.values | study.before for study in studies]
        if connection.execute(UPDATE_ALL, {"rows": json.dumps(rows)}).rowcount != len(rows):
            raise Changed
    else:
        connection.execute(UPDATE_EACH, [{"of": study.id} | study.values for study in studies])
