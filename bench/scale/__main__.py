"""`make simulate`: what a region's hospitals would need, by a simulation of the queue with measured service times."""

import argparse
import json
from pathlib import Path

from bench.scale import report
from bench.scale.line import Figures, Outage, Workers, simulate
from bench.scale.region import DAY, HOUR, Region, objects
from bench.scale.service import Service, measured
from bench.walk import told_walk_ms

OUTAGE_AT = 9 * HOUR  # when most comes in
FOUND_AGAIN = 70.0  # seconds until an object is read again whose worker went away, where it was carried, at most
MOST_WORKERS = 1000


def main() -> None:
    """Measure, simulate, print; the figures as JSON where a path is given."""
    options = _options()
    walk = told_walk_ms()
    if options.service:
        service = Service(**json.loads(options.service.read_text())["service"])
    else:
        service = measured(options.measure, options.reports)
    region = Region(options.hospitals, options.studies)
    print(*report.of_service(service, region), sep="\n", flush=True)
    coming = objects(region, service.as_workers_are(), options.seed, options.days)
    runs = [_run(coming, number, options) for number in _numbers(coming, options)]
    print(*report.of_runs(runs, region, options.days, len(coming)), sep="\n", flush=True)
    outages = [_outage(coming, number, options) for number in _after(runs, options)]
    print(*report.of_outages(outages, service, options), sep="\n")
    if options.json:
        told = {"walk_ms": walk, "service": service.as_json(), "objects": len(coming), "runs": runs, "outages": outages}
        options.json.write_text(json.dumps(told, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make simulate", description="What a region's hospitals would need.")
    parser.add_argument("--hospitals", type=int, default=100)
    parser.add_argument("--studies", type=int, default=20_000_000, help="a year, of all of them")
    parser.add_argument("--days", type=int, default=1, help="working days that are simulated")
    parser.add_argument("--machines", type=int, default=1, help="that the workers are on")
    parser.add_argument("--cores", type=int, default=0, help="of each; as many as it has workers if not given")
    parser.add_argument("--wait", type=float, default=60.0, help="seconds that 99 of 100 objects may wait")
    parser.add_argument("--outage", type=float, default=4.0, help="hours in which nobody reads")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measure", type=int, default=300, help="studies that are imported beforehand")
    parser.add_argument(
        "--reports", type=int, default=400, help="that go through queue and workers then; 0 leaves it out"
    )
    parser.add_argument("--service", type=Path, help="take what was measured from a file that --json wrote")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def _numbers(coming, options) -> list[int]:
    """From the fewest workers that wait for nobody long, one less, and up to four times as many."""
    enough = next(number for number in range(1, MOST_WORKERS) if _run(coming, number, options)["p99"] <= options.wait)
    return sorted({max(1, enough - 1), enough, enough + 1, 2 * enough, 4 * enough})


def _run(coming, number: int, options) -> dict:
    figures = Figures(simulate(coming, _workers(number, options)), number)
    hours = [figures.busy(hour * HOUR, (hour + 1) * HOUR) for hour in range(24 * options.days)]
    return {
        "workers": number,
        "busy": figures.busy(0, options.days * DAY),
        "busiest_hour": max(hours),
        "median": figures.wait(0.5),
        "p95": figures.wait(0.95),
        "p99": figures.wait(0.99),
        "longest": figures.longest,
        "enough": figures.wait(0.99) <= options.wait,
    }


def _after(runs: list[dict], options) -> list[int]:
    return [run["workers"] for run in runs if run["enough"]] if options.outage else []


def _outage(coming, number: int, options) -> dict:
    """Nobody reads for some hours from nine o'clock on: the database is away, say."""
    outage = Outage(OUTAGE_AT, OUTAGE_AT + options.outage * HOUR)
    figures = Figures(simulate(coming, _workers(number, options), [outage]), number)
    return {
        "workers": number,
        "waiting": figures.queue_at(outage.ends),
        "longest": figures.longest,
        "caught_up_minutes": figures.caught_up_after(outage.ends) / 60,
    }


def _workers(number: int, options) -> Workers:
    return Workers(number, min(number, options.machines), options.cores, FOUND_AGAIN)


if __name__ == "__main__":
    main()
