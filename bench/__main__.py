"""`make bench`: how fast dose objects become rows, beside what a plain walk over them takes here and now."""

import argparse
import json
import tempfile
from pathlib import Path

from app import create_app
from app.extensions import db
from app.settings import load
from bench import endtoend, importing
from bench.walk import WALK_MS
from tests import servers

COLUMNS = "{:34} {:>10} {:>10} {:>7} {:>7} {:>11} {:>9}"


def main() -> None:
    """Measure what was asked for, print it, and write it as JSON where a path is given."""
    options = _options()
    figures: dict = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        servers.redis() as queue,
        servers.fresh_postgres() as url,
    ):
        settings = load({"INSTANCE": folder, "REDIS_URL": queue.url, "DATABASE_URL": url})
        with create_app(settings).app_context():
            db.create_all()
            if options.copies:
                figures["kinds"] = _kinds(options.copies)
            if options.reports:
                walk = figures["kinds"][0]["walk_ms"] if "kinds" in figures else None
                figures["end_to_end"] = _end_to_end(settings, options.reports, Path(folder), walk)
            db.engine.dispose()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="How fast dose objects become rows.")
    parser.add_argument("--copies", type=int, default=200, help="of each kind; 0 leaves this part out")
    parser.add_argument("--reports", type=int, default=1000, help="through the workers; 0 leaves this part out")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def _kinds(copies: int) -> list[dict]:
    kinds = []
    for figures in importing.measure(copies):
        if not kinds:
            print(f"Plain walk over {figures['name']}: {figures['walk_ms']:.1f} ms (reference machine: {WALK_MS} ms)")
            print(
                COLUMNS.format("median of each file", "import ms", "walk ms", "ratio", "goal", "statements", "peak MB")
            )
        kinds.append(figures)
        print(_line(figures), flush=True)
    return kinds


def _line(figures: dict) -> str:
    if not figures.get("is_imported"):
        return f"{figures['name']:34} {figures['result']}"
    return COLUMNS.format(
        figures["name"],
        f"{figures['import_ms']:.1f}",
        f"{figures['walk_ms']:.1f}",
        f"{figures['ratio']:.2f}",
        f"≤{figures['ratio_goal']:.2f}",
        f"{figures['statements']:g} (≤{figures['statements_goal']})",
        f"{figures['peak_mb']:.0f}" if figures["peak_mb"] else "?",
    )


def _end_to_end(settings, number: int, folder: Path, walk_ms: float | None) -> dict:
    figures = endtoend.measure(settings, number, folder)
    figures["goal"] = endtoend.REPORTS_PER_SECOND * (WALK_MS / walk_ms if walk_ms else 1)
    print(
        f"{number} reports through spool, queue and {endtoend.WORKERS} workers: {figures['seconds']:.1f} s, "
        f"{figures['per_second']:.0f} reports/s (goal on this machine: {figures['goal']:.0f})"
    )
    return figures


if __name__ == "__main__":
    main()
