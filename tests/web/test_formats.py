"""How values look."""

from datetime import UTC, date, datetime, time

import pytest

from app.web import formats

NOW = datetime(2026, 3, 10, 12, 0)


@pytest.mark.parametrize("show", [formats.shown, formats.number, formats.day, formats.clock, formats.ago])
def test_what_is_missing_is_a_dash_that_says_so(show):
    assert show(None) == formats.MISSING
    assert "not in the report" in formats.MISSING


def test_dates_are_iso_and_times_have_minutes():
    assert formats.day(date(2024, 1, 2)) == "2024-01-02"
    assert formats.clock(time(9, 5, 59)) == "09:05"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 10, 11, 59, 30), "just now"),
        (datetime(2026, 3, 10, 11, 59), "1 minute ago"),
        (datetime(2026, 3, 10, 9, 1), "2 hours ago"),
        (datetime(2026, 3, 7, 11), "3 days ago"),
        (datetime(2025, 12, 1), "3 months ago"),
        (datetime(2024, 1, 1), "2 years ago"),
        (datetime(2026, 3, 10, 12, 1), "in the future"),
        (date(2026, 3, 10), "today"),
        (date(2026, 3, 9), "yesterday"),
        (date(2026, 3, 7), "3 days ago"),
    ],
)
def test_ages_are_told_in_the_largest_unit_that_has_passed(moment, text):
    assert formats.ago(moment, NOW) == text


def test_moments_of_our_own_are_utc():
    assert formats.ago(formats.utc(datetime.now(UTC).replace(tzinfo=None))) == "just now"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (15_413_151, "15.4 MB"), (123_456_789_000, "123 GB")],
)
def test_sizes_of_files_are_told_as_file_managers_do(count, text):
    assert formats.file_size(count) == text
