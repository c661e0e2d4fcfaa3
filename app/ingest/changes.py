"""What differs between two states of a study, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.dicom.layout import Row, json_value
from app.ingest.combine import Combined
from app.ingest.listed import TYPES
from app.ingest.rows import table

Change = dict[str, Any]  # {"what", "before", "after"}

MOST = 200  # changes that are told of one object; an upgrade that changes more is told in its own notes
OF_NOBODY = {"problem_count", *TYPES}  # follow from others


def differences(before: Combined, after: Combined) -> list[Change]:
    """The changes of the study's columns and of its events."""
    found = list(_values(_titles("study"), before.study, after.study))
    for name in after.events.keys() | before.events.keys():
        old, new = before.events.get(name, {}), after.events.get(name, {})
        for key in sorted(old.keys() | new.keys()):
            what = f"{name.replace('_', ' ')} {(new.get(key) or old[key]).number}"
            found += _rows(what, old[key].row if key in old else None, new[key].row if key in new else None)
    return found[:MOST]


def own_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The changes of the object's own columns."""
    titles = _titles("report")
    return list(_values({name: titles[name] for name in after if name in titles}, before, after))[:MOST]


def _rows(what: str, old: Row | None, new: Row | None) -> Iterator[Change]:
    if old is None or new is None:
        yield {"what": what, "before": old and "there", "after": new and "there"}
        return
    titles = {field.name: field.title for field in new.layout.fields}
    for change in _values(titles, old.values, new.values):
        yield change | {"what": f"{what}, {change['what']}"}
    for name in old.parts.keys() | new.parts.keys():
        told = [[row.as_json() for row in one.parts.get(name, [])] for one in (old, new)]
        if told[0] != told[1]:
            yield {"what": f"{what}, {name.replace('_', ' ')}", "before": told[0], "after": told[1]}


def _values(titles: Mapping[str, str], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name, title in titles.items():
        old, new = json_value(before.get(name)), json_value(after.get(name))
        if old != new and name not in OF_NOBODY:
            yield {"what": title, "before": old, "after": new}


def _titles(name: str) -> dict[str, str]:
    """What people call the columns of the table."""
    told = {}
    for column in table(name).columns:
        info = column.info
        part = info["part"].layout.title if "part" in info else None
        title = part or (info["field"].title if "field" in info else info.get("title"))
        if title:
            told[column.name] = title
    return told
