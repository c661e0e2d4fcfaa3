"""What a table wants of a report: which item fills which column."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, TypeVar

from app.dicom.concept import Concept

Wanted = TypeVar("Wanted", "Field", "Part")


@dataclass(frozen=True)
class Field:
    """A column's claim on a content item (`concept`), on a header attribute (`tag`), or on both."""

    name: str
    kind: str  # number, text, code, uid, moment, image; in headers also date and time
    concept: Concept | None = None
    unit: str = ""  # UCUM code in which a number is stored
    many: bool = False  # repeats: all values in the order of the report
    within: Concept | None = None  # the item with a value that this one qualifies
    tag: str = ""  # keyword of the header attribute
    tid: str = ""  # template of PS3.16 that defines the item
    title: str = ""  # what people call it

    def __post_init__(self) -> None:
        if not self.title and self.concept:
            object.__setattr__(self, "title", self.concept.meaning)


@dataclass(frozen=True)
class Part:
    """Where rows of another layout go: into a table of their own, or as objects into one column."""

    name: str
    layout: "Layout"
    within: Concept | None = None


@dataclass(frozen=True)
class Layout:
    """A table, or a part kept in one column: the item it claims, its fields, and its parts."""

    name: str
    claims: Concept | None
    fields: tuple[Field, ...]
    parts: tuple[Part, ...] = ()
    title: str = ""
    claims_tag: str = ""  # keyword of the header's sequence whose items are its rows
    abreast: bool = False  # in headers, the n-th values of its attributes are its n-th row

    @cached_property
    def fields_by_concept(self) -> Mapping[Concept | None, tuple[Field, ...]]:
        """The fields that want a content item, by its concept."""
        return _grouped((entry.concept, entry) for entry in self.fields if entry.concept)

    @cached_property
    def parts_by_concept(self) -> Mapping[Concept | None, tuple[Part, ...]]:
        """The parts, by the concept that they claim."""
        return _grouped((part.layout.claims, part) for part in self.parts if part.layout.claims)

    @cached_property
    def fields_by_name(self) -> Mapping[str, Field]:
        """The fields by the name of their column."""
        return {entry.name: entry for entry in self.fields}

    @cached_property
    def parts_by_name(self) -> Mapping[str, Part]:
        """The parts by the name that their rows have in the row above."""
        return {part.name: part for part in self.parts}


def _grouped(pairs: Iterable[tuple[Concept | None, Wanted]]) -> dict[Concept | None, tuple[Wanted, ...]]:
    groups: dict[Concept | None, list[Wanted]] = defaultdict(list)
    for concept, wanted in pairs:
        groups[concept].append(wanted)
    return {concept: tuple(wanted) for concept, wanted in groups.items()}


@dataclass
class Row:
    """One row as it comes out of a report or goes into one: values by column, rows of each part."""

    layout: Layout
    values: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, list["Row"]] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The row as a JSON object, by name; concepts and moments as JSON too."""
        own = {name: json_value(self.values[name]) for name in sorted(self.values)}
        return own | {name: [row.as_json() for row in self.parts[name]] for name in sorted(self.parts)}


def row_from_json(layout: Layout, stored: Mapping[str, Any]) -> Row:
    """The row that `as_json` made this of."""
    row = Row(layout)
    for name, value in stored.items():
        part = layout.parts_by_name.get(name)
        if part:
            row.parts[name] = [row_from_json(part.layout, one) for one in value]
        else:
            row.values[name] = value_from_json(layout.fields_by_name[name].kind, value)
    return row


FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "code": lambda value: Concept(**value),
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def value_from_json(kind: str, value: Any) -> Any:
    """The value that `json_value` made this of."""
    make = FROM_JSON.get(kind)
    if make is None or value is None:
        return value
    return list(map(make, value)) if isinstance(value, list) else make(value)


def json_value(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, Concept):
        return value.as_json()
    if isinstance(value, list):
        return [json_value(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
