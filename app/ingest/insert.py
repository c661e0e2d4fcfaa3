"""Inserts that several workers may make at once."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

DIALECTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_new(connection: Connection, table: Table, rows: list[dict]) -> None:
    """Insert the rows that no unique constraint knows already."""
    connection.execute(DIALECTS[connection.dialect.name](table).on_conflict_do_nothing(), rows)


def insert_if_new(connection: Connection, table: Table, row: dict) -> int | None:
    """Insert the row and give its id; None where a unique constraint knows it already."""
    statement = DIALECTS[connection.dialect.name](table).on_conflict_do_nothing().returning(table.c.id)
    return connection.execute(statement, row).scalar()


def insert_all(connection: Connection, table: Table, rows: list[dict]) -> list[int]:
    """Insert the rows in one statement and give their ids, in the order of the rows."""
    if not rows:
        return []
    statement = table.insert().returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, rows).scalars())
