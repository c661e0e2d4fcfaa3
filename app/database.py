"""How a database is opened: SQLite so that the web, two workers and the command line can use it at once."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.dialects import postgresql, sqlite

# What each calls an insert that knows what to do with a row that is there already.
INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def prepare(engine: Engine) -> None:
    """Bind what the database needs to the engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open)
        event.listen(engine, "begin", _begin)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _set)


def _open(connection, _record) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, below
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _set(connection, _record) -> None:
    """Plan for what is asked, and answer at once.

    A plan for any bounds of a range is the wrong one for most; to compile a statement takes longer than any of ours;
    and what is asked for lies in memory.
    """
    for setting in ("plan_cache_mode = force_custom_plan", "jit = off", "random_page_cost = 1.1"):
        connection.execute(f"SET {setting}")
    connection.commit()
    _end_with_us(connection)


def _end_with_us(connection) -> None:
    """Have a statement end whose process was killed: otherwise the server is at it for as long as it takes.

    Servers before version 14 can't, nor can those on systems that do not tell them; they go on as ever.
    """
    from psycopg import DatabaseError  # here, for SQLite does without

    try:
        connection.execute("SET client_connection_check_interval = '1s'")
        connection.commit()
    except DatabaseError:
        connection.rollback()


def _begin(connection) -> None:
    """A transaction that will write says so at once (`write=True`).

    One that began as a reader may not become a writer once somebody else has written: SQLite refuses it without
    waiting.
    """
    immediate = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
