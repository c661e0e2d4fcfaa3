"""An axis of a drawing: where a value lies on it, and the few round values that it names."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.queries.quantities import written

ROUND = (1, 2, 5, 10)
# Steps of a clock, in seconds.
CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
MOST = 6  # values that are named


@dataclass(frozen=True)
class Tick:
    """A value that an axis names: where it is in percent, and how it is written."""

    at: float
    words: str


@dataclass(frozen=True)
class Axis:
    """From low to high, with a name for each step; both ends are steps where it begins at a round value."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        """Where the value lies: 0 at the low end, 1 at the high end."""
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5

    @property
    def values(self) -> list[float]:
        """The round values, from the lowest."""
        first = math.ceil(self.low / self.step - 1e-9)
        last = math.floor(self.high / self.step + 1e-9)
        return [number * self.step for number in range(first, last + 1)]

    @property
    def ticks(self) -> list[Tick]:
        """The round values where they are."""
        return [Tick(100 * self.share(value), written(float(f"{value:.6g}"))) for value in self.values]


def round_axis(low: float, high: float) -> Axis:
    """An axis that holds both and begins and ends with round values."""
    high = high if high > low else low + (abs(low) or 1.0)
    wide = high - low
    power: float = 10.0 ** math.floor(math.log10(wide / MOST))
    step = next((one * power for one in ROUND if wide / (one * power) <= MOST), 10 * power)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)


@dataclass(frozen=True)
class Clock:
    """An axis of time, from the first moment to the last."""

    first: datetime
    last: datetime

    def share(self, moment: datetime) -> float:
        """Where the moment lies: 0 for the first, 1 for the last."""
        wide = (self.last - self.first).total_seconds()
        return (moment - self.first).total_seconds() / wide if wide else 0.5

    @property
    def ticks(self) -> list[Tick]:
        """The round times of the clock between the two."""
        wide = (self.last - self.first).total_seconds()
        step = next((one for one in CLOCK if wide / one <= MOST), 86400 * math.ceil(wide / 86400 / MOST))
        day = datetime.combine(self.first.date(), datetime.min.time())
        count = math.ceil((self.first - day).total_seconds() / step)
        found = []
        while (moment := day + timedelta(seconds=count * step)) <= self.last:
            found.append(Tick(100 * self.share(moment), moment.strftime(_written_as(step))))
            count += 1
        return found


def _written_as(step: float) -> str:
    if step < 86400:
        return "%H:%M:%S" if step < 60 else "%H:%M"
    return "%m-%d" if step < 30 * 86400 else "%Y-%m-%d"


def counted(count: int) -> list[Tick]:
    """So many places in a row, of which each or every so-manieth is named by its number."""
    step = next(one * 10**power for power in range(9) for one in (1, 2, 5) if count / (one * 10**power) <= 2 * MOST)
    numbers = [1, *range(step, count + 1, step)] if step > 1 else range(1, count + 1)
    return [Tick(100 * (number - 0.5) / count, str(number)) for number in numbers]
