"""A study's totals: what the device reported, and beside it the sum over the events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

Values = Mapping[str, Any] | RowMapping


@dataclass(frozen=True)
class Accumulated:
    """What one report adds up: how many events it covers, and its accumulations, one a plane."""

    events: int
    rows: Sequence[Values]


# The study's total, the accumulated column that reports it, the event column that it is checked against.
TOTALS = (
    ("dlp", "dlp_total", "dlp"),
    ("dap", "dap_total", "dap"),
    ("dose_rp", "dose_rp_total", "dose_rp"),
)


def totals(reports: Sequence[Accumulated], events: Sequence[Values]) -> dict[str, object]:
    """The totals of a study from its reports, earliest first, and its distinct events.

    The latest report that covers every event speaks for the study. Where the events are spread over several
    reports the sum over the distinct events does: adding the reports' totals would count repeats twice.
    """
    speaking = next((report.rows for report in reversed(reports) if report.events >= len(events)), [])
    summary: dict[str, object] = {"number_of_events": len(events)}
    for name, reported, column in TOTALS:
        summary[f"{name}_event_sum"] = total(events, column)
        told = total(speaking, reported)
        summary[f"{name}_total"] = summary[f"{name}_event_sum"] if told is None else told
    # No event has the fluoroscopy time; reports without a common one add theirs.
    everything = [row for report in reports for row in report.rows]
    summary["fluoro_time_total"] = total(speaking or everything, "total_fluoro_time")
    summary["ctdivol_maximum"] = highest(events, "mean_ctdivol")
    summary["agd_maximum"] = highest(events, "average_glandular_dose")
    return summary


def total(rows: Iterable[Values], name: str) -> float | None:
    """The sum of the values that are there, without the crumbs of binary addition; None where there is none."""
    values = [row[name] for row in rows if row.get(name) is not None]
    return float(sum(Decimal(repr(value)) for value in values)) if values else None


def highest(rows: Iterable[Values], name: str) -> float | None:
    """The highest value; None where there is none."""
    return max((row[name] for row in rows if row.get(name) is not None), default=None)
