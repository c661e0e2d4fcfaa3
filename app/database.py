"""How SQLite is opened, so that the web, two workers and the command line can use it at once."""

from sqlalchemy import Engine, event


def prepare(engine: Engine) -> None:
    """Bind what SQLite needs to the engine; other databases need nothing."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open)
        event.listen(engine, "begin", _begin)


def _open(connection, _record) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, below
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection) -> None:
    """A transaction that will write says so at once (`write=True`).

    One that began as a reader may not become a writer once somebody else has written: SQLite refuses it without
    waiting.
    """
    immediate = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
