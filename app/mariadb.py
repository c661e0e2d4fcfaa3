"""What MariaDB and MySQL are told otherwise than the other databases, so that nothing above has to know them.

Texts are compared by their bytes, spaces at the end included; moments and times keep their microseconds; texts, JSON
and bytes may be as long as anywhere. Importing this module is enough.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, DateTime, LargeBinary, String, Text, Time, UnaryExpression
from sqlalchemy.dialects.mysql import Insert as MySqlInsert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.functions import GenericFunction

NAME = "mysql"  # what SQLAlchemy calls both
DEADLOCK = 1213
DUPLICATE = 1062  # the number of the error: a unique constraint knows the row already
OPTIONS: dict[str, Any] = {
    "isolation_level": "READ COMMITTED",  # as PostgreSQL has it: each statement sees what others have written
    "pool_recycle": 3600,  # seconds; the server drops connections that are silent for hours
    "connect_args": {"charset": "utf8mb4"},
}
SESSION = (
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
    "SET NAMES utf8mb4 COLLATE {collation}",
)


def open_session(connection: Any, _record: Any) -> None:
    """Let the session compare exactly, tell the time of UTC, and refuse what does not fit rather than cut it."""
    with connection.cursor() as cursor:
        for statement in SESSION:
            cursor.execute(statement.format(collation=collation("MariaDB" in connection.get_server_info())))


@contextmanager
def without_keys(connection: Connection) -> Iterator[None]:
    """Let tables change in any order: MariaDB keeps an index that a foreign key needs even before its table goes."""
    if connection.dialect.name != NAME:
        yield
        return
    for value in (0, 1):
        connection.exec_driver_sql(f"SET SESSION foreign_key_checks = {value}")
        connection.commit()
        if not value:
            yield


def collation(is_mariadb: bool) -> str:
    """The one that compares bytes, spaces at the end included."""
    return "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"


class Insert(MySqlInsert):
    """An insert that knows what to do with a row that is there already, in the words of the other databases."""

    inherit_cache = False

    @property
    def excluded(self) -> Any:
        """The row that was to be inserted."""
        return self.inserted

    def on_conflict_do_nothing(self) -> "Insert":
        """Leave the row that is there. IGNORE would do so too, and forgive faults as well."""
        key = next(iter(self.table.primary_key))
        return self.on_duplicate_key_update({key.name: key})

    def on_conflict_do_update(self, *, index_elements: object, set_: Mapping[str, Any]) -> "Insert":
        """Change the row that is there."""
        return self.on_duplicate_key_update(dict(set_))


def is_duplicate(error: Exception) -> bool:
    """Whether a row was refused because a unique constraint knows it."""
    return _number(error) == DUPLICATE


def is_deadlock(error: Exception) -> bool:
    """Whether the transaction was undone because it and another one waited for each other: it is to be done again."""
    return _number(error) == DEADLOCK


def _number(error: Exception) -> int | None:
    arguments: tuple[Any, ...] = getattr(getattr(error, "orig", None), "args", ())
    return arguments[0] if arguments else None


@compiles(String, NAME)
def _string(type_: String, compiler: Any, **options: Any) -> str:
    return f"VARCHAR({type_.length}){_exact(compiler)}"


@compiles(Text, NAME)
def _text(_type: Text, compiler: Any, **options: Any) -> str:
    return f"LONGTEXT{_exact(compiler)}"


@compiles(LargeBinary, NAME)
def _bytes(_type: LargeBinary, _compiler: Any, **options: Any) -> str:
    return "LONGBLOB"


@compiles(DateTime, NAME)
def _moment(_type: DateTime, _compiler: Any, **options: Any) -> str:
    return "DATETIME(6)"


@compiles(Time, NAME)
def _time(_type: Time, _compiler: Any, **options: Any) -> str:
    return "TIME(6)"


def _exact(compiler: Any) -> str:
    return f" CHARACTER SET utf8mb4 COLLATE {collation(compiler.dialect.is_mariadb)}"


@compiles(UnaryExpression, NAME)
def _unary(element: UnaryExpression[Any], compiler: Any, **options: Any) -> str:
    """Nothing comes first there, and last where the order is reversed; another place for it needs a column more."""
    if element.modifier not in (operators.nulls_last_op, operators.nulls_first_op):
        return compiler.visit_unary(element, **options)
    order, last = element.element, element.modifier is operators.nulls_last_op
    reverse = isinstance(order, UnaryExpression) and order.modifier is operators.desc_op
    plain = order.element if isinstance(order, UnaryExpression) and order.modifier else order
    there = compiler.process(order, **options)
    if last is reverse:
        return there
    return f"{compiler.process(plain, **options)} IS {'' if last else 'NOT '}NULL, {there}"


class JsonArrayLength(GenericFunction[int]):
    """How many values a list in JSON has."""

    name = "json_array_length"
    inherit_cache = True


@compiles(JsonArrayLength, NAME)
def _length(element: JsonArrayLength, compiler: Any, **options: Any) -> str:
    return f"json_length({compiler.process(element.clauses, **options)})"
