"""From the text of a header attribute to what a column holds."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from app.dicom.attributes import UNITS
from app.dicom.content import Item
from app.dicom.enumerated import code_of
from app.dicom.layout import Field
from app.dicom.reader import Problem
from app.dicom.units import UnitMismatch, canonical, convert
from app.dicom.values import Unreadable, clock, day, decimal, moment, parse

if TYPE_CHECKING:
    from app.dicom.header import Header

PERSONS = {"OperatorsName", "PerformingPhysicianName"}
# Whole numbers cut off or round what a more precise attribute says: 1.04 mAs beside 1, 0.8 beside 1.
ROUNDED = 1.0
DIFFERENCE = 0.1  # of the value


def values_at(header: "Header", field: Field, place: str) -> list[Any]:
    """The field's values at this place of the header. Raises Unreadable where what stands there can't be one."""
    return READERS.get(field.kind, _parsed)(header, field, place)


def agree(field: Field, place: str, kept: list[Any], others: list[Any]) -> bool:
    """Whether the numbers at another place say the same as those that were kept, but for rounding."""
    if not any(kept) or len(kept) != len(others):
        return True
    one = abs(number(field, last(place), str(ROUNDED)))
    return all(abs(a - b) <= max(one, DIFFERENCE * abs(a)) for a, b in zip(kept, others, strict=True))


@cache
def last(place: str) -> str:
    """The attribute that has the value at the place."""
    return place.replace("+", "/").rpartition("/")[2]


def split(written: str) -> list[str]:
    """The values of an attribute. Devices separate them by commas, too; “1,5” may be one number or two, and stays."""
    values = [one.strip() for one in written.split("\\")] if written else []
    return [part for one in values for part in _by_comma(one)]


def _by_comma(value: str) -> list[str]:
    parts = [part.strip() for part in value.replace("/", ",").split(",")]
    is_list = len(parts) > 2 or "." in value or not any(character.isdigit() for character in value)
    return parts if is_list else [value]


def number(field: Field, attribute: str, written: str) -> float:
    """The number in the field's unit. Raises Unreadable."""
    try:
        return convert(decimal(written), canonical(UNITS.get(attribute, "1")), field.unit)
    except UnitMismatch as mismatch:
        raise Unreadable(f"{mismatch}; {field.unit} is wanted") from None


def column(header: "Header", field: Field, problems: list[Problem]) -> list[Any]:
    """The attribute's values, each for a row of its own; None for one that can't be read."""
    written = split(header.at(field.tag))
    if written:
        header.taken.add(field.tag)
    return [_one(header, field, one, problems) for one in written]


def _one(header: "Header", field: Field, written: str, problems: list[Problem]) -> Any:
    message = "is a word that has no code"
    try:
        value = number(field, field.tag, written) if field.kind == "number" else code_of(field.concept, written)
    except Unreadable as problem:
        value, message = None, str(problem)
    if value is None and written:
        problems.append(Problem(header.label(field.tag), message, written))
    return value


def _numbers(header: "Header", field: Field, place: str) -> list[Any]:
    written = [one for one in split(header.at(place)) if one]
    values = [number(field, last(place), one) for one in written]
    if not field.many and len(set(values)) > 1:
        raise Unreadable("has several values where one belongs")
    return values if field.many else values[:1]


def _codes(header: "Header", field: Field, place: str) -> list[Any]:
    """Codes; where one of several words has none, none at all, and the attribute stays unread."""
    if place.endswith("Sequence"):
        return list(header.codes(place))
    words = [word for word in split(header.at(place)) if word]
    codes = [code for word in words if (code := code_of(field.concept, word))]
    return codes if len(codes) == len(words) else []


def _moment(header: "Header", _field: Field, place: str) -> list[Any]:
    """The moment; where it has no zone of its own, in the one that the object declares."""
    date, _, time = place.partition("+")
    if not header.at(date) or (time and not header.at(time)):
        return []
    told = datetime.combine(day(header.at(date)), clock(header.at(time))) if time else moment(header.at(date))
    return [told if told.tzinfo else told.replace(tzinfo=header.zone)]


def _parsed(header: "Header", field: Field, place: str) -> list[Any]:
    written = header.at(place)
    if not written:
        return []
    if place in PERSONS:
        name = " ".join(written.split("=")[0].replace("^", " ").split())
        return [name] if name else []
    if field.kind in ("date", "time"):
        return [(day if field.kind == "date" else clock)(written)]
    texts = written.split("\\") if field.many else [written]
    return [value for one in texts for value in parse(field, Item(None, field.kind, one.strip()))]


READERS: dict[str, Callable[["Header", Field, str], list[Any]]] = {
    "number": _numbers,
    "code": _codes,
    "moment": _moment,
}
