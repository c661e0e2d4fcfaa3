"""What was measured, beside the goals."""

from statistics import median
from typing import NamedTuple, Self

from bench.store.probe import share
from bench.store.watch import Watch

OF_STORESCP = 0.8
GROWTH_MB = 20  # of the listener, from a tenth of the objects to all of them: what Python's heap may do by itself


class Goals(NamedTuple):
    """What is to be reached on this machine."""

    per_second: float = 150
    p99_ms: float = 250
    list_ms: float = 300

    @classmethod
    def here(cls, slower: float) -> Self:
        """The same for a machine that is so many times slower than the reference."""
        goals = cls()
        return cls(goals.per_second / slower, goals.p99_ms * slower, goals.list_ms * slower)


def of_rounds(way: str, theirs: list[float], ours: list[float], goals: Goals) -> dict:
    """Objects a second of storescp and of our listener in turn; printed, and as figures."""
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))  # of neighbours: machines get busy
    print(f"DCMTK {way}")
    print(f"  storescp --fork, nothing synced: {median(theirs):7.0f}/s  ({_all(theirs)})")
    print(f"  our listener, everything synced: {median(ours):7.0f}/s  ({_all(ours)}; goal ≥{goals.per_second:.0f})")
    print(f"  ours / storescp:                 {ratio:7.2f}    (goal ≥{OF_STORESCP})", flush=True)
    return {"way": way, "storescp_per_second": median(theirs), "listener_per_second": median(ours), "ratio": ratio}


def of_long_run(
    number: int, seconds: float, milliseconds: list[float], watch: Watch, waiting: int, goals: Goals
) -> dict:
    """What the long run showed; printed, and as figures."""
    early, last = watch.megabytes[len(watch.megabytes) // 10], watch.megabytes[-1]
    figures = {
        "objects": number,
        "seconds": seconds,
        "per_second": number / seconds,
        "p50_ms": share(milliseconds, 0.5),
        "p99_ms": share(milliseconds, 0.99),
        "most_ms": share(milliseconds, 1),
        "early_mb": early,
        "last_mb": last,
        "list_ms": median(watch.list_ms),
        "list_p95_ms": share(sorted(watch.list_ms), 0.95),
        "waiting": waiting,
    }
    print(f"\n{number} objects with web server, PostgreSQL, queue and workers: {seconds:.0f} s")
    print(f"objects a second:                  {figures['per_second']:7.0f}    (goal ≥{goals.per_second:.0f})")
    print(f"answer, median / p99 / slowest:    {figures['p50_ms']:.0f} / {figures['p99_ms']:.0f} / "
          f"{figures['most_ms']:.0f} ms of {len(milliseconds)} (goal p99 <{goals.p99_ms:.0f} ms)")  # fmt: skip
    print(f"listener's memory:                 {early:7.0f} MB after a tenth, {last:.0f} MB at the end "
          f"(goal ≤{GROWTH_MB} MB more)")  # fmt: skip
    print(f"CT list, median / p95:             {figures['list_ms']:.0f} / {figures['list_p95_ms']:.0f} ms "
          f"of {len(watch.list_ms)} (goal <{goals.list_ms:.0f} ms)")  # fmt: skip
    print(f"objects that still wait for a worker: {waiting}")
    return figures


def _all(rates: list[float]) -> str:
    return ", ".join(f"{rate:.0f}" for rate in rates)
