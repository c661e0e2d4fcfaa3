"""From a row as the reader gives it to a row as a table takes it."""

from app.dicom.concept import Concept
from app.dicom.layout import Layout, Row, json_value
from app.extensions import db


def shared_values(row: Row) -> set[str | Concept]:
    """Every name and code in the row and below it that has a lookup table."""
    fields = row.layout.fields_by_name
    found = {value for name, value in row.values.items() if _is_shared(fields[name])}
    return found.union(*(shared_values(child) for rows in row.parts.values() for child in rows))


def table_values(row: Row, ids: dict) -> dict[str, object]:
    """The row's own columns, all of them: shared values by id, missing ones as None, parts as JSON.

    Every row of a table has the same keys, so that one statement inserts them all.
    """
    values: dict[str, object] = {field.name: None for field in row.layout.fields}
    for name, value in row.values.items():
        field = row.layout.fields_by_name[name]
        values[name] = ids[value] if _is_shared(field) else _stored(value)
    for part in row.layout.parts:
        if not is_table(part.layout):
            values[part.name] = [child.as_json() for child in row.parts.get(part.name, [])] or None
    return values


def is_table(layout: Layout) -> bool:
    """Whether rows of the layout have a table of their own; the rest live in a column of the row above."""
    return layout.name in db.metadata.tables


def _is_shared(field) -> bool:
    return field.kind in ("name", "code") and not field.many


def _stored(value):
    return json_value(value) if isinstance(value, (list, Concept)) else value
