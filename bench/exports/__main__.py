"""`make bench-export`: studies a second and memory of the exports, from a made archive in PostgreSQL."""

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from app import create_app
from app.extensions import db
from app.settings import load
from bench.walk import slower, told_walk_ms
from bench.web import archive
from tests import servers

COLUMNS = "  {:15} {:>9} {:>9} {:>8} {:>8} {:>12} {:>12} {:>11} {:>8} {:>8}  {}"
HEADING = ("kind", "studies", "events", "s", "cpu s", "a second", "goal", "statements", "peak MB", "file MB", "")
CT_SHARE = 0.45  # of the made archive's studies
PEAK_MB, GROWTH = 250, 1.2  # at most; a tenth of the studies may take as much again but for a fifth


@dataclass(frozen=True)
class Run:
    """An export that is measured with a tenth of the studies, and with all."""

    kind: str
    share: float  # of the studies asked for
    goal: int | None = None  # a second
    counts: str = "studies"


RUNS = (
    Run("ct-csv", 1, 4000), Run("ct-xlsx", 1, 900), Run("rf-xlsx", 0.1, 10_000, "events"),
    Run("ct-long-csv", 1, counts="events"), Run("ct-long-xlsx", 1, counts="events"),
    Run("ct-long-parquet", 1, counts="events"),
)  # fmt: skip


def main() -> None:
    """Measure, print, and write the figures as JSON where a path is given."""
    options = _options()
    walk = told_walk_ms()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        server = options.postgresql or stack.enter_context(servers.fresh_postgres())
        _fill(server, folder, round(options.studies / CT_SHARE * 1.05))
        print(COLUMNS.format(*HEADING))
        figures = [one for run in RUNS for one in _both(run, options.studies, server, folder, slower(walk))]
    if options.json:
        options.json.write_text(json.dumps({"walk_ms": walk, "runs": figures}, indent=2))
    if options.strict and any(one["missed"] for one in figures):
        sys.exit("Some figures are beyond their goals.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-export", description="How fast exports are written.")
    parser.add_argument("--studies", type=int, default=100_000, help="of CT; fluoroscopy has a tenth of them")
    parser.add_argument("--postgresql", help="address of an empty database, or of one that a bench filled before")
    parser.add_argument("--strict", action="store_true", help="fail where a goal is missed")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def _fill(url: str, folder: str, studies: int) -> None:
    with create_app(load({"INSTANCE": folder, "DATABASE_URL": url})).app_context():
        if not archive.size(db.engine):
            db.create_all()
            archive.make(db.engine, studies)
        db.engine.dispose()


def _both(run: Run, studies: int, url: str, folder: str, slower: float) -> list[dict]:
    """The figures for a tenth of the studies, which have no goal but memory, and for all; printed as they come."""
    number = round(studies * run.share)
    few = _one(replace(run, goal=None), number // 10, url, folder, slower)
    many = _one(run, number, url, folder, slower)
    if many["peak_mb"] > few["peak_mb"] * GROWTH:
        many["missed"].append("memory grows with the studies")
    for figures in (few, many):
        print(_line(figures), flush=True)
    return [few, many]


def _one(run: Run, studies: int, url: str, folder: str, slower: float) -> dict:
    arguments = [run.kind, str(Path(folder) / "export"), str(studies), url, folder]
    told = subprocess.run(
        [sys.executable, "-m", "bench.exports.one", *arguments], check=True, capture_output=True, text=True
    )
    figures = json.loads(told.stdout)
    goal = run.goal / slower if run.goal else None
    figures |= {"a_second": figures[run.counts] / figures["seconds"], "goal": goal, "counts": run.counts}
    figures["missed"] = [f"slower than {goal:.0f}"] if goal and figures["a_second"] < goal else []
    figures["missed"] += ["memory"] if figures["peak_mb"] > PEAK_MB else []
    return figures


def _line(one: dict) -> str:
    goal = f"≥{one['goal']:,.0f}" if one["goal"] else "none"
    return COLUMNS.format(
        one["kind"], f"{one['studies']:,}", f"{one['events']:,}", f"{one['seconds']:.1f}",
        f"{one['processor_seconds']:.1f}", f"{one['a_second']:,.0f} {one['counts'][:2]}.", goal,
        one["statements"], f"{one['peak_mb']:.0f}", f"{one['file_mb']:.0f}", ", ".join(one["missed"]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
