"""The last numbers that tables gave to rows: one that was given to a row that is gone is not given again."""

from typing import Any

from sqlalchemy import Connection, Table, func, inspect, select, text

OF_SEQUENCE = "SELECT last_value FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = '{}_id_seq'"
OF_TABLE = (
    "SELECT auto_increment - 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = '{}'"
)


def last(connection: Connection, table: Table) -> int:
    """The last number; 0 before the first, and for a table whose rows are not numbered."""
    if table.autoincrement_column is None:
        return 0
    largest = connection.scalar(select(func.max(table.autoincrement_column))) or 0
    return max(largest, _given(connection, table.name) or 0)


def go_on(connection: Connection, name: str, last: int) -> None:
    """Let the table, which is empty, give out numbers after this one."""
    kind = connection.dialect.name
    if not last:
        return
    if kind == "postgresql":
        connection.execute(text(f"SELECT setval('{name}_id_seq', {last})"))  # nosec B608 # names are our own
    elif kind == "mysql":
        connection.exec_driver_sql(f"ALTER TABLE `{name}` AUTO_INCREMENT = {last + 1}")
    elif inspect(connection).has_table("sqlite_sequence"):
        _go_on_in_sqlite(connection, {"name": name, "last": last})


def _go_on_in_sqlite(connection: Connection, told: dict[str, Any]) -> None:
    if connection.scalar(text("SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE name = :name"), told):
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), told)
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), told)


def _given(connection: Connection, name: str) -> int | None:
    kind = connection.dialect.name
    if kind == "sqlite":
        if not inspect(connection).has_table("sqlite_sequence"):
            return None
        return connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name})
    return connection.scalar(text((OF_SEQUENCE if kind == "postgresql" else OF_TABLE).format(name)))
