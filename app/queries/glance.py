"""The first page in one line: is everything arriving, did something fail, does something wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models import Refusal
from app.queries.activity import Room
from app.queries.arrived import Arrival


@dataclass(frozen=True)
class Glance:
    """What one wants to know before one looks at any room."""

    latest: datetime | None  # when the last object of a study arrived, in UTC
    studies: Sequence[int]  # in the last days, for each number of days that the site asks for
    rooms: int  # in use
    silent: int  # of those
    failed: datetime | None  # when the last object arrived that could not be read, in UTC


def glance(rooms: Iterable[Room], arrivals: Sequence[Arrival], failures: Sequence[Refusal]) -> Glance:
    """The rooms of all modalities, what arrived lately and what could not be read, in a few numbers."""
    rooms = list(rooms)
    used = [room for room in rooms if not room.retired]
    return Glance(
        latest=arrivals[0].at if arrivals else None,
        studies=[sum(counts) for counts in zip(*(room.recent for room in rooms), strict=True)],
        rooms=len(used),
        silent=sum(room.silent_days > 0 for room in used),
        failed=failures[0].refused_at if failures else None,
    )
