"""Transactions that write."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions import db


@contextmanager
def writing() -> Iterator[None]:
    """Let the database session write: what was read before is read anew, what raises is undone.

    SQLite wants to hear at the beginning of a transaction that it will write.
    """
    db.session.rollback()
    with db.session.begin():
        db.session.connection(execution_options={"write": True})
        yield
