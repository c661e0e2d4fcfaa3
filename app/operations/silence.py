"""How long a room may be silent before it is odd: worked out from its own past."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil

from sqlalchemy import func, select

from app.extensions import db
from app.models import Equipment, Report, Study

FEWEST, SHORTEST_PAST = 20, 5.0  # studies, and working days, without which nothing is usual
TIMES = 3  # as long as all but the longest pauses of a room
NEARLY_ALL = 0.95
LOOKED_AT = 2000  # studies of a room, the latest ones
LATE_LOOKED_AT = 200
LONGEST_DELAY = 7.0  # working days between a study and its arrival; what is later came from an archive
GONE = timedelta(days=90)  # a room that was silent for so long is not waited for


@dataclass(frozen=True)
class Silence:
    """A room that has been silent for longer than it usually is, in working days."""

    id: int
    name: str
    days: float
    usual: float


def silences(now: datetime, least_days: float) -> Iterator[Silence]:
    """The rooms that are silent now, in the time of this machine, for longer than usual and than so many days."""
    latest = select(Study.equipment_id, func.max(Study.study_at).label("at")).group_by(Study.equipment_id).subquery()
    rooms = select(Equipment, latest.c.at).join(latest, latest.c.equipment_id == Equipment.id)
    for room, last in db.session.execute(rooms.where(latest.c.at > now - GONE).order_by(Equipment.id)).all():
        days = working_days(last, now)
        if days <= least_days:
            continue
        pause = usual_pause(_moments(room.id))
        if pause is None:
            continue
        usual = max(least_days, TIMES * pause) + _delay(room.id)
        if days > usual:
            device = " ".join(filter(None, (room.manufacturer, room.model_name)))
            yield Silence(room.id, room.display_name or device or f"number {room.id}", days, usual)


def usual_pause(moments: Sequence[datetime]) -> float | None:
    """The working days that nearly all pauses between these moments are not longer than; none where they are few."""
    if len(moments) < FEWEST or working_days(moments[0], moments[-1]) < SHORTEST_PAST:
        return None
    pauses = sorted(working_days(one, other) for one, other in pairwise(moments))
    return _nearly_longest(pauses)


def working_days(begin: datetime, end: datetime) -> float:
    """The time between two moments in days, without Saturdays and Sundays; not less than none."""
    return max(0.0, _since_monday(end) - _since_monday(begin))


def _since_monday(moment: datetime) -> float:
    """Working days since the first Monday that there was."""
    weeks, weekday = divmod(moment.toordinal() - 1, 7)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return weeks * 5 + (weekday + (moment - midnight) / timedelta(days=1) if weekday < 5 else 5)


def _nearly_longest(sorted_lengths: Sequence[float]) -> float:
    return sorted_lengths[max(0, ceil(NEARLY_ALL * len(sorted_lengths)) - 1)]


def _moments(room_id: int) -> list[datetime]:
    latest = select(Study.study_at).where(Study.equipment_id == room_id, Study.study_at.is_not(None))
    return sorted(db.session.scalars(latest.order_by(Study.study_at.desc()).limit(LOOKED_AT)))


def _delay(room_id: int) -> float:
    """How many working days nearly all studies of the room take to arrive."""
    arrived = (
        select(Study.study_at, func.min(Report.received_at))
        .join(Report, Report.study_id == Study.id)
        .where(Study.equipment_id == room_id, Study.study_at.is_not(None))
        .group_by(Study.id, Study.study_at)
        .order_by(Study.study_at.desc())
        .limit(LATE_LOOKED_AT)
    )
    delays = sorted(working_days(at, _local(received)) for at, received in db.session.execute(arrived))
    return min(LONGEST_DELAY, _nearly_longest(delays)) if delays else 0.0


def _local(moment: datetime) -> datetime:
    """A moment in UTC, as modalities' clocks here have it."""
    return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
