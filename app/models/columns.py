"""Columns that know which item of a report, or which attribute of a header, fills them.

The same line gives the heading, the unit, the filter, the export column and the data dictionary.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import JSON, Date, Double, ForeignKey, Integer, String, Text, Time
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from app.dicom.concept import Concept
from app.dicom.layout import Field, Layout, Part

BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")


class Moment(TypeDecorator):
    """A date and time as the modality sent it, its zone included, as ISO 8601 text."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value.isoformat() if isinstance(value, datetime) else value

    def process_result_value(self, value, dialect):
        return datetime.fromisoformat(value) if value else None


def num(value, meaning, unit, *, tid="", many=False, within=None, tag="", scheme="DCM"):
    """A number, or with `many` a list of numbers, stored in the unit."""
    field = _item("number", value, scheme, meaning, unit=unit, tid=tid, many=many, within=within, tag=tag)
    return _column(JSON if many else Double, field)


def text(value, meaning, *, tid="", many=False, within=None, tag="", scheme="DCM"):
    """A text of any length."""
    field = _item("text", value, scheme, meaning, tid=tid, many=many, within=within, tag=tag)
    return _column(JSON if many else Text, field)


def name(value, meaning, *, tid="", within=None, tag="", scheme="DCM"):
    """A text that many rows share, kept once in the table `name`; filters search that table."""
    return _column(
        Integer, _item("name", value, scheme, meaning, tid=tid, within=within, tag=tag), ForeignKey("name.id")
    )


def code(value, meaning, *, tid="", many=False, within=None, tag="", scheme="DCM"):
    """A coded value, kept once in the table `code`; with `many` a list of codes in the column itself."""
    field = _item("code", value, scheme, meaning, tid=tid, many=many, within=within, tag=tag)
    return _column(JSON, field) if many else _column(Integer, field, ForeignKey("code.id"))


def uid(value, meaning, *, tid="", many=False, within=None, tag="", scheme="DCM"):
    """A DICOM UID."""
    field = _item("uid", value, scheme, meaning, tid=tid, many=many, within=within, tag=tag)
    return _column(JSON if many else String(64), field)


def image(value, meaning, *, tid="", scheme="DCM"):
    """The SOP Instance UIDs of the images that an item refers to."""
    return _column(JSON, _item("image", value, scheme, meaning, tid=tid, many=True))


def when(value, meaning, *, tid="", within=None, tag="", scheme="DCM"):
    """A date and time."""
    return _column(Moment, _item("moment", value, scheme, meaning, tid=tid, within=within, tag=tag))


def attribute(tag, title, kind="text", unit="", *, many=False, bytewise=False):
    """A value that only the header of an object has; the tag is its keyword.

    With `bytewise` its index finds texts by how they begin, wherever the database is.
    """
    field = Field("", kind, tag=tag, title=title, unit=unit, many=many)
    types = {
        "text": BYTEWISE if bytewise else Text,
        "number": Double,
        "date": Date,
        "time": Time,
        "uid": String(64),
        "name": Integer,
        "moment": Moment,
    }
    return _column(JSON if many else types[kind], field, *([ForeignKey("name.id")] if kind == "name" else []))


def parts(layout: Layout, within: Concept | None = None):
    """A part that repeats and that nobody searches by, kept as a list of objects in one column."""
    return mapped_column(JSON(none_as_null=True), info={"part": Part("", layout, within)}, comment=layout.title)


def derived(type_, title, unit="", **options):
    """A value that we work out ourselves; no item of a report fills it."""
    return mapped_column(type_, info={"title": title, "unit": unit}, comment=_comment(title, unit), **options)


def shared_name(title):
    """The id of a name that we work out ourselves; what it is made of is told elsewhere, so that it has no title."""
    return mapped_column(Integer, ForeignKey("name.id"), comment=title)


def _item(kind, value, scheme, meaning, **rest) -> Field:
    return Field("", kind, Concept(value, scheme, meaning), **rest)


def _column(type_, field: Field, *constraints):
    type_ = JSON(none_as_null=True) if type_ is JSON else type_
    # An index on each foreign key to a lookup table would cost more than it gives: those that filters use say so.
    return mapped_column(type_, *constraints, info={"field": field}, comment=_comment(field.title, field.unit))


def _comment(title: str, unit: str) -> str:
    return f"{title} [{unit}]" if unit else title


def layout_of(model) -> Layout:
    """What the model wants of a report: its fields, the parts in its columns, the tables below it."""
    columns = model.__table__.columns
    fields = tuple(_named(column, "field") for column in columns if "field" in column.info)
    inline = tuple(_named(column, "part") for column in columns if "part" in column.info)
    tables = tuple(Part(child.__tablename__, layout_of(child)) for child in getattr(model, "below", ()))
    claims = getattr(model, "claims", None)
    claims_tag = getattr(model, "claims_tag", "")
    return Layout(model.__tablename__, claims, fields, inline + tables, model.__doc__ or "", claims_tag)


def _named(column, key):
    return replace(column.info[key], name=column.name)
