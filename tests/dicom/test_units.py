"""Units: one quantity each, and no digit lost on the way from one to another."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dicom.units import ALIASES, FACTORS, QUANTITIES, UnitMismatch, canonical, convert, factor

NUMBERS = st.builds(
    lambda digits, power: Decimal(f"{digits}E{power}"), st.integers(-(10**12), 10**12), st.integers(-9, 3)
)
PAIRS = st.sampled_from([(one, other) for units in FACTORS.values() for one in units for other in units])


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("Gym2", "Gy.m2"), ("mGycm", "mGy.cm"), ("uAs", "uA.s"), ("Gy.cm^2", "Gy.cm2"), ("dGy*cm^2", "dGy.cm2"),
        ("cGy·cm²", "cGy.cm2"), ("X-ray sources", "{X-Ray sources}"), ("{X-ray sources}", "{X-Ray sources}"),
        ("pulse/s", "{pulse}/s"), ("1/s", "/s"), ("°", "deg"), ("º", "deg"), (" mGy ", "mGy"), ("µGy", "uGy"),
        ("μGy", "uGy"), ("ratio", "{ratio}"), ("m^2", "m2"), ("no units", "1"), ("mGy cm", "mGy.cm"),
        ("mGy-cm", "mGy.cm"), ("mGy x cm", "mGy.cm"), ("mGy×cm", "mGy.cm"), ("mGy⋅cm", "mGy.cm"), ("Gy cm²", "Gy.cm2"),
        ("cGy-cm2", "cGy.cm2"), ("Gy.cm**2", "Gy.cm2"), ("mGym2", "mGy.m2"), ("uGycm2", "uGy.cm2"),
        ("µGy m²", "uGy.m2"),
        ("mA s", "mA.s"), ("mA·s", "mA.s"),
    ],
)  # fmt: skip
def test_spellings_met_in_real_reports_are_known(written, unit):
    assert canonical(written) == unit


@pytest.mark.parametrize("written", ["furlong", "MGY", "Gy.m", "Gy2", "mGy.cm3", "xyz", "Gy.m-2", "Gy/m2", "mGy/cm"])
def test_a_unit_that_is_not_known_is_not_guessed(written):
    with pytest.raises(UnitMismatch, match="is not known"):
        canonical(written)


def test_no_unit_is_said_to_be_none():
    with pytest.raises(UnitMismatch, match="it has no unit"):
        canonical("")


def test_a_unit_of_another_quantity_is_refused():
    with pytest.raises(UnitMismatch, match="“mGy” is a dose, not a dose area product"):
        convert(Decimal(1), "mGy", "Gy.m2")


def test_every_unit_belongs_to_one_quantity_and_every_alias_leads_to_a_unit():
    names = [unit for units in FACTORS.values() for unit in units]
    assert len(names) == len(set(names))
    assert set(ALIASES.values()) <= QUANTITIES.keys()
    assert not ALIASES.keys() & QUANTITIES.keys()


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("126.596", "dGy.cm2", "Gy.m2", 0.00126596), ("30.573", "mGy", "Gy", 0.030573),
        ("0.2359", "Gy.cm^2", "Gy.m2", 2.359e-05),
        ("1.78", "m", "cm", 178), ("34300.00", "uAs", "mA.s", 34.3), ("2", "min", "s", 120), ("-0", "m2", "cm2", 0),
        ("1.3316568E-6", "Gy.m2", "Gy.m2", 1.3316568e-06), ("0.1", "mm", "m", 0.0001), ("764", "MBq", "Bq", 764e6),
    ],
)  # fmt: skip
def test_numbers_keep_their_digits_through_conversion(value, source, target, expected):
    assert convert(Decimal(value), source, target) == expected


@given(NUMBERS, PAIRS)
def test_a_number_is_as_exact_in_any_unit_as_it_was_written(value, pair):
    source, target = pair
    exact = value * factor(source, target)
    assert convert(value, source, target) == float(exact)
    assert abs(exact * factor(target, source) - value) <= abs(value) * Decimal("1e-24")
