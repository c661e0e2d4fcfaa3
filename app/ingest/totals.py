"""A study's totals: what the device reported, and beside it the sum over the events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

Values = Mapping[str, Any] | RowMapping


@dataclass(frozen=True)
class Told:
    """What one report tells of one family: the keys of its events, and its accumulations, one a plane."""

    keys: frozenset[str]
    rows: Sequence[Values]


@dataclass(frozen=True)
class Family:
    """What is added up for one kind of event: CT, projection X-ray, or radiopharmaceuticals."""

    doses: Mapping[str, tuple[str, str]]  # the study's total: the column that reports it, the events' column
    times: Mapping[str, str]  # the study's total: the column that reports it; no event has it
    highest: Mapping[str, str]  # the study's maximum: the events' column
    sums: Mapping[str, str] = field(default_factory=dict)  # the study's total: the events' column; no report adds it up


CT = Family({"dlp": ("dlp_total", "dlp")}, {}, {"ctdivol_maximum": "mean_ctdivol"})
PROJECTION = Family(
    {"dap": ("dap_total", "dap"), "dose_rp": ("dose_rp_total", "dose_rp")},
    {"fluoro_time_total": "total_fluoro_time"},
    {"agd_maximum": "average_glandular_dose"},
)
NUCLEAR = Family({}, {}, {}, {"administered_activity_total": "administered_activity"})


def totals(family: Family, reports: Sequence[Told], events: Mapping[str, Values]) -> dict[str, object]:
    """The family's totals from its reports, earliest first, and its distinct events.

    Reports that others repeat are left out. Where the rest tell of different events their totals are added; where
    they overlap in part nobody's total is right, and the sum over the distinct events is shown.
    """
    speaking = _speaking(reports)
    distinct = sum(len(report.keys) for report in speaking) == len(set().union(*(one.keys for one in speaking)))
    summary: dict[str, object] = {}
    for name, (reported, column) in family.doses.items():
        own = total(events.values(), column)
        told = [_reported(report, reported, column, events) for report in speaking] if distinct else []
        summary[f"{name}_event_sum"] = own
        summary[f"{name}_total"] = own if _sum(told) is None else _sum(told)
    for name, reported in family.times.items():
        summary[name] = total([row for report in speaking for row in report.rows], reported) if distinct else None
    for name, column in family.highest.items():
        summary[name] = max((row[column] for row in events.values() if row[column] is not None), default=None)
    for name, column in family.sums.items():
        summary[name] = total(events.values(), column)
    return summary


def _speaking(reports: Sequence[Told]) -> list[Told]:
    """The reports that no other repeats: one that has all their events and more, or a later one that has the same."""
    return [
        report
        for place, report in enumerate(reports)
        if not any(report.keys and report.keys < other.keys for other in reports)
        and not any(report.keys == later.keys for later in reports[place + 1 :])
    ]


def _reported(report: Told, reported: str, column: str, events: Mapping[str, Values]) -> float | None:
    """The report's own total; where it tells none, the sum over its events."""
    told = total(report.rows, reported)
    return total((events[key] for key in report.keys if key in events), column) if told is None else told


def total(rows: Iterable[Values], name: str) -> float | None:
    """The sum of the values that are there, without the crumbs of binary addition; None where there is none."""
    return _sum(row[name] for row in rows)


def _sum(values: Iterable[float | None]) -> float | None:
    there = [Decimal(repr(value)) for value in values if value is not None]
    return float(sum(there)) if there else None
