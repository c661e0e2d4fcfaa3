"""The time as the table of jobs has it."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment in UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)
