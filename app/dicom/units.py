"""Units by their UCUM code, and the only place where one is converted into another."""

import re
from decimal import Decimal
from functools import cache

FACTORS: dict[str, dict[str, str]] = {
    "dose area product": {
        "Gy.m2": "1", "mGy.m2": "1e-3", "uGy.m2": "1e-6", "Gy.cm2": "1e-4", "dGy.cm2": "1e-5", "cGy.cm2": "1e-6",
        "mGy.cm2": "1e-7", "uGy.cm2": "1e-10",
    },
    "dose": {"Gy": "1", "dGy": "1e-1", "cGy": "1e-2", "mGy": "1e-3", "uGy": "1e-6"},
    "dose length product": {"Gy.cm": "1", "mGy.cm": "1e-3"},
    "effective dose": {"Sv": "1", "mSv": "1e-3", "uSv": "1e-6"},
    "effective dose per dose length product": {"mSv/mGy.cm": "1"},
    "dose per charge": {"mGy/mA.s": "1"},
    "length": {"m": "1", "cm": "1e-2", "mm": "1e-3", "um": "1e-6", "[in_i]": "0.0254"},
    "area": {"m2": "1", "cm2": "1e-4", "mm2": "1e-6"},
    "time": {
        "a": "31557600", "mo": "2629800", "wk": "604800", "d": "86400", "h": "3600", "min": "60", "s": "1",
        "ms": "1e-3", "us": "1e-6", "ns": "1e-9",
    },
    "angle": {"deg": "1"},
    "voltage": {"kV": "1e3", "V": "1"},
    "current": {"A": "1", "mA": "1e-3", "uA": "1e-6"},
    "charge": {"A.s": "1", "mA.s": "1e-3", "uA.s": "1e-6"},
    "rate": {"{pulse}/s": "1", "/s": "1", "Hz": "1"},
    "number": {"1": "1", "{ratio}": "1", "{events}": "1", "{X-Ray sources}": "1", "{frames}": "1"},
    "percentage": {"%": "1"},
    "energy": {"MeV": "1e3", "keV": "1", "eV": "1e-3"},
    "force": {"kN": "1e3", "daN": "10", "N": "1"},
    "pressure": {"kPa": "1e3", "Pa": "1"},
    "mass": {"kg": "1", "g": "1e-3", "mg": "1e-6", "[lb_av]": "0.45359237"},
    "mass per area": {"kg/m2": "1"},
    "volume": {"l": "1", "dl": "1e-1", "ml": "1e-3", "cm3": "1e-3", "ul": "1e-6"},
    "activity": {
        "Bq": "1", "kBq": "1e3", "MBq": "1e6", "GBq": "1e9", "Ci": "3.7e10", "mCi": "3.7e7", "uCi": "3.7e4",
    },
    "specific activity": {
        "Bq/mol": "1e-3", "Bq/mmol": "1", "Bq/umol": "1e3", "MBq/mmol": "1e6", "MBq/umol": "1e9", "GBq/mmol": "1e9",
        "GBq/umol": "1e12",
    },
    "substance concentration": {"mol/l": "1e3", "mmol/l": "1", "umol/l": "1e-3"},
    "mass concentration": {"g/l": "1e2", "mg/l": "1e-1", "mg/dl": "1"},
    "clearance by body surface": {"ml/min{1.73_m2}": "1"},
}  # fmt: skip

# Spellings met in real reports; see also _tidy, which takes out what never makes a difference.
ALIASES = {
    "Gym2": "Gy.m2", "mGycm": "mGy.cm", "uAs": "uA.s", "mAs": "mA.s", "X-ray sources": "{X-Ray sources}",
    "{X-ray sources}": "{X-Ray sources}", "pulse/s": "{pulse}/s", "pulses/s": "{pulse}/s", "1/s": "/s",
    "ratio": "{ratio}", "events": "{events}", "sec": "s", "msec": "ms", "degrees": "deg", "no units": "1",
    "dGycm2": "dGy.cm2", "cGycm2": "cGy.cm2", "mGycm2": "mGy.cm2", "uGym2": "uGy.m2", "Gycm2": "Gy.cm2",
    "°": "deg", "º": "deg", "mGy/mAs": "mGy/mA.s", "mL": "ml", "dL": "dl", "L": "l", "uL": "ul", "cc": "cm3",
    "mL/min/{1.73_m2}": "ml/min{1.73_m2}", "ml/min/{1.73_m2}": "ml/min{1.73_m2}",
    "mL/min/1.73.m2": "ml/min{1.73_m2}", "ml/min/1.73m2": "ml/min{1.73_m2}", "mL/min/1.73m2": "ml/min{1.73_m2}",
    "mL/min{1.73_m2}": "ml/min{1.73_m2}", "mmol/L": "mmol/l", "umol/L": "umol/l", "mg/dL": "mg/dl", "g/L": "g/l",
    "mg/L": "mg/l", "years": "a", "year": "a", "months": "mo", "weeks": "wk", "days": "d", "hours": "h",
}  # fmt: skip

TIDY = str.maketrans({"^": "", "·": ".", "⋅": ".", "•": ".", "∙": ".", "×": ".", "²": "2", "µ": "u", "μ": "u"})
POWER = re.compile(r"\*\*(?=\d)")
BETWEEN = re.compile(r"\s*[.*]\s*|(?<=[A-Za-z\d])(?:\s+(?:x\s+)?|-)(?=[A-Za-z])")  # “Gy.m-2” is another quantity

QUANTITIES = {unit: quantity for quantity, units in FACTORS.items() for unit in units}
JOINED = {
    unit.replace(".", ""): unit for unit in QUANTITIES if "." in unit
}  # what they are without a sign between their parts


class UnitMismatch(ValueError):
    """The unit is unknown, or measures something else than what is wanted."""


@cache
def canonical(unit: str) -> str:
    """The UCUM code of a unit as written. Raises UnitMismatch where it is not known."""
    tidy = _tidy(unit)
    spellings = (unit, tidy, ALIASES.get(unit), ALIASES.get(tidy), JOINED.get(tidy.replace(".", "")))
    known = next((name for name in spellings if name in QUANTITIES), None)
    if known is None:
        raise UnitMismatch(f"unit “{unit}” is not known" if unit else "it has no unit")
    return known


def _tidy(unit: str) -> str:
    return BETWEEN.sub(".", POWER.sub("", unit.strip().translate(TIDY)))


@cache
def factor(source: str, target: str) -> Decimal:
    """What a number in the source unit is multiplied by. Raises UnitMismatch rather than guess."""
    source = canonical(source)
    if QUANTITIES[source] != QUANTITIES[target]:
        raise UnitMismatch(f"unit “{source}” is a {QUANTITIES[source]}, not a {QUANTITIES[target]}")
    units = FACTORS[QUANTITIES[target]]
    return Decimal(units[source]) / Decimal(units[target])


def convert(value: Decimal, source: str, target: str) -> float:
    """The value in the target unit, with the digits that were written. Raises UnitMismatch rather than guess."""
    return float(value * factor(source, target))
