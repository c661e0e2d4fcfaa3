"""Rows of any of the databases as lines of JSON, and back. Nothing here knows the models: tables may be older ones."""

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    cast,
    select,
)
from sqlalchemy.types import TypeEngine

AT_A_TIME = 2_000  # rows in memory
LETTERS = 8_000_000  # of a piece, before it is packed
PACKED_WELL = 1  # of gzip's levels: more of them takes longer and gives little

# What columns hold, by the name that backups have for it. JSON is kept to the letter, and never looked into.
KINDS: dict[str, type[TypeEngine]] = {
    "json": JSON, "bytes": LargeBinary, "truth": Boolean, "moment": DateTime, "day": Date, "time": Time,
    "integer": Integer, "number": Float, "text": String,
}  # fmt: skip
PLAIN: dict[str, type[TypeEngine]] = KINDS | {
    "json": Text, "integer": BigInteger, "number": Double, "text": Text
}  # fmt: skip
WRITTEN: dict[str, Callable[[Any], str]] = {
    "bytes": lambda value: base64.b64encode(value).decode("ascii"),
    "moment": datetime.isoformat, "day": date.isoformat, "time": time.isoformat,
}  # fmt: skip
READ: dict[str, Callable[[str], Any]] = {
    "bytes": base64.b64decode, "moment": datetime.fromisoformat, "day": date.fromisoformat, "time": time.fromisoformat,
}  # fmt: skip

Row = list[Any]


def columns_of(table: Table) -> dict[str, str]:
    """The columns of a table of ours, by kind."""
    return {column.name: _kind(column.type) for column in table.columns}


def _kind(type_: TypeEngine) -> str:
    plain = type_.impl if isinstance(type_, TypeDecorator) else type_
    return next(name for name, known in KINDS.items() if isinstance(plain, known))


def plain_table(name: str, columns: dict[str, str]) -> Table:
    """A table with these columns and nothing else, to read rows as they are stored."""
    return Table(name, MetaData(), *(Column(column, PLAIN[kind]) for column, kind in columns.items()))


def pieces(connection: Connection, table: Table) -> Iterator[tuple[bytes, int]]:
    """All rows of a table of ours in the order of its key: packed pieces, each with the number of its rows.

    One piece is packed beside the next being read.
    """
    with ThreadPoolExecutor(1) as packer:
        packing: Future[bytes] | None = None
        number = 0
        for lines in _bunches(_lines(connection, table)):
            begun = packer.submit(_packed, lines)
            if packing is not None:
                yield packing.result(), number
            packing, number = begun, len(lines)
        if packing is not None:
            yield packing.result(), number


def unpacked(piece: bytes, kinds: Sequence[str], read: dict[str, Callable[[str], Any]] = READ) -> Iterator[Row]:
    """The rows of a piece; values are as the database takes them."""
    wanted = [(place, read[kind]) for place, kind in enumerate(kinds) if kind in read]
    for line in gzip.decompress(piece).splitlines():
        row = json.loads(line)
        for place, parse in wanted:
            if row[place] is not None:
                row[place] = parse(row[place])
        yield row


def fill(connection: Connection, name: str, columns: dict[str, str], packed: Iterable[bytes]) -> Iterator[int]:
    """Insert the rows of the pieces, and give the number of rows inserted at a time."""
    insert = FILLS.get(connection.dialect.name, _insert)
    for piece in packed:
        yield insert(connection, plain_table(name, columns), list(columns.values()), piece)


def _insert(connection: Connection, table: Table, kinds: Sequence[str], piece: bytes) -> int:
    rows, number, names = unpacked(piece, kinds), 0, table.columns.keys()
    while some := [dict(zip(names, row, strict=True)) for row in islice(rows, AT_A_TIME)]:
        connection.execute(table.insert(), some)
        number += len(some)
    return number


def _copy(connection: Connection, table: Table, kinds: Sequence[str], piece: bytes) -> int:
    """The same for PostgreSQL, which reads dates and JSON itself."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    statement, number = f'COPY "{table.name}" ({names}) FROM STDIN', 0
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        for number, row in enumerate(unpacked(piece, kinds, {"bytes": base64.b64decode}), start=1):  # noqa: B007
            copy.write_row(row)
    return number


FILLS: dict[str, Callable[[Connection, Table, Sequence[str], bytes], int]] = {"postgresql": _copy}


def _lines(connection: Connection, table: Table) -> Iterator[str]:
    columns = columns_of(table)
    plain = plain_table(table.name, columns)
    # PostgreSQL's driver parses JSON unless it is asked for as text.
    parses = connection.dialect.name == "postgresql"
    asked = [
        cast(plain.c[name], Text) if parses and kind == "json" else plain.c[name] for name, kind in columns.items()
    ]
    wanted = [(place, WRITTEN[kind]) for place, kind in enumerate(columns.values()) if kind in WRITTEN]
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    statement = select(*asked).order_by(*(plain.c[column.name] for column in table.primary_key))
    with connection.execute(statement, execution_options={"yield_per": AT_A_TIME}) as rows:
        for found in rows:
            row = list(found)
            for place, write in wanted:
                if row[place] is not None:
                    row[place] = write(row[place])
            yield encode(row)


def _bunches(lines: Iterator[str]) -> Iterator[list[str]]:
    bunch, letters = [], 0
    for line in lines:
        bunch.append(line)
        letters += len(line)
        if letters > LETTERS:
            yield bunch
            bunch, letters = [], 0
    if bunch:
        yield bunch


def _packed(lines: list[str]) -> bytes:
    # A line of JSON holds no line break, but may hold what splitlines() takes for one only as text: bytes have none.
    return gzip.compress("\n".join(lines).encode(), PACKED_WELL, mtime=0)
