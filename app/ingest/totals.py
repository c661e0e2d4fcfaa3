"""A study's totals: what the device reported, and beside it the sum over the events; in all, and per part."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isclose
from typing import Any

from app.dicom.concept import Concept
from app.dicom.reader import Problem
from app.dicom.units import convert

Values = Mapping[str, Any]

ROUNDED = 0.01  # share by which a total may differ from its parts for being rounded
TOLERATED = 0.05  # share by which a reported total may differ from its events before that is a problem
ALL_PLANES = Concept("113890", "DCM", "All Planes")
BREASTS = {
    ("7771000", "SCT"): "left", ("80248007", "SCT"): "left",
    ("24028007", "SCT"): "right", ("73056007", "SCT"): "right",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What one object tells of one family: the keys of its events, and its accumulations, one a plane."""

    keys: frozenset[str]
    rows: Sequence[Values]
    digest: str = ""


@dataclass(frozen=True)
class Dose:
    """One quantity of a family: the stem of the study's columns, and what is called so in the rows."""

    name: str
    title: str
    unit: str
    reported: str  # of an accumulation; empty where devices report none
    column: str  # of an event
    shown_as: str = ""  # the unit that people use, where the stored one is another

    def told(self, value: float) -> str:
        """The value with its unit, as people write it."""
        unit = self.shown_as or self.unit
        return f"{convert(Decimal(repr(value)), self.unit, unit):g} {unit}"


@dataclass(frozen=True)
class Family:
    """What is added up for one kind of event: CT, projection X-ray, radiopharmaceuticals."""

    doses: tuple[Dose, ...]
    part: str = ""  # the coded column that says which part of the study a row belongs to: a plane, a phantom
    type: str = ""  # the coded column that says what kind of event it is
    times: Mapping[str, str] | None = None  # the study's total: the column that reports it; no event has it
    highest: Mapping[str, str] | None = None  # the study's maximum: the events' column
    view: Callable[[Values], Values] = dict  # what of a row is added up


def breasts(row: Values) -> Values:
    """The row with the glandular dose of each breast apart."""
    told = [(row.get("laterality"), row.get("average_glandular_dose"))]
    told += [(one.get("laterality"), one.get("average_glandular_dose")) for one in row.get("accumulated_agd") or ()]
    sides = {f"agd_{breast}": dose for code, dose in told if (breast := side(code)) and dose is not None}
    return {**row, **sides}


def side(code: Any) -> str | None:
    """Left or right, whether the code is of a side or of a breast."""
    if isinstance(code, Concept):
        return BREASTS.get((code.value, code.scheme))
    return BREASTS.get((code["value"], code["scheme"])) if isinstance(code, Mapping) else None


CT = Family(
    (Dose("dlp", "DLP", "mGy.cm", "dlp_total", "dlp"),),
    part="ctdiw_phantom_type",
    type="acquisition_type",
    highest={"ctdivol_maximum": "mean_ctdivol"},
)
PROJECTION = Family(
    (
        Dose("dap", "DAP", "Gy.m2", "dap_total", "dap", "cGy.cm2"),
        Dose("dose_rp", "Dose (RP)", "Gy", "dose_rp_total", "dose_rp", "mGy"),
        Dose("agd_left", "AGD, left", "mGy", "agd_left", "agd_left"),
        Dose("agd_right", "AGD, right", "mGy", "agd_right", "agd_right"),
    ),
    part="acquisition_plane",
    type="irradiation_event_type",
    times={"fluoro_time_total": "total_fluoro_time"},
    highest={"agd_maximum": "average_glandular_dose"},
    view=breasts,
)
NUCLEAR = Family((Dose("administered_activity", "Administered activity", "MBq", "", "administered_activity"),))


def totals(family: Family, objects: Sequence[Told], events: Mapping[str, Values]) -> dict[str, Any]:
    """The family's totals from what its objects tell, the least believed first, and its distinct events.

    Objects that others repeat are left out. Where the rest tell of different events their totals are added; where
    they overlap in part nobody's total is right, and the sum over the distinct events is shown.
    """
    speaking = _speaking(objects)
    distinct = sum(len(one.keys) for one in speaking) == len(set().union(*(one.keys for one in speaking)))
    events = {key: family.view(event) for key, event in events.items()}
    told_rows = [[family.view(row) for row in one.rows] for one in speaking] if distinct else []
    rows = [row for some in told_rows for row in some]
    summary: dict[str, Any] = {}
    for dose in family.doses:
        own = total(events.values(), dose.column)
        told = [_reported(family, one, dose, events) for one in speaking] if distinct else []
        summary[f"{dose.name}_total"] = own if _sum(told) is None else _sum(told)
        if dose.reported:
            summary[f"{dose.name}_event_sum"] = own
    for name, reported in (family.times or {}).items():
        summary[name] = _sum(_accumulated(family, some, reported) for some in told_rows)
    for name, column in (family.highest or {}).items():
        summary[name] = max((row[column] for row in events.values() if row.get(column) is not None), default=None)
    types = Counter(str(event[family.type]) for event in events.values() if event.get(family.type))
    overlap = not distinct and any(one.rows for one in speaking)
    return summary | {
        "parts": _by_part(family, rows, events),
        "types": dict(sorted(types.items())),
        "overlap": overlap,
        "in_totals": {one.digest for one in speaking} if distinct else set(),
    }


def differences(family: Family, summary: Mapping[str, Any]) -> list[Problem]:
    """Where a reported total is not the sum over the events, in all or of one part."""
    found = []
    for where, told in [("", summary), *((part["title"], part) for part in summary["parts"])]:
        for dose in family.doses:
            reported, own = told.get(f"{dose.name}_total"), told.get(f"{dose.name}_event_sum")
            if reported is not None and own is not None and abs(reported - own) > TOLERATED * max(reported, own):
                path = f"{dose.title} total" + (f", {where}" if where else "")
                found.append(Problem(path, f"is not what its events add up to, {dose.told(own)}", dose.told(reported)))
    return found


def _by_part(family: Family, rows: Sequence[Values], events: Mapping[str, Values]) -> list[dict[str, Any]]:
    """The totals of each plane or phantom, where there are several."""
    codes = {row[family.part] for row in (*rows, *events.values()) if row.get(family.part)} - {ALL_PLANES}
    parts = []
    for code in sorted(codes, key=lambda code: code.value) if len(codes) > 1 else ():
        part: dict[str, Any] = {"title": str(code)}
        own, told = ([row for row in some if row.get(family.part) == code] for some in (events.values(), rows))
        part["events"] = len(own)
        for dose in family.doses:
            part[f"{dose.name}_total"] = total(told, dose.reported)
            part[f"{dose.name}_event_sum"] = total(own, dose.column)
        parts.append({name: value for name, value in part.items() if value is not None})
    return parts


def _speaking(objects: Sequence[Told]) -> list[Told]:
    """The objects that no other repeats: one that has all their events and more, or a later one that has the same."""
    places: dict[str, list[int]] = {}  # of the objects that have an event, and of those that have none
    for place, one in enumerate(objects):
        for key in one.keys or {""}:
            places.setdefault(key, []).append(place)
    return [
        one
        for place, one in enumerate(objects)
        if not any(_is_repeated(objects, place, other) for other in places[next(iter(one.keys), "")])
    ]


def _is_repeated(objects: Sequence[Told], place: int, other: int) -> bool:
    mine, others = objects[place].keys, objects[other].keys
    return bool(mine < others) or (place < other and mine == others)


def _reported(family: Family, one: Told, dose: Dose, events: Mapping[str, Values]) -> float | None:
    """The object's own total; where it tells none, the sum over its events."""
    told = _accumulated(family, [family.view(row) for row in one.rows], dose.reported)
    return total((events[key] for key in one.keys if key in events), dose.column) if told is None else told


def _accumulated(family: Family, rows: Sequence[Values], name: str) -> float | None:
    """What the accumulations of one object add up to; one for all planes or phantoms stands for the others."""
    if len(rows) < 2:
        return total(rows, name)
    there = [row for row in rows if row.get(name) is not None]
    whole = [row for row in there if row.get(family.part) == ALL_PLANES]
    parts = [row for row in there if row.get(family.part) and row not in whole]
    rest = [row for row in there if not row.get(family.part)]
    if len(rest) == 1 and len(parts) > 1 and isclose(rest[0][name], total(parts, name) or 0, rel_tol=ROUNDED):
        whole = rest
    return total(whole or there, name)


def total(rows: Iterable[Values], name: str) -> float | None:
    """The sum of the values that are there, without the crumbs of binary addition; None where there is none."""
    return _sum(row.get(name) for row in rows)


def _sum(values: Iterable[float | None]) -> float | None:
    there = [Decimal(repr(value)) for value in values if value is not None]
    return float(sum(there)) if there else None
