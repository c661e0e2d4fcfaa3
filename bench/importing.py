"""Part one: unique copies of each kind through the importer into PostgreSQL, in this process, beside a plain walk."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median

from sqlalchemy import event

from app.extensions import db
from app.ingest.receive import IMPORTED, receive
from bench.samples import SAMPLES, Copies, Sample
from bench.walk import plain_walk

STATEMENTS = 15  # at most, whatever the number of events
WALKS = 20  # plain walks per kind, spread over its copies: one of the largest report takes a second
RESET_PEAK, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")  # Linux


def measure(copies: int) -> Iterator[dict]:
    """The figures of each sample, in order; the first one's plain walk is what images are compared with."""
    yardstick = None
    for sample in SAMPLES:
        content = sample.content()
        if content is None:
            yield {"name": sample.name, "result": "absent"}
            continue
        figures = _measure(sample, Copies(content), copies)
        yardstick = yardstick or figures["walk_ms"]
        figures["ratio"] = figures["import_ms"] / (yardstick if sample.is_image else figures["walk_ms"])
        yield figures


def _measure(sample: Sample, copies: Copies, number: int) -> dict:
    imports, walks, statements, results = [], [], [], set()
    forget_peak()
    for index in range(number):
        content = copies.copy(index)
        with counting() as count:
            milliseconds, outcome = _timed(receive, BytesIO(content))
        imports.append(milliseconds)
        statements.append(count())
        results.add(outcome.result)
        if index % max(1, number // WALKS) == 0:
            walks.append(_timed(plain_walk, content)[0])
    return {
        "name": sample.name,
        "result": " and ".join(sorted(results)),
        "is_imported": results == {IMPORTED},
        "import_ms": median(imports),
        "walk_ms": median(walks),
        "ratio_goal": sample.ratio,
        "statements": median(statements),
        "statements_goal": STATEMENTS,
        "peak_mb": peak_mb(),
    }


def _timed(work, argument):
    begun = time.perf_counter()
    result = work(argument)
    return (time.perf_counter() - begun) * 1000, result


@contextmanager
def counting():
    """Gives what tells how many statements the database was sent meanwhile."""
    number = 0

    def count(*_):
        nonlocal number
        number += 1

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield lambda: number
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


def forget_peak() -> None:
    """Measure the peak of memory from now on."""
    if RESET_PEAK.exists():
        RESET_PEAK.write_text("5")


def peak_mb() -> float | None:
    """The most memory that this process had since the peak was forgotten; None where the system does not tell."""
    if not STATUS.exists():
        return None
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
