"""Texts that nothing refers to any more go: one may hold what somebody typed of a patient whose studies were deleted.

The database decides by its foreign keys: of an importer that takes up a text and the sweep that deletes it, the later
one fails. The sweep leaves the text then, and the importer asks for it anew; see receive.storing.
"""

import time
from collections.abc import Collection, Sequence

from sqlalchemy import Column, Connection, Engine, delete, except_, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Name, Study
from app.transactions import changing


def sweep(engine: Engine, seconds: float, among: Collection[int] | None = None) -> int:
    """Delete texts that nothing refers to, of these or of all, for about as long; gives how many went.

    Each in a transaction of its own: where studies are a million, the database takes seconds to be sure of one.
    """
    until, gone = time.monotonic() + seconds, 0
    for id in _unused(engine):
        if time.monotonic() > until:
            break
        if among is not None and id not in among:
            continue
        try:
            with changing(engine) as connection:
                gone += connection.execute(delete(Name).where(Name.id == id)).rowcount
        except IntegrityError:
            continue  # somebody has taken it up meanwhile
    return gone


def used_by(connection: Connection, uids: Sequence[str]) -> set[int]:
    """The numbers of the texts of these studies."""
    ids = select(Study.id).where(Study.study_instance_uid.in_(uids))
    tables = ((column, column.table.c.get("study_id", column.table.c.id)) for column in _columns())
    return {id for column, of in tables for id in connection.scalars(select(column).where(of.in_(ids))) if id}


def _unused(engine: Engine) -> list[int]:
    """The numbers of texts that no column has: each table is read once for each of its columns, and nobody waits."""
    unused = except_(select(Name.id), *(select(column) for column in _columns()))
    with engine.connect() as connection:
        return sorted(connection.scalars(unused))


def _columns() -> list[Column[int]]:
    tables = db.metadata.tables.values()
    return [column for table in tables for column in table.columns if column.references(Name.__table__.c.id)]
