"""Applies changed patterns for test patients to what is kept: the names are not, but the patterns that they matched."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection, bindparam, select, update

from app.extensions import db
from app.ingest.patient import Patterns, pattern_of
from app.ingest.receive import in_transaction
from app.models import Study

BATCH = 500  # studies in one transaction

MARKED = select(Study.id, Study.test_patterns).where(Study.test_patient.is_not(None)).order_by(Study.id)
CHANGE = (
    update(Study.__table__)
    .where(Study.__table__.c.id == bindparam("study"))
    .values(test_patient=bindparam("first"), test_patterns=bindparam("marks"))
)


def apply(patterns: Patterns) -> Iterator[tuple[int, int]]:
    """Take away the marks whose patterns are no longer set; gives, batch by batch, how many were looked at and changed.

    New patterns can't be applied: no name is kept that they could match.
    """
    wanted = {f"{where}: {pattern}".casefold() for where, some in patterns.items() for pattern in some}
    last = 0
    while rows := _after(last):
        changes = [change for row in rows if (change := _change(row.id, row.test_patterns or [], wanted))]
        if changes:
            in_transaction(partial(_write, changes))
        last = rows[-1].id
        yield len(rows), len(changes)


def _write(changes: list, connection: Connection) -> None:
    connection.execute(CHANGE, changes)


def _after(id: int) -> list:
    with db.engine.connect() as connection:
        return list(connection.execute(MARKED.where(Study.id > id).limit(BATCH)))


def _change(id: int, marks: list[str], wanted: set[str]) -> dict[str, object] | None:
    left = [mark for mark in marks if mark.casefold() in wanted]
    if left and left == marks:
        return None
    return {"study": id, "first": pattern_of(left[0]) if left else None, "marks": left or None}
