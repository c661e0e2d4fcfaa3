"""Values from the header of an object, for the columns that name an attribute.

Attributes have no unit and no code beside them: the standard says what they are, in `attributes` and `enumerated`.
Values are decoded here from their bytes, so that one damaged value costs itself and not the object.
"""

import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cache, cached_property
from typing import Any

from pydicom.datadict import dictionary_description
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.dicom.attributes import PLACES, UNITS
from app.dicom.concept import Concept, fold
from app.dicom.content import Encodings, Item, declared_encodings, decode
from app.dicom.element_values import text_bytes
from app.dicom.enumerated import code_of
from app.dicom.layout import Field, Layout, Row
from app.dicom.reader import Problem
from app.dicom.units import UnitMismatch, canonical, convert
from app.dicom.values import Unreadable, clock, day, decimal, moment, parse

PERSONS = {"OperatorsName", "PerformingPhysicianName"}


class Header:
    """The attributes of a data set, whatever their character set; `taken` are those that went into rows."""

    def __init__(self, dataset: Dataset, above: "Header | None" = None, path: str = ""):
        self.dataset, self.above, self.path = dataset, above, path
        self.encodings: Encodings = above.encodings if above else declared_encodings(dataset)
        self.taken: set[str] = set()

    def __getitem__(self, keyword: str) -> str:
        """The attribute's text; empty where it is absent."""
        return next((found for place in PLACES.get(keyword, (keyword,)) if (found := self.at(place))), "")

    def at(self, place: str) -> str:
        """The text that stands at exactly this place."""
        sequence, _, rest = place.partition("/")
        if rest:
            return next((found for item in self.items(sequence) if (found := item.at(rest))), "")
        return decode(text_bytes(self.dataset, tag_of(place)), self.encodings)

    def items(self, keyword: str) -> list["Header"]:
        """The items of the sequence; none where it is absent, or no sequence."""
        tag = tag_of(keyword)
        if tag not in self.dataset:
            return []
        value = self.dataset[tag].value
        name = f"{self.path}{dictionary_description(tag)} › "
        return [Header(item, self, name) for item in value or () if isinstance(item, Dataset)]

    def codes(self, place: str) -> list[Concept]:
        """The codes in the sequence at this place."""
        sequence, _, rest = place.partition("/")
        if rest:
            return [code for item in self.items(sequence) for code in item.codes(rest)]
        parts = ((item.at("CodeValue") or item.at("LongCodeValue"), item) for item in self.items(place))
        return [
            fold(value, item.at("CodingSchemeDesignator"), item.at("CodeMeaning")) for value, item in parts if value
        ]

    @cached_property
    def zone(self) -> tzinfo | None:
        """The time zone that the object declares."""
        if self.above is not None:
            return self.above.zone
        told = self.at("TimezoneOffsetFromUTC")
        return moment(f"20000101000000{told}").tzinfo if re.fullmatch(r"[+-]\d{4}", told) else None

    def label(self, keyword: str) -> str:
        """What people call the attribute, with its number, and the sequences that it stands in."""
        tag = Tag(keyword)
        return f"{self.path}{dictionary_description(tag)} ({tag.group:04X},{tag.element:04X})"

    def row(self, layout: Layout) -> tuple[Row, list[Problem]]:
        """The layout's header fields, and what could not be read."""
        row = Row(layout)
        problems: list[Problem] = []
        for field in layout.fields:
            if field.tag:
                values = self._values(field, problems)
                if values:
                    row.values[field.name] = values if field.many else values[0]
        return row, problems

    def rows(self, layout: Layout) -> tuple[list[Row], list[Problem]]:
        """The rows that the header has of the layout: one, or one for each item of the sequence that it names."""
        if layout.abreast:
            return self._abreast(layout)
        headers = self.items(layout.claims_tag) if layout.claims_tag else [self]
        rows: list[Row] = []
        problems: list[Problem] = []
        for header in headers:
            row, wrong = header.row(layout)
            problems += wrong
            for part in layout.parts:
                if part.layout.claims_tag or part.layout.abreast:
                    below, wrong = header.rows(part.layout)
                    problems += wrong
                    row.parts |= {part.name: below} if below else {}
            rows.append(row)
        return rows, problems

    def _values(self, field: Field, problems: list[Problem]) -> list[Any]:
        """The field's values from the first place that has some; zeros give way to what is not zero."""
        fallback: list[Any] = []
        for place in PLACES.get(field.tag, (field.tag,)):
            try:
                values = READERS.get(field.kind, _parsed)(self, field, place)
            except Unreadable as problem:
                problems.append(Problem(self.label(last(place)), str(problem), self.at(last(place))))
                self.taken.add(last(place))
                continue
            if values:
                self.taken |= set(place.replace("/", "+").split("+"))
                if any(values) or field.kind not in ("number",):
                    return values
            fallback = fallback or values
        return fallback

    def _abreast(self, layout: Layout) -> tuple[list[Row], list[Problem]]:
        """Rows whose attributes have a value for each: the n-th values of all of them are the n-th row."""
        problems: list[Problem] = []
        columns = {field.name: self._column(field, problems) for field in layout.fields if field.tag}
        count = max(map(len, columns.values()), default=0)
        rows = [Row(layout) for _ in range(count)]
        for field in layout.fields:
            values = columns.get(field.name, [])
            if len(values) == 1 and field.kind != "number":
                values = values * count  # one word for all of them
            if values and len(values) != count:
                told = Problem(self.label(field.tag), f"has {len(values)} values for {count} rows", self.at(field.tag))
                problems.append(told)
                continue
            for row, value in zip(rows, values, strict=False):
                row.values |= {} if value is None else {field.name: value}
        return [row for row in rows if row.values], problems

    def _column(self, field: Field, problems: list[Problem]) -> list[Any]:
        """A value for each row, None for one that can't be read."""
        written = split(self.at(field.tag))
        if written:
            self.taken.add(field.tag)
        values = []
        for one in written:
            try:
                value: Any = number(field, field.tag, one) if field.kind == "number" else code_of(field.concept, one)
            except Unreadable as problem:
                problems.append(Problem(self.label(field.tag), str(problem), one))
                value = None
            if value is None and field.kind == "code":
                problems.append(Problem(self.label(field.tag), "is a word that has no code", one))
            values.append(value)
        return values


@cache
def tag_of(keyword: str) -> int:
    """The attribute's number."""
    return int(Tag(keyword))


def last(place: str) -> str:
    """The attribute that has the value at the place."""
    return place.replace("+", "/").rpartition("/")[2]


def split(written: str) -> list[str]:
    """The values of an attribute. Devices separate them by commas, too; “1,5” may be one number or two, and stays."""
    values = [one.strip() for one in written.split("\\")] if written else []
    return [part for one in values for part in _by_comma(one)]


def _by_comma(value: str) -> list[str]:
    parts = [part.strip() for part in value.replace("/", ",").split(",")]
    is_list = len(parts) > 2 or "." in value or not any(part.isdigit() for part in parts)
    return parts if is_list else [value]


def number(field: Field, attribute: str, written: str) -> float:
    """The number in the field's unit. Raises Unreadable."""
    try:
        return convert(decimal(written), canonical(UNITS.get(attribute, "1")), field.unit)
    except UnitMismatch as mismatch:
        raise Unreadable(f"{mismatch}; {field.unit} is wanted") from None


def _numbers(header: Header, field: Field, place: str) -> list[Any]:
    written = [one for one in split(header.at(place)) if one]
    values = [number(field, last(place), one) for one in written]
    if not field.many and len(set(values)) > 1:
        raise Unreadable("has several values where one belongs")
    return values if field.many else values[:1]


def _codes(header: Header, field: Field, place: str) -> list[Any]:
    if place.endswith("Sequence"):
        return list(header.codes(place))
    words = split(header.at(place))
    codes = [code for word in words if (code := code_of(field.concept, word))]
    return codes if len(codes) == len(words) else []


def _moment(header: Header, field: Field, place: str) -> list[Any]:
    """The moment; where it has no zone of its own, in the one that the object declares."""
    date, _, time = place.partition("+")
    if not header.at(date) or (time and not header.at(time)):
        return []
    told = datetime.combine(day(header.at(date)), clock(header.at(time))) if time else moment(header.at(date))
    return [told if told.tzinfo else told.replace(tzinfo=header.zone)]


def _parsed(header: Header, field: Field, place: str) -> list[Any]:
    written = header.at(place)
    if not written:
        return []
    if place in PERSONS:
        return [" ".join(written.split("=")[0].replace("^", " ").split())]
    if field.kind in ("date", "time"):
        return [(day if field.kind == "date" else clock)(written)]
    texts = written.split("\\") if field.many else [written]
    return [value for one in texts for value in parse(field, Item(None, field.kind, one.strip()))]


READERS: dict[str, Callable[[Header, Field, str], list[Any]]] = {
    "number": _numbers,
    "code": _codes,
    "moment": _moment,
}
