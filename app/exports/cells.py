"""What stands in a cell, whatever the file."""

from datetime import date, datetime, time

Cell = str | int | float | date | time | datetime | None


def without_crumbs(value: float) -> float:
    """What was worked out, without the crumbs of binary arithmetic."""
    return float(f"{value:.12g}")
