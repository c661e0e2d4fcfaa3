"""How a database is opened: SQLite so that the web, two workers and the command line can use it at once."""

from typing import Any

from sqlalchemy import Connection, Engine, Executable, Result, event, make_url
from sqlalchemy.dialects import postgresql, sqlite

from app import mariadb

# What each calls an insert that knows what to do with a row that is there already.
INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert, mariadb.NAME: mariadb.Insert}

# A host whose network is cut says nothing more, and a connection to it stays open for hours. Either end asks after so
# many seconds whether the other is there: we would wait for ever, and others for what the server keeps locked for us.
OURS: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 6,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds for which what was sent may stay without an answer
}
THEIRS = {
    "tcp_keepalives_idle": "6",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
}


def options(url: str) -> dict[str, Any]:
    """How the engine for the address is made. Errors go to the log, patients do not."""
    address, of_kind = make_url(url), {}
    if address.get_backend_name() == mariadb.NAME:
        of_kind = mariadb.OPTIONS
    if address.get_backend_name() == "postgresql":
        of_kind = {"connect_args": {name: value for name, value in OURS.items() if name not in address.query}}
    # Whether a connection from the pool still lives is asked before it is used: a server is started again some nights.
    return {"hide_parameters": True, "pool_pre_ping": True} | of_kind


def prepare(engine: Engine) -> None:
    """Bind what the database needs to the engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open)
        event.listen(engine, "begin", _begin)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _set)
    if engine.dialect.name == mariadb.NAME:
        event.listen(engine, "connect", mariadb.open_session)


def streamed(connection: Connection, statement: Executable, at_once: int) -> Result[*tuple[Any, ...]]:
    """The rows of the statement, so many at a time, while others are asked for over the same connection.

    MariaDB answers one statement after the other, and its driver drops what was not fetched: there all rows of the
    answer are in memory.
    """
    if connection.dialect.name == mariadb.NAME:
        return connection.execute(statement)
    return connection.execute(statement, execution_options={"yield_per": at_once})


# How large the database is, in bytes, and how many connections it has; SQLite knows of none but our own.
_EXTENTS = {
    "sqlite": "SELECT page_count * page_size, NULL FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database()),"
    " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())",
    "mysql": "SELECT coalesce(sum(data_length + index_length), 0),"
    " (SELECT count(*) FROM information_schema.processlist WHERE db = database())"
    " FROM information_schema.tables WHERE table_schema = database()",
}


def extent(connection: Connection) -> tuple[int, int | None]:
    """How many bytes the database has, and how many connections; none where that means nothing."""
    dialect = connection.dialect.name
    size, connections = connection.exec_driver_sql(_EXTENTS["mysql" if dialect == "mariadb" else dialect]).one()
    return int(size), None if connections is None else int(connections)


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
    # A statement whose process was killed ends: otherwise the server is at it for as long as it takes.
    _ask_for(connection, {"client_connection_check_interval": "1s"})
    _ask_for(connection, THEIRS)


def _ask_for(connection, wanted: dict[str, str]) -> None:
    """Have the server do so where it can: old ones can't, nor can those on some systems; they go on as ever."""
    from psycopg import DatabaseError  # here, for SQLite does without

    try:
        for name, value in wanted.items():
            connection.execute(f"SET {name} = '{value}'")
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
