"""Part two: CT reports through spool, queue and two real workers, until all are in the database."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select

from app import queue
from app.extensions import db
from app.models import Report
from app.network.spool import keep
from app.settings import Settings
from bench.samples import SAMPLES, Copies
from tests.processes import program
from tests.servers import wait_until

WORKERS = 2
REPORTS_PER_SECOND = 100  # at least, on two cores of the machine on which a plain walk takes what WALK_MS says
PATIENCE_SECONDS = 600


def measure(settings: Settings, number: int, logs: Path) -> dict:
    """How many reports a second two workers store, from the first file in the spool to the last in the database."""
    copies = Copies(SAMPLES[0].content())
    contents = [copies.copy(1_000_000 + index) for index in range(number)]
    settings.spool.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        outputs = [logs / f"worker{index}.log" for index in range(WORKERS)]
        for output in outputs:
            stack.enter_context(program(settings, "worker.py", queue.INGEST, output=output))
        for output in outputs:
            wait_until(lambda output=output: "waiting for work" in output.read_text(), "the workers wait for work", 60)
        before = _stored()
        begun = time.perf_counter()
        for content in contents:
            queue.enqueue_ingest(settings, keep([content], settings.spool))
        heard = time.perf_counter() - begun
        wait_until(lambda: not any(settings.spool.iterdir()), "the spool is empty", PATIENCE_SECONDS)
        seconds = time.perf_counter() - begun
    stored = _stored() - before
    if stored != number:
        sys.exit(f"{stored} of {number} reports were stored: {outputs[0].read_text()[-2000:]}")
    return {"reports": number, "seconds": seconds, "spooling_seconds": heard, "per_second": number / seconds}


def _stored() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Report))
