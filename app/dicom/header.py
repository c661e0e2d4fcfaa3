"""Values from the header of an object, for the columns that name an attribute.

Attributes have no unit and no code beside them: the standard says what they are, in `attributes` and `enumerated`.
Values are decoded here from their bytes, so that one damaged value costs itself and not the object.
"""

import re
from collections.abc import MutableSequence
from datetime import tzinfo
from functools import cache, cached_property, lru_cache
from typing import Any

from pydicom.datadict import dictionary_description, dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.dicom.attributes import PLACES
from app.dicom.characters import Encodings, declared_encodings, decode
from app.dicom.concept import Concept, fold
from app.dicom.damage import UNREADABLE
from app.dicom.element_values import raw_bytes, text_bytes
from app.dicom.header_values import agree, column, last, values_at
from app.dicom.layout import Field, Layout, Row
from app.dicom.reader import Problem
from app.dicom.values import Unreadable, moment

OTHER_TIMES = {"AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime"}  # say the same where one of them is told


class Header:
    """The attributes of a data set, whatever their character set.

    `taken` are the attributes that went into rows. What the data set itself does not have is looked for in `below`:
    enhanced images keep what concerns all of their frames in sequences of the header.
    """

    def __init__(self, dataset: Dataset, above: "Header | None" = None, path: str = ""):
        self.dataset, self.above, self.path = dataset, above, path
        self.encodings: Encodings = above.encodings if above else declared_encodings(dataset)
        self.taken: set[str] = set()
        self.below: list[Header] = []
        self.mended: dict[str, str] = {}  # what quirks read instead of what stands there
        self.left: dict[str, str] = {}  # what private attributes say of dose and no column takes, by what it is called

    def __getitem__(self, keyword: str) -> str:
        """The attribute's text; empty where it is absent."""
        return next((found for place in PLACES.get(keyword, (keyword,)) if (found := self.at(place))), "")

    def at(self, place: str) -> str:
        """The text that stands at exactly this place."""
        sequence, _, rest = place.partition("/")
        if rest:
            return next((found for item in self.items(sequence) if (found := item.at(rest))), "")
        if place in self.mended:
            return self.mended[place]
        own = decode(text_bytes(self.dataset, tag_of(place)), self.encodings)
        return own or next((found for header in self.below if (found := header.at(place))), "")

    def items(self, keyword: str) -> list["Header"]:
        """The items of the sequence; none where it is absent, damaged, or no sequence."""
        tag = tag_of(keyword)
        try:
            value = self.dataset[tag].value if tag in self.dataset else None
        except UNREADABLE:
            value = None
            self.left[self.label(keyword)] = "damaged"
        name = f"{self.path}{dictionary_description(tag)} › "
        listed = value if isinstance(value, MutableSequence) else ()
        own = [Header(item, self, name) for item in listed if isinstance(item, Dataset)]
        return own or next((found for header in self.below if (found := header.items(keyword))), [])

    def codes(self, place: str) -> list[Concept]:
        """The codes in the sequence at this place."""
        sequence, _, rest = place.partition("/")
        if rest:
            return [code for item in self.items(sequence) for code in item.codes(rest)]
        parts = ((item.at("CodeValue") or item.at("LongCodeValue"), item) for item in self.items(place))
        return [
            fold(value, item.at("CodingSchemeDesignator"), item.at("CodeMeaning")) for value, item in parts if value
        ]

    def private(self, group: int, creator: str, element: int) -> str:
        """The text of the private attribute in the block that the creator reserved; empty where it reserved none."""
        block = self.blocks.get((group, creator))
        return decode(raw_bytes(self.dataset, block | element), self.encodings) if block else ""

    @cached_property
    def blocks(self) -> dict[tuple[int, str], int]:
        """Where the blocks of private attributes begin, by group and creator; the first where there are several."""
        reserved = [int(tag) for tag in self.dataset.keys() if _reserves(tag)]  # noqa: SIM118 (it iterates over values)
        creators = ((decode(text_bytes(self.dataset, tag), self.encodings), tag) for tag in reversed(reserved))
        return {(tag >> 16, creator): tag & 0xFFFF0000 | (tag & 0xFF) << 8 for creator, tag in creators}

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
                values = self.values(field, problems)
                if values:
                    row.values[field.name] = values if field.many else values[0]
        return row, problems

    def rows(self, layout: Layout) -> tuple[list[Row], list[Problem]]:
        """The rows that the header has of the layout, with the parts in their columns.

        Each item of the sequence that the layout names makes one; without such a name there is one.
        """
        if layout.abreast:
            return self._abreast(layout)
        rows: list[Row] = []
        problems: list[Problem] = []
        for header in self.items(layout.claims_tag) if layout.claims_tag else [self]:
            row, wrong = header.row(layout)
            problems += wrong
            for part in layout.parts:
                if part.layout.claims_tag or part.layout.abreast:
                    below, wrong = header.rows(part.layout)
                    problems += wrong
                    row.parts |= {part.name: below} if below else {}
            rows.append(row)
        return rows, problems

    def values(self, field: Field, problems: list[Problem]) -> list[Any]:
        """The field's values from the first place that has some; zeros give way to what is not zero."""
        found: list[Any] = []
        for place in PLACES.get(field.tag, (field.tag,)):
            try:
                values = values_at(self, field, place)
            except Unreadable as problem:
                problems.append(Problem(self.label(last(place)), str(problem), self.at(last(place))))
                self.taken.add(last(place))
                continue
            if values:
                self.taken |= set(place.replace("/", "+").split("+"))
            if field.kind == "number" and any(values) and not agree(field, place, found, values):
                problems.append(Problem(self.label(place), f"contradicts {field.tag}, which was kept", self.at(place)))
            if field.kind == "number" and not any(found):
                found = values if any(values) else found or values
            elif field.kind != "number" and values:
                self.taken |= OTHER_TIMES if field.kind == "moment" else set()
                return values
        return found

    def _abreast(self, layout: Layout) -> tuple[list[Row], list[Problem]]:
        """Rows whose attributes have a value for each: the n-th values of all of them are the n-th row."""
        problems: list[Problem] = []
        columns = {field: column(self, field, problems) for field in layout.fields if field.tag}
        rows = [Row(layout) for _ in range(max(map(len, columns.values()), default=0))]
        for field, values in columns.items():
            if len(values) == 1 and field.kind != "number":
                values = values * len(rows)  # one word for all of them
            if values and len(values) != len(rows):
                message = f"has {len(values)} values where there are {len(rows)}"
                problems.append(Problem(self.label(field.tag), message, self.at(field.tag)))
                continue
            for row, value in zip(rows, values, strict=False):
                row.values |= {} if value is None else {field.name: value}
        return [row for row in rows if row.values], problems


@lru_cache(maxsize=10_000)  # private attributes must not fill the memory
def sequence_at(tag: int) -> str:
    """The keyword of the attribute where the standard makes it a sequence, else nothing."""
    return keyword_for_tag(tag) if dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ" else ""


def _reserves(tag: int) -> bool:
    """Whether the attribute reserves a block for private ones."""
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


@cache
def tag_of(keyword: str) -> int:
    """The attribute's number."""
    return int(Tag(keyword))
