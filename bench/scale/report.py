"""What was measured and simulated, as lines."""

from collections.abc import Iterator
from statistics import mean, quantiles

from bench.scale.region import KINDS, Region
from bench.scale.service import Service

SERVICE = "  {:4} {:>7} {:>9} {:>10} {:>8} {:>8}"
RUNS = "  {:>7} {:>6} {:>13} {:>9} {:>9} {:>9} {:>14}  {}"
OUTAGES = "  {:>7} {:>16} {:>14} {:>18}"


def of_service(service: Service, region: Region) -> Iterator[str]:
    """What was measured, and what follows for the region by calculation."""
    yield "Measured: what a worker has to do with an object, alone on this machine, in ms"
    yield SERVICE.format("", "share", "objects", "ms, mean", "median", "p95")
    for kind in KINDS:
        studies = service.pools[kind.name]
        ms = [one * 1000 for objects in studies for one in objects]
        cuts = quantiles(ms, n=20, method="inclusive")
        figures = (
            f"{kind.share:.0%}",
            f"{mean(map(len, studies)):.1f}",
            f"{mean(ms):.1f}",
            f"{cuts[9]:.1f}",
            f"{cuts[18]:.1f}",
        )
        yield SERVICE.format(kind.name, *figures)
    objects, seconds = service.mean()
    busiest = region.busiest_per_second * objects
    yield f"With the queue, one of two workers takes {service.carried:.2f} times as long: {seconds * 1000:.0f} ms each."
    yield f"The database is busy {service.database_share:.0%} of the time that a worker alone takes."
    yield (
        f"A study takes {service.rows_kb:.1f} kB in the database, of them indexes {service.indexes_kb:.1f}, "
        f"objects kept to be read again {service.kept_kb:.1f}."
    )
    yield f"\nComputed: {region.hospitals} hospitals with {region.studies_a_year:,} studies a year"
    yield f"  {region.studies_a_day:,.0f} studies on a working day, {region.busiest_per_second:.1f} a second at most"
    yield (
        f"  {busiest:.1f} objects a second then: {busiest * seconds:.2f} workers without a pause, "
        f"{busiest * seconds / service.carried * service.database_share:.2f} cores of the database"
    )
    yield f"  {region.studies_a_year * service.rows_kb / 1e6:,.0f} GB more of the database a year"


def of_runs(runs: list[dict], region: Region, days: int, objects: int) -> Iterator[str]:
    """How long objects wait."""
    yield ""
    yield f"Simulated: {days} working day{'' if days == 1 else 's'}, {objects:,} objects"
    yield RUNS.format("workers", "busy", "busiest hour", "median s", "p95 s", "p99 s", "longest queue", "")
    for run in runs:
        waits = (f"{run[name]:.2f}" for name in ("median", "p95", "p99"))
        told = "enough" if run["enough"] else "too few"
        yield RUNS.format(
            run["workers"], f"{run['busy']:.0%}", f"{run['busiest_hour']:.0%}", *waits, f"{run['longest']:,}", told
        )


def of_outages(outages: list[dict], service: Service, options) -> Iterator[str]:
    """How long it takes until nobody waits any more."""
    if not outages:
        return
    yield ""
    yield f"Simulated: nobody reads for {options.outage:g} hours from 9 o'clock"
    yield OUTAGES.format("workers", "waiting at its end", "longest queue", "minutes to catch up")
    for one in outages:
        yield OUTAGES.format(
            one["workers"], f"{one['waiting']:,}", f"{one['longest']:,}", f"{one['caught_up_minutes']:.0f}"
        )
