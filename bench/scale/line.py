"""The queue of objects, simulated: they come, wait for a worker that is free, and are read in the order they came."""

import heapq
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

Coming = tuple[float, float]  # when an object is in the spool, and how long a worker has to do with it, in seconds


@dataclass(frozen=True)
class Outage:
    """A time in which machines do nothing; what they had begun is found later, and begun again."""

    begins: float
    ends: float
    machines: int | None = None  # the first so many; all where none

    def strikes(self, machine: int) -> bool:
        """Whether it is an outage of this machine."""
        return self.machines is None or machine < self.machines


@dataclass(frozen=True)
class Read:
    """What became of one object."""

    came: float
    begun: float
    done: float

    @property
    def waited(self) -> float:
        """The seconds until a worker began with it for the last time."""
        return self.begun - self.came


@dataclass(frozen=True)
class Workers:
    """So many workers, dealt out to machines in turn."""

    number: int
    machines: int = 1
    cores: int = 0  # of each machine, for its workers; as many as it has workers where 0
    found_again: float = 0.0  # seconds after which an object is asked for again whose worker went away

    @property
    def slowness(self) -> float:
        """How much longer each takes because it shares a core."""
        return max(1.0, self.number / self.machines / self.cores) if self.cores else 1.0


def simulate(coming: Iterable[Coming], workers: Workers, outages: Sequence[Outage] = ()) -> list[Read]:
    """What becomes of each object; the objects in the order in which they come."""
    serial = count()
    waiting = [(came, next(serial), came, takes * workers.slowness) for came, takes in coming]
    heapq.heapify(waiting)
    free = [(0.0, number % workers.machines) for number in range(workers.number)]
    heapq.heapify(free)
    reads = []
    while waiting:
        asked, _, came, takes = waiting[0]
        idle_since, machine = heapq.heappop(free)
        begun = max(asked, idle_since)
        outage = _next(outages, machine, begun)
        if outage and outage.begins <= begun:  # away: the worker comes back at its end, and takes nothing until then
            heapq.heappush(free, (outage.ends, machine))
            continue
        heapq.heappop(waiting)
        if outage and outage.begins < begun + takes:  # cut short
            heapq.heappush(free, (outage.ends, machine))
            heapq.heappush(waiting, (outage.begins + workers.found_again, next(serial), came, takes))
            continue
        heapq.heappush(free, (begun + takes, machine))
        reads.append(Read(came, begun, begun + takes))
    return reads


def _next(outages: Sequence[Outage], machine: int, moment: float) -> Outage | None:
    """The machine's first outage that is not over at the moment."""
    mine = (one for one in outages if one.strikes(machine) and one.ends > moment)
    return min(mine, key=lambda one: one.begins, default=None)


class Figures:
    """What the reads say of the queue."""

    def __init__(self, reads: Sequence[Read], workers: int):
        self.reads, self.workers = reads, workers
        self.waits = sorted(read.waited for read in reads)
        self._came = sorted(read.came for read in reads)
        self._begun = sorted(read.begun for read in reads)

    def wait(self, share: float) -> float:
        """The seconds that this share of the objects waited at most."""
        return self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))]

    def queue_at(self, moment: float) -> int:
        """How many objects wait then."""
        return bisect(self._came, moment) - bisect(self._begun, moment)

    @property
    def longest(self) -> int:
        """The most objects that waited at one time: it was when one had just come."""
        return max(index + 1 - bisect(self._begun, came) for index, came in enumerate(self._came))

    def busy(self, begins: float, ends: float) -> float:
        """Which part of that time the workers read."""
        read = sum(max(0.0, min(one.done, ends) - max(one.begun, begins)) for one in self.reads)
        return read / (ends - begins) / self.workers

    def caught_up_after(self, moment: float) -> float:
        """The seconds from the moment until nobody waits any more."""
        late = self._begun[bisect(self._begun, moment) :]
        return next((begun for begun in late if not self.queue_at(begun)), moment) - moment
