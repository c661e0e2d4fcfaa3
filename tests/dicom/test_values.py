"""From what an item says to what a column holds: exactly, or not at all."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.layout import Field
from app.dicom.values import PARSERS, Unreadable, clock, day, decimal, moment, parse

LENGTH, COUNT = Field("length", "number", unit="mm"), Field("count", "number", unit="1")
UID, CODE = Field("uid", "uid"), Field("code", "code")
ANY_TEXT = st.text(max_size=40) | st.from_regex(r"[0-9TZ:.+\-\\ eE,]{0,30}", fullmatch=True)


def number(text: str, unit: str = "mm", field: Field = LENGTH) -> list:
    """What the column gets of a number as written."""
    return parse(field, Item(None, "NUM", text, unit))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4.1E-06", 4.1e-06), ("1e-006", 1e-06), ("6.8e+02", 680), ("0.000000000e+00", 0), ("-0", 0), ("+1.5", 1.5),
        (" 12 ", 12), (".5", 0.5), ("5.", 5), ("0.813000", 0.813), ("123456789.12345678", 123456789.12345678),
        ("1" + "0" * 40, 1e40),
    ],
)  # fmt: skip
def test_numbers_are_read_however_devices_spell_them(text, value):
    assert number(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "nan", "sNaN", "Infinity", "-inf", "1,5", "10.50/ 15.00", "1.06,0.206", "12 mm", "--", "0x10",
        "1e999999", "-1e400", "9" * 500, "1 2", "½", "e5", "1\\x",
    ],
)  # fmt: skip
def test_what_is_not_one_finite_number_is_a_problem(text):
    with pytest.raises(Unreadable):
        number(text)


@pytest.mark.parametrize("text", ["", "\\", " ", "\\\\"])
def test_a_number_that_is_not_there_is_missing(text):
    assert number(text, field=Field("lengths", "number", unit="mm", many=True)) == []


def test_a_count_needs_no_unit():
    assert number("5", "", COUNT) == [5]
    with pytest.raises(Unreadable, match="it has no unit; mm is wanted"):
        number("5", "")


def test_digits_of_other_scripts_are_numbers_too_or_refused_but_never_something_else():
    assert number("١٢") == [12]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20260115", datetime(2026, 1, 15)),
        ("202601151030", datetime(2026, 1, 15, 10, 30)),
        ("20260115103059", datetime(2026, 1, 15, 10, 30, 59)),
        ("20260115103059.5", datetime(2026, 1, 15, 10, 30, 59, 500000)),
        ("20260115103059.123456789", datetime(2026, 1, 15, 10, 30, 59, 123456)),
        ("20260115103059+0100", datetime(2026, 1, 15, 10, 30, 59, tzinfo=timezone(timedelta(hours=1)))),
        ("20260115103059.5-0330", datetime(2026, 1, 15, 10, 30, 59, 500000, timezone(-timedelta(hours=3, minutes=30)))),
        ("20260115103059Z", datetime(2026, 1, 15, 10, 30, 59, tzinfo=UTC)),
        ("2026-01-15T10:30:59", datetime(2026, 1, 15, 10, 30, 59)),
        ("20260115103060", datetime(2026, 1, 15, 10, 30, 59)),
    ],
)
def test_moments_are_read_with_their_zone_and_without(text, value):
    read = moment(text)
    assert read == value
    assert read.tzinfo == value.tzinfo


@pytest.mark.parametrize(
    "text",
    [
        "2026",
        "202601",
        "20260230",
        "20261301",
        "2026011525",
        "20260115103059+9900",
        "00000000",
        "yesterday",
        "0",
    ],
)
def test_moments_that_are_partial_or_impossible_are_problems(text):
    with pytest.raises(Unreadable):
        moment(text)


@pytest.mark.parametrize("text", ["20260115", "2026-01-15", "2026.01.15", " 20260115 "])
def test_dates_are_read_in_old_spellings_too(text):
    assert day(text) == date(2026, 1, 15)


@pytest.mark.parametrize("text", ["0", "18991399", "2026", "20260115103059", "1.2.2026", "00010100"])
def test_dates_that_are_none_are_problems(text):
    with pytest.raises(Unreadable):
        day(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("10", time(10)), ("1030", time(10, 30)), ("103059.25", time(10, 30, 59, 250000)), ("10:30:59", time(10, 30, 59))],
)
def test_times_are_read_as_far_as_they_go(text, value):
    assert clock(text) == value


@pytest.mark.parametrize("text", ["1", "25", "106000", "noon", "10.5.3"])
def test_times_that_are_none_are_problems(text):
    with pytest.raises(Unreadable):
        clock(text)


@pytest.mark.parametrize("text", ["1.2.840", " 2.25.1 "])
def test_uids_are_read(text):
    assert parse(UID, Item(None, "UIDREF", text)) == [text.strip()]


@pytest.mark.parametrize("text", ["1.2.x", "1..2", ".1", "1." * 40 + "1", "one", "1.2\\1.3", "١.٢"])
def test_what_is_no_uid_is_a_problem(text):
    with pytest.raises(Unreadable, match="is not a UID"):
        parse(UID, Item(None, "UIDREF", text))


def test_text_where_a_code_belongs_is_a_problem_and_a_code_where_text_belongs_is_its_meaning():
    with pytest.raises(Unreadable, match="is text where a code belongs"):
        parse(CODE, Item(None, "TEXT", "supine"))
    code = Item(None, "CODE", Concept("113860", "DCM", "15cm from Isocenter toward Source"))
    assert parse(Field("point", "text"), code) == ["15cm from Isocenter toward Source"]


def test_a_code_longer_than_any_column_is_a_problem():
    with pytest.raises(Unreadable):
        parse(CODE, Item(None, "CODE", Concept("1" * 200, "99TEST")))


@pytest.mark.parametrize("kind", PARSERS)
@given(text=ANY_TEXT, unit=st.sampled_from(["mm", "", "1", "kg", "mGy", "\\"]))
def test_no_text_at_all_raises_anything_but_unreadable(kind, text, unit):
    for many in (False, True):
        try:
            parse(Field("x", kind, unit="mm", many=many), Item(None, "TEXT", text, unit))
        except Unreadable as problem:
            assert str(problem)


@pytest.mark.parametrize("read", [moment, day, clock])
@given(text=ANY_TEXT)
def test_no_date_at_all_raises_anything_but_unreadable(read, text):
    try:
        read(text)
    except Unreadable as problem:
        assert str(problem)


@pytest.mark.parametrize("written", ["1e999999999", "1e-999999999", "9" * 400, "-1E+301"])
def test_numbers_that_no_column_can_hold_are_unreadable(written):
    with pytest.raises(Unreadable, match="not a finite number"):
        decimal(written)
