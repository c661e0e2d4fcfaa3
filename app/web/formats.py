"""How values look on pages. Each is a Jinja filter; what is missing looks the same everywhere."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps

from flask import Flask
from markupsafe import Markup

from app.queries.filters import in_sentence
from app.queries.quantities import as_written, written

MISSING = Markup('<span class="missing" title="not in the report">–</span>')
AGES = (("year", 365 * 86400), ("month", 30 * 86400), ("day", 86400), ("hour", 3600), ("minute", 60))
SIZES = ("bytes", "kB", "MB", "GB", "TB")


def init_app(app: Flask) -> None:
    """Make the formats known to templates."""
    for one in (
        shown,
        number,
        day,
        clock,
        second,
        told,
        ago,
        thousands,
        file_size,
        utc,
        moment,
        in_sentence,
        as_written,
    ):
        app.add_template_filter(one)


def or_missing(show: Callable) -> Callable:
    """A dash for a value that is not there."""

    @wraps(show)
    def shown_or_dash(value, *args):
        return MISSING if value is None or value == "" else show(value, *args)

    return shown_or_dash


@or_missing
def shown(value) -> str:
    """A text, or a dash."""
    return str(value)


@or_missing
def told(value) -> str:
    """A stored value of any kind: codes by their meaning, lists in their order."""
    if isinstance(value, list):
        return ", ".join(told(one) for one in value)
    if isinstance(value, dict):
        return str(value.get("meaning") or ", ".join(f"{name}: {told(one)}" for name, one in value.items()))
    return str(value)


@or_missing
def number(value: float) -> str:
    """The digits that are stored: 724.52, 12, 0.00012."""
    return written(value)


@or_missing
def day(value: date) -> str:
    """A date: 2024-01-12."""
    return value.strftime("%Y-%m-%d")


@or_missing
def clock(value: time | datetime) -> str:
    """A time of the day: 10:10."""
    return value.strftime("%H:%M")


@or_missing
def second(value: time | datetime) -> str:
    """A time of the day to the second: 10:10:05."""
    return value.strftime("%H:%M:%S")


@or_missing
def moment(value: datetime) -> str:
    """A moment on this machine's clock: 2024-01-12 10:10."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M")


@or_missing
def ago(moment: date | datetime, now: datetime | None = None) -> str:
    """How long ago that was, to the nearest unit that has passed: 3 days ago.

    A bare date counts in days, a moment without zone is in this machine's.
    """
    if not isinstance(moment, datetime):
        days = ((now or datetime.now()).date() - moment).days
        return {0: "today", 1: "yesterday"}.get(days) or _ago(timedelta(days=days))
    return _ago((now or datetime.now(moment.tzinfo)) - moment)


def _ago(passed: timedelta) -> str:
    seconds = int(passed.total_seconds())
    if seconds < 0:
        return "in the future"
    for unit, length in AGES:
        if count := seconds // length:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


@or_missing
def thousands(value: int) -> str:
    """A count: 10,482."""
    return f"{value:,}"


@or_missing
def file_size(count: float) -> str:
    """A number of bytes: 3.4 MB."""
    for unit in SIZES:
        if count < 1000 or unit == SIZES[-1]:
            return f"{count:.0f} {unit}" if unit == SIZES[0] or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("the last unit takes any size")


def utc(moment: datetime) -> datetime:
    """A moment of our own, which databases keep without its zone."""
    return moment.replace(tzinfo=UTC)
