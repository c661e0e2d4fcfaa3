"""Inserts that several workers may make at once, of as many rows as an object has."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import IntegrityError

from app import mariadb
from app.database import INSERTS

Values = dict[str, Any]

UNLESS_KNOWN = "ON CONFLICT DO NOTHING"


def insert_new(connection: Connection, table: Table, rows: list[Values]) -> None:
    """Insert the rows that no unique constraint knows already."""
    connection.execute(INSERTS[connection.dialect.name](table).on_conflict_do_nothing(), rows)


def insert_if_new(connection: Connection, table: Table, row: Values) -> int | None:
    """Insert the row and give its id; None where a unique constraint knows it already."""
    if connection.dialect.name in AT_ONCE:
        return next(iter(AT_ONCE[connection.dialect.name](connection, table, [row], UNLESS_KNOWN)), None)
    if connection.dialect.name == mariadb.NAME:
        return _unless_refused(connection, table, row)
    statement = INSERTS[connection.dialect.name](table).on_conflict_do_nothing().returning(table.c.id)
    return connection.execute(statement, row).scalar()


def insert_all(connection: Connection, table: Table, rows: list[Values]) -> list[int]:
    """Insert the rows in one statement and give their ids, in the order of the rows."""
    if not rows:
        return []
    if connection.dialect.name in AT_ONCE:
        return AT_ONCE[connection.dialect.name](connection, table, rows, "")
    if not connection.dialect.insert_returning:  # MySQL, unlike MariaDB
        return [connection.execute(table.insert(), row).inserted_primary_key[0] for row in rows]
    statement = table.insert().returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, rows).scalars())


def _unless_refused(connection: Connection, table: Table, row: Values) -> int | None:
    """The same for MariaDB, which undoes no more than the statement where it refuses one."""
    try:
        return connection.execute(table.insert(), row).inserted_primary_key[0]
    except IntegrityError as error:
        if not mariadb.is_duplicate(error):
            raise
        return None


def _as_json(connection: Connection, table: Table, rows: Sequence[Values], conflict: str) -> list[int]:
    """The same for PostgreSQL, which takes the rows as one document.

    A statement with a parameter for each of thousands of values takes longer to read than to do, and is another one
    for each number of rows. Rows are numbered in the order of the document.
    """
    statement = _statement(table.name, tuple(rows[0]), conflict)
    document = json.dumps(rows, default=_text, ensure_ascii=False, check_circular=False)
    return sorted(connection.exec_driver_sql(statement, (document,)).scalars())


@cache
def _statement(table: str, names: tuple[str, ...], conflict: str) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    rows = f'json_populate_recordset(NULL::"{table}", %s::json)'
    selected = f"SELECT {columns} FROM {rows} {conflict} RETURNING id"  # nosec B608 # names are our own
    return f'INSERT INTO "{table}" ({columns}) {selected}'


def _text(value: Any) -> str:
    """Dates and times as PostgreSQL reads them, and as columns of moments hold them."""
    return value.isoformat()


AT_ONCE: dict[str, Callable[[Connection, Table, Sequence[Values], str], list[int]]] = {"postgresql": _as_json}
