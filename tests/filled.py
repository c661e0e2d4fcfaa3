"""Rows in every table, of any schema: what each column takes at most, in letters that every database has to keep."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Time,
    TypeDecorator,
)

ROWS = 3  # in each table
LETTERS = "aÄß漢𝄞 "  # of one to four bytes; the last tells whether spaces at the end count
LONG = 70_000  # letters of a text without a limit
MADE_BY_THE_TRAIL = ("audit_entry", "audit_head", "audit_sent")


def fill(connection: Connection, metadata: MetaData) -> dict[str, list]:
    """Fill all tables but those of the audit; gives the rows."""
    made: dict[str, list] = {}
    for table in metadata.sorted_tables:
        if table.name not in (*MADE_BY_THE_TRAIL, "alembic_version"):
            made[table.name] = [_row(table, place, made) for place in range(1, ROWS + 1)]
            connection.execute(table.insert(), made[table.name])
    return made


def content(connection: Connection, metadata: MetaData) -> dict[str, list]:
    """What all tables have, in the order of their keys."""
    return {
        table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
        for table in metadata.sorted_tables
    }


def _row(table: Table, place: int, made: dict[str, list]) -> dict:
    return {column.name: _value(column, place, made) for column in table.columns}


def _value(column, place, made):
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        if target.table is column.table:
            return None if place == 1 else 1 * 10
        return made[target.table.name][place - 1][target.name]
    return _of(column.type, place, primary=column.primary_key)


def _of(type_, place, *, primary=False):
    if isinstance(type_, TypeDecorator):
        return datetime(2026, 1, place, 12, 30, 15, 123456)
    if isinstance(type_, String):
        return _text(type_, place)
    simple = {
        JSON: {"text": LETTERS, "numbers": [place, 0.1, None], "deep": {"é": True}},
        LargeBinary: bytes(range(256)) * 300 + bytes([place]),
        Boolean: place % 2 == 0,
        DateTime: datetime(2026, 1, 2, 3, 4, 5, 600_000) + timedelta(microseconds=place),
        Date: date(2026, 2, place),
        Time: time(7, 8, 9, place),
        Integer: place * 10,
        Float: place / 3,
    }
    return next(value for kind, value in simple.items() if isinstance(type_, kind))


def _text(type_, place):
    length = type_.length or (LONG if place == 1 else 64)
    return (str(place) + LETTERS * length)[: length - 1] + "x"
