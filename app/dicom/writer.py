"""The one writer for every layout, the reader's opposite: from rows to a report, as a family of devices writes it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydicom.dataset import Dataset

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.dialects import CURRENT, Dialect
from app.dicom.document import HeaderValue, document
from app.dicom.layout import Field, Layout, Part, Row
from app.dicom.units import factor

VALUE_TYPES = {
    "number": "NUM", "text": "TEXT", "name": "TEXT", "code": "CODE", "uid": "UIDREF", "moment": "DATETIME",
    "image": "IMAGE",
}  # fmt: skip
EXCEPTIONAL_VALUE_TYPES = {"121008": "PNAME", "113870": "PNAME", "121342": "IMAGE"}


def write(report: Row, header: Mapping[str, HeaderValue], dialect: Dialect = CURRENT) -> Dataset:
    """The report as a data set with the header's attributes, by their keywords."""
    return document(content(report, dialect), header, dialect)


def row_of(layout: Layout, values: Mapping[str, Any]) -> Row:
    """The row with these values by column; a list under the name of a part becomes rows of that part."""
    own = {name: value for name, value in values.items() if name not in layout.parts_by_name}
    parts = {
        name: [row_of(part.layout, below) for below in values[name]]
        for name, part in layout.parts_by_name.items()
        if values.get(name)
    }
    return Row(layout, own, parts)


def content(row: Row, dialect: Dialect = CURRENT) -> Item:
    """The row and its parts as a content tree. Raises ValueError where a value qualifies one that is missing."""
    return _Claim(row, dialect).filled()


class _Claim:
    """The item that a row's layout claims, and where in it other items stand."""

    def __init__(self, row: Row, dialect: Dialect):
        self.row, self.dialect = row, dialect
        self.item = self._claimed()
        self.places: dict[Concept | None, Item] = {}

    def filled(self) -> Item:
        """The claimed item with everything that the row has."""
        for field in self.row.layout.fields:
            if field.concept not in (None, self.row.layout.claims) and field.name not in self.dialect.silent:
                for value in self._values(field):
                    item = self._item(field, value)
                    self._place(field, field.concept).children.append(item)
                    self.places.setdefault(field.concept, item)
        for part in self.row.layout.parts:
            for row in self.row.parts.get(part.name, []):
                self._place(part, part.layout.claims).children.append(content(row, self.dialect))
        return self.item

    def _claimed(self) -> Item:
        """The item before it is filled: a container, or an item that has a value of its own."""
        claims = self.row.layout.claims
        for field in self.row.layout.fields_by_concept.get(claims, ()):
            return self._item(field, self.row.values.get(field.name))
        return Item(claims, "CONTAINER")

    def _values(self, field: Field) -> list[Any]:
        value = self.row.values.get(field.name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def _place(self, wanted: Field | Part, concept: Concept | None) -> Item:
        """What the item stands in: the item that it qualifies, the standard's container for it, or the claim itself."""
        if wanted.within and wanted.name not in self.dialect.beside:
            if wanted.within not in self.places:
                raise ValueError(f"“{wanted.name}” qualifies “{wanted.within}”, which is missing")
            return self.places[wanted.within]
        container = self.dialect.containers.get((self.row.layout.name, concept.value if concept else ""))
        if container is None:
            return self.item
        if container not in self.places:
            self.places[container] = Item(container, "CONTAINER")
            self.item.children.append(self.places[container])
        return self.places[container]

    def _item(self, field: Field, value: Any) -> Item:
        concept = self.dialect.spell(field.concept) if field.concept else None
        if field.kind == "number":
            unit = self.dialect.units.get(field.unit, field.unit)
            return Item(concept, "NUM", None if value is None else number(value, field.unit, unit), unit)
        if isinstance(value, datetime):
            value = moment(value)
        value = self.dialect.coded.get(value, value)
        if isinstance(value, Concept):
            return Item(concept, "CODE", self.dialect.spell(value))
        value_type = EXCEPTIONAL_VALUE_TYPES.get(field.concept.value if field.concept else "")
        return Item(concept, value_type or VALUE_TYPES[field.kind], value)


def number(value: float, stored: str, written: str) -> str:
    """The number in the written unit, in the 16 characters of a decimal string; digits beyond them are lost."""
    exact = Decimal(repr(value)) / factor(written, stored)
    text = format(exact.normalize(), "f")
    if len(text) <= 16:
        return text
    return next(text for digits in range(14, -1, -1) if len(text := f"{exact:.{digits}E}") <= 16)


def moment(value: datetime) -> str:
    """The date and time as DICOM writes it, its zone included."""
    fraction = f".{value.microsecond:06}" if value.microsecond else ""
    return value.strftime("%Y%m%d%H%M%S") + fraction + value.strftime("%z")
