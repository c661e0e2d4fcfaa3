"""A stored row as titles, values and units: generic, since each column says what it is."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Column, Table

from app.dicom.concept import Concept
from app.dicom.layout import Field, Layout
from app.queries.lookups import Shared
from app.queries.quantities import as_written, for_people, unit_words, written

Row = dict[str, Any]  # column: {"title", "value", "unit"}, or {"title", "rows"} for a part that repeats


def described(row: Any, shared: Shared, leave_out: Iterable[str] = ()) -> Row:
    """Every value of the row that is there; columns without a title only tie tables together."""
    table: Table = row.__table__
    told = {}
    for column in table.columns:
        value = getattr(row, column.key) if column.info and column.key not in leave_out else None
        if value is not None and value != []:
            told[column.key] = _leaf(column, value, shared)
    return told


def _leaf(column: Column[Any], value: Any, shared: Shared) -> Row:
    info = column.info
    if "part" in info:
        return {"title": info["part"].layout.title, "rows": [_part(info["part"].layout, one) for one in value]}
    if "field" in info:
        return _valued(info["field"], _resolved(info["field"], value, shared))
    return _with_unit({"title": info["title"], "value": plain(value)}, info["unit"])


def _resolved(wanted: Field, value: Any, shared: Shared) -> Any:
    if wanted.many or wanted.kind not in ("name", "code"):
        return value
    return shared.names[value] if wanted.kind == "name" else shared.codes[value].as_json()


def _part(layout: Layout, stored: Mapping[str, Any]) -> Row:
    """One object of a part, as `described` gives a row."""
    told = {one.name: _valued(one, stored[one.name]) for one in layout.fields if stored.get(one.name) is not None}
    for part in layout.parts:
        if stored.get(part.name):
            rows = [_part(part.layout, one) for one in stored[part.name]]
            told[part.name] = {"title": part.layout.title, "rows": rows}
    return told


def words(leaf: Row) -> str:
    """A stored value with its unit, as people write both; values that repeat in their order."""
    values = leaf["value"] if isinstance(leaf["value"], list) else [leaf["value"]]
    unit = leaf.get("unit", "")
    return f"{', '.join(_words(value, unit) for value in values)} {unit_words(unit)}".rstrip()


def _words(value: Any, unit: str) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return written(for_people(value, unit) or 0.0)
    return as_written(str(value))


def part_words(layout: Layout, stored: Mapping[str, Any]) -> str:
    """One object of a part on one line."""
    return _line(_part(layout, stored))


def _line(row: Row) -> str:
    leaves = (one for one in row.values() if "value" in one)
    below = (_line(part) for one in row.values() for part in one.get("rows", ()))
    return ", ".join([*(f"{one['title']} {words(one)}" for one in leaves), *below])


def _valued(wanted: Field, value: Any) -> Row:
    """Codes by their meaning, the code itself beside it."""
    if wanted.kind != "code":
        value = plain(value).replace("T", " ") if wanted.kind == "moment" else plain(value)
        if wanted.tag and isinstance(value, str):
            value = value.replace("\\", ", ")  # DICOM's separator of several values, which no value contains
        return _with_unit({"title": wanted.title, "value": value}, wanted.unit)
    concepts = [Concept(**one) for one in (value if wanted.many else [value])]
    meanings, codes = [str(one) for one in concepts], [f"{one.value} {one.scheme}" for one in concepts]
    if wanted.many:
        return {"title": wanted.title, "value": meanings, "code": codes}
    return {"title": wanted.title, "value": meanings[0], "code": codes[0]}


def _with_unit(leaf: Row, unit: str) -> Row:
    return leaf | {"unit": unit} if unit else leaf


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (date, time)) else value
