"""The events of a study as a table: the columns that matter for the modality, or all, that some event fills."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from app.dicom.layout import Field
from app.models import CtSource
from app.queries.event_columns import COLUMNS, IN_TEXT
from app.queries.event_view import ORDER, EventView
from app.queries.filters import BadParameter
from app.queries.lookups import Shared
from app.queries.modalities import Modality
from app.queries.quantities import brief, for_people, unit_words
from app.queries.study import Stored
from app.queries.tiles import short
from app.queries.tree import Row, part_words

APART = {"acquisition_plane"}  # only worth a column where events differ in it
NOT_SHOWN = {"irradiation_event_uid", "administration_event_uid"}  # of all columns: long, and no two are the same
FEW = 3  # more values in one cell are told by the lowest and the highest


@dataclass(frozen=True)
class Column:
    """A column of the table, and the column of the database that fills it."""

    name: str
    info: Any = field(compare=False)
    of_sources: bool = False  # its X-ray sources speak for the event

    @cached_property
    def item(self) -> Field | None:
        """What fills it, but for a part that repeats."""
        found: Field | None = self.info.get("field")
        return found

    @property
    def title(self) -> str:
        """Its heading."""
        return self.item.title if self.item else str(self.info["part"].layout.title)

    @property
    def unit(self) -> str:
        """The unit as people write it."""
        return unit_words(self.item.unit) if self.item else ""

    @cached_property
    def is_number(self) -> bool:
        """Whether its values stand to the right."""
        return self.item is not None and self.item.kind == "number"

    def values(self, event: Any) -> list[Any]:
        """What the event, or its sources, have in this column."""
        told = [getattr(row, self.name) for row in (event.sources if self.of_sources else (event,))]
        return [one for value in told if value is not None for one in (value if isinstance(value, list) else [value])]

    def text(self, event: Any, used: Shared) -> str | None:
        """What the event says in this column."""
        values = self.values(event)
        if self.item is None:
            return "; ".join(part_words(self.info["part"].layout, one) for one in values) or None
        if self.item.kind == "number":
            return _span(values, self.item.unit)
        words = ", ".join(self._words(self.item, value, used) for value in values)
        return words or (getattr(event, IN_TEXT[self.name], None) if self.name in IN_TEXT else None)

    def sort_key(self, event: Any, used: Shared) -> Any:
        """What the column is sorted by; None where the event has nothing in it."""
        values = self.values(event)
        if self.is_number:
            return max(values, default=None)
        if self.name == "started_at":
            return values[0].replace(tzinfo=None) if values else None
        text = self.text(event, used)
        return text.casefold() if text else None

    def _words(self, field: Field, value: Any, used: Shared) -> str:
        if field.kind == "code":
            return str(value["meaning"]) if field.many else short(used.codes[value])
        if field.kind == "name":
            return used.names[value]
        return f"{value:%H:%M:%S}" if self.name == "started_at" else str(value)  # the day is the study's


@dataclass(frozen=True)
class EventRow:
    """One event: its place among those of its kind, its cells, and what is stored of it where it stands open."""

    place: int
    name: str
    cells: list[str | None]
    everything: Row | None


@dataclass(frozen=True)
class EventTable:
    """The events of one kind; columns that no event fills are left out."""

    kind: Modality
    columns: list[Column]
    rows: list[EventRow]


def event_tables(stored: Stored, view: EventView, opened: Row | None = None) -> list[EventTable]:
    """A table for each kind of event that the study has; nearly always one. Raises BadParameter for a column to sort
    by that none of them has."""
    kinds = [kind for kind in stored.kinds if stored.of(kind)]
    columns = {kind.key: _columns(kind, view.every) for kind in kinds}
    known = [ORDER, *dict.fromkeys(column.name for some in columns.values() for column in some)]
    if kinds and view.key not in known:
        raise BadParameter(f"events_sort is “{view.sort}”; it takes one of {', '.join(known)}.", "events_sort")
    return [_table(stored, kind, columns[kind.key], view, opened) for kind in kinds]


def row_name(kind: Modality, place: int) -> str:
    """What the row of an event is called in addresses."""
    return f"{kind.key}-{place}"


def _table(stored: Stored, kind: Modality, columns: list[Column], view: EventView, opened: Row | None) -> EventTable:
    events = _sorted(stored, kind, columns, view)
    cells = {column: [column.text(event, stored.shared) for _, event in events] for column in columns}
    told = [column for column in columns if len(set(cells[column])) > 1 or _tells(column, cells[column][0])]
    rows = []
    for (place, _), *texts in zip(events, *(cells[column] for column in told), strict=True):
        name = row_name(kind, place)
        rows.append(EventRow(place, name, texts, opened if name == view.opened else None))
    return EventTable(kind, told, rows)


def _sorted(stored: Stored, kind: Modality, columns: Iterable[Column], view: EventView) -> list[tuple[int, Any]]:
    """The events with their places, those that miss the value last; equal ones in the order they happened."""
    events = list(stored.of(kind).items())
    if view.key == ORDER:
        return events[::-1] if view.descending else events
    column = next((one for one in columns if one.name == view.key), None)
    if column is None:
        return events  # the other kind of event has it
    keys = {place: column.sort_key(event, stored.shared) for place, event in events}
    there = [one for one in events if keys[one[0]] is not None]
    there.sort(key=lambda one: keys[one[0]], reverse=view.descending)
    return there + [one for one in events if keys[one[0]] is None]


def _tells(column: Column, everywhere: str | None) -> bool:
    """Whether a column that says the same of every event says anything."""
    return everywhere is not None and column.name not in APART


def _columns(kind: Modality, every: bool) -> list[Column]:
    """The columns of the modality; with every, all others after them."""
    first = [_column(kind.event, name) for name in COLUMNS[kind.stored]]
    if not every:
        return first
    there = set(COLUMNS[kind.stored]) | NOT_SHOWN | set(IN_TEXT.values())
    tables = (kind.event, CtSource) if hasattr(kind.event, "sources") else (kind.event,)
    return first + [
        _column(table, one.name)
        for table in tables
        for one in table.__table__.columns
        if one.name not in there and ("field" in one.info or "part" in one.info)
    ]


def _column(table: Any, name: str) -> Column:
    own = table.__table__.columns
    if name in own and table is not CtSource:
        return Column(name, own[name].info)
    return Column(name, CtSource.__table__.columns[name].info, of_sources=True)


@lru_cache(maxsize=20_000)
def _number(value: float, unit: str) -> str:
    """The number as people read it; settings of a device repeat through a study."""
    return brief(for_people(value, unit) or 0.0)


def _span(values: list[float], unit: str) -> str | None:
    """The numbers, or where there are many from the lowest to the highest."""
    told = list(dict.fromkeys(values))
    if len(told) > FEW:
        return f"{_number(min(told), unit)}–{_number(max(told), unit)}"
    return ", ".join(_number(value, unit) for value in told) or None
