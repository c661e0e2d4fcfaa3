"""When studies are made: on working days, mostly, and at the hours when people come."""

from datetime import date, datetime, time, timedelta
from random import Random

YEARS = 3
EMERGENCIES = 0.12  # the share that comes at any hour of any day
FIRST, LAST = time(7, 0), time(19, 0)


def moment(random: Random, until: date) -> datetime:
    """A date and time in the three years that end with this day."""
    days = round(YEARS * 365.25)
    day = until - timedelta(days=random.randrange(days))
    if random.random() < EMERGENCIES:
        return datetime.combine(day, time()) + timedelta(seconds=random.randrange(24 * 3600))
    while day.weekday() >= 5:
        day = until - timedelta(days=random.randrange(days))
    return datetime.combine(day, time()) + timedelta(seconds=_working_second(random))


def progress(at: datetime, until: date) -> float:
    """Where in the three years it is: 0 at their beginning, 1 at their end."""
    return 1 - (until - at.date()).days / (YEARS * 365.25)


def _working_second(random: Random) -> int:
    """Seconds since midnight: a peak in the morning, a lower one after lunch."""
    while True:
        hour = random.gauss(10.0, 1.4) if random.random() < 0.6 else random.gauss(14.3, 1.5)
        if FIRST.hour <= hour < LAST.hour:
            return int(hour * 3600)
