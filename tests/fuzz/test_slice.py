"""A slice of `make fuzz`: always the same objects, about a minute of them."""

from tests.fuzz.__main__ import fuzz

OBJECTS = 700
FIRST = 100_000  # other seeds than those that `make fuzz` begins with


def test_damaged_objects_crash_nothing_hang_nothing_and_leave_no_half_study():
    found = list(fuzz(FIRST, OBJECTS))
    assert not [fault for batch in found for fault in batch["faults"]]
    assert sum(batch["results"].get("imported", 0) for batch in found) > OBJECTS // 4  # enough was left to be read
