"""Transactions that write, and those that read for long."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

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


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction of its own that writes; it is undone where something raises."""
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


@contextmanager
def one_moment() -> Iterator[Connection]:
    """A connection that sees everything as it is when it first looks, however long it reads.

    SQLite does so anyway; PostgreSQL otherwise lets each statement see what was written meanwhile.
    """
    with db.engine.connect() as connection:
        if db.engine.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection
