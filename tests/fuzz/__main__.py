"""`make fuzz`: thousands of damaged objects through the importer; exit code 1 where it did not stand it."""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from app.settings import ROOT
from tests.fuzz.batch import LONGEST_SECONDS

MOST_MB = 500
BATCH = 250  # objects per process: what a crash or the memory of one costs the others


def fuzz(first: int, count: int, *, processes: int = 1, patience: float = 1200) -> Iterator[dict]:
    """What came of each batch of these seeds, in processes of their own."""
    starts = range(first, first + count, BATCH)
    with ThreadPoolExecutor(processes) as pool:
        yield from pool.map(lambda start: _batch(start, min(BATCH, first + count - start), patience), starts)


def _batch(first: int, count: int, patience: float) -> dict:
    command = [sys.executable, "-m", "tests.fuzz.batch", str(first), str(count)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience)
    if ended.returncode:
        fault = (
            f"seeds {first} to {first + count - 1}: the process ended with {ended.returncode}: {ended.stderr[-2000:]}"
        )
        return {"results": {"crash": count}, "faults": [fault], "slowest": 0.0, "peak_mb": 0.0}
    found = json.loads(ended.stdout.splitlines()[-1])
    if found["peak_mb"] > MOST_MB:
        found["faults"].append(f"seeds {first} to {first + count - 1}: {found['peak_mb']:.0f} MB of memory")
    return found


def main() -> None:
    """Fuzz as asked for, say how it goes, and end with 1 where there was a fault."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Damaged objects through the importer.")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first object")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    results: Counter[str] = Counter()
    faults, slowest, peak = [], 0.0, 0.0
    for found in fuzz(options.first, options.count, processes=options.processes):
        results.update(found["results"])
        faults += found["faults"]
        slowest, peak = max(slowest, found["slowest"]), max(peak, found["peak_mb"])
        print("\n".join(found["faults"] or [f"{results.total()} objects: {dict(results)}"]), flush=True)
    print(f"{results.total()} objects, {len(faults)} faults: {dict(results)}")
    print(f"slowest {slowest:.1f} s (at most {LONGEST_SECONDS}), memory {peak:.0f} MB (at most {MOST_MB})")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
