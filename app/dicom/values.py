"""From what an item says to what a column holds."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.layout import Field
from app.dicom.units import UnitMismatch, canonical, convert

UID = re.compile(r"[0-9]+(\.[0-9]+)*")
SEPARATORS = re.compile(r"[\\/;]")
COMMA_LIST = re.compile(r"\s*[-+]?\d*\.\d+\s*(,\s*[-+]?\d*\.\d+\s*)+")
LARGEST_EXPONENT = 290  # of ten; beyond, a conversion could leave what a column holds
LONGEST_CODE, LONGEST_SCHEME = 128, 64  # DICOM allows 16; the table holds what devices may make of it
MOMENT = re.compile(
    r"(\d{4})[-.]?(\d\d)[-.]?(\d\d)[T ]?(\d\d)?:?(\d\d)?:?(\d\d)?(?:\.(\d{1,6})\d*)?([+-]\d\d:?\d\d|Z)?"
)


class Unreadable(ValueError):
    """The item has a value, but not one that the column can hold."""


def parse(wanted: Field, item: Item) -> list[object]:
    """The item's values for the field; none where the item is empty. Raises Unreadable rather than guess."""
    if item.value is None or item.value == "":
        return []
    return PARSERS[wanted.kind](wanted, item)


def numbers(wanted: Field, item: Item) -> list[object]:
    """The numbers in the field's unit; a single field takes one number only."""
    texts = [text for text in several(str(item.value)) if text]
    if len(texts) > 1 and not wanted.many:
        raise Unreadable("has several values where one belongs")
    try:
        unit = canonical(item.unit or ("1" if wanted.unit in ("1", "{ratio}", "{events}", "{X-Ray sources}") else ""))
        return [convert(decimal(text), unit, wanted.unit) + 0.0 for text in texts]  # −0 is 0
    except UnitMismatch as mismatch:
        raise Unreadable(f"{mismatch}; {wanted.unit} is wanted") from None


def several(text: str) -> list[str]:
    """The numbers that stand in one: some devices join them by a slash or semicolon instead of a backslash.

    A comma joins only numbers that have their own decimal points: “10,5” could be two numbers, or one.
    """
    parts = [part.strip() for part in SEPARATORS.split(text)]
    return [number.strip() for part in parts for number in (part.split(",") if COMMA_LIST.fullmatch(part) else [part])]


def decimal(text: str) -> Decimal:
    """The finite number that the text is. Raises Unreadable for anything else."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Unreadable("is not a number") from None
    if "_" in text:
        raise Unreadable("is not a number")  # but for Python
    if not number.is_finite() or (number and abs(number.adjusted()) > LARGEST_EXPONENT):
        raise Unreadable("is not a finite number")
    return number


def _text(_wanted: Field, item: Item) -> list[object]:
    return [str(item.value)]


def _code(_wanted: Field, item: Item) -> list[object]:
    if not isinstance(item.value, Concept):
        raise Unreadable("is text where a code belongs")
    if not item.value.value:
        raise Unreadable("has a meaning but no code")
    if len(item.value.value) > LONGEST_CODE or len(item.value.scheme) > LONGEST_SCHEME:
        raise Unreadable("is longer than a code can be")
    return [item.value]


def _uid(_wanted: Field, item: Item) -> list[object]:
    uid = str(item.value).strip()
    if len(uid) > 64 or not UID.fullmatch(uid):
        raise Unreadable("is not a UID")
    return [uid]


def _moment(_wanted: Field, item: Item) -> list[object]:
    return [moment(str(item.value))]


def moment(text: str) -> datetime:
    """The DICOM date and time, with its zone where it has one. Raises Unreadable where it is none."""
    match = MOMENT.fullmatch(text.strip())
    if not match:
        raise Unreadable("is not a date and time")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        return datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), min(int(second or 0), 59),
            int((fraction or "0").ljust(6, "0")), tzinfo=_zone(zone),
        )  # fmt: skip
    except ValueError:
        raise Unreadable("is not a date and time") from None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    digits = "0000" if text == "Z" else text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def day(text: str) -> date:
    """The DICOM date. Raises Unreadable where it is none."""
    if not re.fullmatch(r"\d{4}[-.]?\d\d[-.]?\d\d", text.strip()):
        raise Unreadable("is not a date")
    return moment(text.strip().replace(".", "").replace("-", "")).date()


def clock(text: str) -> time:
    """The DICOM time. Raises Unreadable where it is none."""
    match = re.fullmatch(r"(\d\d):?(\d\d)?:?(\d\d)?(\.\d+)?", text.strip())
    if not match:
        raise Unreadable("is not a time")
    hour, minute, second, fraction = match.groups()
    return moment(f"20000101{hour}{minute or '00'}{second or '00'}{fraction or ''}").time()


PARSERS: dict[str, Callable[[Field, Item], list[object]]] = {
    "number": numbers,
    "text": _text,
    "name": _text,
    "code": _code,
    "uid": _uid,
    "moment": _moment,
    "image": _uid,
}
