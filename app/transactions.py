"""Transactions that write, and those that read for long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app import mariadb
from app.extensions import db

T = TypeVar("T")

TRIES = 10  # of a transaction that waited for another one which waited for it


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


def undisturbed(work: Callable[[], T]) -> T:
    """What the work gives, which is one transaction and may be done again.

    Of two that wait for each other MariaDB undoes one, which tries again.
    """
    for _ in range(TRIES):
        try:
            return work()
        except OperationalError as error:
            if not mariadb.is_deadlock(error):
                raise
    return work()


@contextmanager
def one_moment() -> Iterator[Connection]:
    """A connection that sees everything as it is when it first looks, however long it reads.

    SQLite does so anyway; PostgreSQL otherwise lets each statement see what was written meanwhile.
    """
    with db.engine.connect() as connection:
        if db.engine.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection
