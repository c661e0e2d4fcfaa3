"""What hospitals send, made by chance: by the hour of a working day, a study's objects at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bench.scale.line import Coming

HOUR = 3600.0
DAY = 24 * HOUR
# The share of a working day's studies that ends in each of its hours. Assumed, as all in this file.
HOURS = (
    0.005, 0.004, 0.004, 0.004, 0.005, 0.007, 0.020, 0.060, 0.100, 0.120, 0.120, 0.105,
    0.070, 0.085, 0.090, 0.075, 0.050, 0.025, 0.015, 0.010, 0.009, 0.007, 0.005, 0.005,
)  # fmt: skip
WORKING_DAYS, OTHER_DAYS = 251, 114
OTHER_DAY = 0.3  # of a working day's studies


@dataclass(frozen=True)
class Kind:
    """One kind of study: its share of all, and what is sent of it at once."""

    name: str
    share: float


# Of studies with dose. Radiography is the most of them, and the least of their dose.
KINDS = (Kind("CT", 0.28), Kind("RF", 0.07), Kind("MG", 0.13), Kind("DX", 0.50), Kind("NM", 0.02))


@dataclass(frozen=True)
class Region:
    """Hospitals of one size that send to one system."""

    hospitals: int = 100
    studies_a_year: int = 20_000_000
    away_every_days: float = 30.0  # the network of each is away that often, and sends all at once afterwards
    away_hours: float = 1.0
    listener_per_second: float = 150.0  # objects that come in at once at most, see `make bench-store`

    @property
    def studies_a_day(self) -> float:
        """On a working day."""
        return self.studies_a_year / (WORKING_DAYS + OTHER_DAYS * OTHER_DAY)

    @property
    def busiest_per_second(self) -> float:
        """Studies a second in the busiest hour."""
        return self.studies_a_day * max(HOURS) / HOUR


Pools = Mapping[str, Sequence[Sequence[float]]]  # by kind, studies: seconds for each of their objects


def objects(region: Region, pools: Pools, seed: int, days: int = 1) -> list[Coming]:
    """All that comes in on so many working days, from midnight, in order."""
    chance = Random(seed)
    away = _outages(region, chance, days)
    shares = [kind.share for kind in KINDS]
    coming: list[Coming] = []
    held: dict[float, int] = {}  # objects that came at the end of an outage until now
    for ended in _moments(region.studies_a_day, chance, days):
        kind = chance.choices(KINDS, shares)[0]
        begins, ends = away.get(chance.randrange(region.hospitals), (0.0, 0.0))
        for takes in chance.choice(pools[kind.name]):
            came = ended
            if begins <= ended < ends:
                held[ends] = held.get(ends, 0) + 1
                came = ends + held[ends] / region.listener_per_second
            coming.append((came, takes))
    return sorted(coming)


def _moments(a_day: float, chance: Random, days: int) -> Iterator[float]:
    """When studies end: a Poisson process whose rate is another one each hour."""
    for hour in range(24 * days):
        begins, rate = hour * HOUR, a_day * HOURS[hour % 24] / HOUR
        moment = begins + chance.expovariate(rate)
        while moment < begins + HOUR:
            yield moment
            moment += chance.expovariate(rate)


def _outages(region: Region, chance: Random, days: int) -> dict[int, tuple[float, float]]:
    """Which hospitals are away on these days, and when."""
    struck = [one for one in range(region.hospitals) if chance.random() < days / region.away_every_days]
    begun = {one: chance.uniform(0, days * DAY - region.away_hours * HOUR) for one in struck}
    return {one: (begins, begins + region.away_hours * HOUR) for one, begins in begun.items()}
