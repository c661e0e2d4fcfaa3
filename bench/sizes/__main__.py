"""`make bench-sizes`: 200,000 rows against a million made studies in PostgreSQL, by number and by UID."""

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from app import create_app
from app.extensions import db
from app.settings import load
from bench.walk import slower, told_walk_ms
from bench.web import archive
from tests import servers

ROWS, STUDIES = 200_000, 1_000_000
SECONDS, PEAK_MB = 60, 200  # at most, for so many
LINE = "  {:28} {:>9} {:>9} {:>7} {:>7} {:>9} {:>8} {:>11} {:>9}  {}"
HEADING = ("run", "rows", "studies", "s", "goal", "a second", "peak MB", "statements", "added", "")
# What is imported: by which identifier, and whether what is there is overwritten. The first finds studies without.
RUNS = (("accession", False), ("accession", True), ("uid", False))


def main() -> None:
    """Measure, print, and write the figures as JSON where a path is given."""
    options = _options()
    walk = told_walk_ms()
    goal = SECONDS * slower(walk) * options.rows / ROWS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = options.postgresql or stack.enter_context(servers.fresh_postgres())
        studies = _fill(server, folder, options)
        print(LINE.format(*HEADING))
        figures = [_one(run, studies, goal, (options.rows, server, folder)) for run in RUNS]
    if options.json:
        options.json.write_text(json.dumps({"walk_ms": walk, "runs": figures}, indent=2))
    if options.strict and any(one["missed"] for one in figures):
        sys.exit("Some figures are beyond their goals.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-sizes", description="How fast sizes are imported.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--postgresql", help="address of an empty database, or of one that a bench filled before")
    parser.add_argument("--strict", action="store_true", help="fail where a goal is missed")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


def _fill(url: str, folder: Path, options: argparse.Namespace) -> int:
    """Make the studies where there are none, take the sizes of those that are meant away, and write the tables."""
    with create_app(load({"INSTANCE": str(folder), "DATABASE_URL": url})).app_context():
        if not archive.size(db.engine):
            db.create_all()
            archive.make(db.engine, options.studies)
        studies = archive.size(db.engine)
        every = max(1, studies // options.rows)
        with db.engine.begin() as connection:
            without = (
                "UPDATE study SET patient_size = NULL, patient_weight = NULL, imported = NULL WHERE id % :every = 0"
            )
            connection.execute(text(without), {"every": every})
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM study"))  # as if they had come without
        db.engine.dispose()
    _tables(folder, options.rows, every)
    return studies


def _tables(folder: Path, rows: int, every: int) -> None:
    """A table for each run; who overwrites has other weights."""
    for kind, overwrites in RUNS:
        first = {"accession": "A1", "uid": "2.25."}[kind]
        number = (lambda n: f"{n * every:07}") if kind == "accession" else (lambda n: f"{n * every}")
        lines = (
            f"{first}{number(n)};{150 + n % 50},5;{50 + overwrites + n % 60};Name{n}\r\n" for n in range(1, rows + 1)
        )
        text = "ID;Height (cm);Weight (kg);Name\r\n" + "".join(lines)
        _path(folder, kind, overwrites).write_text(text, encoding="utf-8-sig", newline="")


def _path(folder: Path, kind: str, overwrites: bool) -> Path:
    return folder / f"{kind}-{int(overwrites)}.csv"


def _one(run: tuple[str, bool], studies: int, goal: float, site: tuple[int, str, Path]) -> dict:
    kind, overwrites = run
    rows, url, folder = site
    table = _path(folder, kind, overwrites)
    arguments = [kind, str(int(overwrites)), str(table), url, str(folder)]
    command = [sys.executable, "-m", "bench.sizes.one", *arguments]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    missed = [f"slower than {goal:.0f} s"] if figures["seconds"] > goal else []
    missed += ["memory"] if figures["peak_mb"] > PEAK_MB else []
    name = f"by {kind}{', overwriting' if overwrites else ''}"
    print(
        LINE.format(
            name, f"{rows:,}", f"{studies:,}", f"{figures['seconds']:.1f}", f"{goal:.0f}",
            f"{rows / figures['seconds']:,.0f}", f"{figures['peak_mb']:.0f}", f"{figures['statements']:,}",
            f"{figures['counts'].get('added', 0):,}", ", ".join(missed),
        ), flush=True,
    )  # fmt: skip
    return figures | {"name": name, "rows": rows, "studies": studies, "goal": goal, "missed": missed}


if __name__ == "__main__":
    main()
