"""What stands in a cell, whatever the file."""

from datetime import date, datetime, time

Cell = str | int | float | date | time | datetime | None
