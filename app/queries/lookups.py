"""Names, codes and rooms by their ids."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, literal, select, union_all

from app.dicom.concept import Concept
from app.extensions import db
from app.models import Code, Equipment, Name


@dataclass(frozen=True)
class Shared:
    """The names and codes that rows refer to, by their ids."""

    names: Mapping[int, str]
    codes: Mapping[int, Concept]


def room_names(ids: Iterable[int]) -> dict[int, str]:
    """What people call the rooms, those that are there."""
    named = select(Equipment.id, Equipment.display_name).where(Equipment.id.in_(list(ids)))
    return {id: name for id, name in db.session.execute(named)}


def shared(rows: Iterable[Any]) -> Shared:
    """All names and codes that the rows refer to, as far as they are loaded, in one statement."""
    ids: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for column, kind in _references(row.__table__):
            ids[kind].add(vars(row).get(column))
    names_used, codes_used = ids["name"] - {None}, ids["code"] - {None}
    found = union_all(
        select(literal("name"), Name.id, Name.text, literal(""), literal("")).where(Name.id.in_(names_used)),
        select(literal("code"), Code.id, Code.meaning, Code.value, Code.scheme).where(Code.id.in_(codes_used)),
    )
    names, codes = {}, {}
    for kind, id, text, value, scheme in db.session.execute(found):
        if kind == "name":
            names[id] = text
        else:
            codes[id] = Concept(value, scheme, text)
    return Shared(names, codes)


@cache
def _references(table: Table) -> list[tuple[str, str]]:
    """The columns that hold the id of a name or a code, and which of the two."""
    fields = [(column.key, column.info["field"]) for column in table.columns if "field" in column.info]
    return [(key, field.kind) for key, field in fields if field.kind in ("name", "code") and not field.many]
