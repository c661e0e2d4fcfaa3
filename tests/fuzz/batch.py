"""Imports the damaged objects of some seeds in this process and says what went wrong, as JSON, for who started it."""

import json
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from flask import current_app

from app import create_app
from app.extensions import db
from app.ingest.receive import DUPLICATE, FAILED, IMPORTED, NOT_A_DOSE_OBJECT, Outcome, receive
from app.settings import load
from bench.importing import forget_peak, peak_mb
from tests.fuzz.judge import disagreement, half_written
from tests.fuzz.mutations import Damager

LONGEST_SECONDS = 5  # of this process, however busy the machine is with others; who started it waits only so long
LARGE = 8 << 20  # bytes; such an object comes from a file, as the listener and the command line have it
COMPARED = 3  # one in so many is compared with pydicom's reading, which takes longer than everything else
RESULTS = {IMPORTED, DUPLICATE, NOT_A_DOSE_OBJECT, FAILED}


class Hang(BaseException):
    """It took too long; no door catches this."""


@dataclass
class Findings:
    """What came of a batch."""

    results: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds of this process
    peak_mb: float = 0.0


def run(seeds: range, folder: Path) -> Findings:
    """Import the objects of these seeds."""
    found, damager = Findings(), Damager()
    for seed in seeds:
        case = damager.case(seed)
        name, content = str(case), case.content
        source = BytesIO(content)
        if len(content) > LARGE:
            source = folder / "large.dcm"
            source.write_bytes(content)
            content = b""
        del case  # its memory is ours, not the importer's
        outcome, fault = _watched(source, found)
        if outcome.result == IMPORTED and content and seed % COMPARED == 0:
            fault = disagreement(content, outcome)
        found.results[outcome.result] += 1
        if fault:
            found.faults.append(f"{name}: {fault}")
    found.faults += half_written()
    return found


def _watched(source: BytesIO | Path, found: Findings) -> tuple[Outcome, str]:
    """What became of the object, and what was wrong with that."""
    forget_peak()
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
    try:
        outcome = receive(source, current_app.config["SETTINGS"].test_patient_patterns)
    except Hang:
        return Outcome("hang", ""), f"it took more than {LONGEST_SECONDS} s"
    except Exception as error:
        return Outcome("crash", ""), f"{type(error).__name__}: {str(error)[:500]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        found.slowest = max(found.slowest, time.process_time() - begun)
        found.peak_mb = max(found.peak_mb, peak_mb() or 0)
    return outcome, "" if outcome.result in RESULTS and outcome.message else "it has no proper outcome"


def _hang(*_):
    raise Hang


def main(first: int, count: int) -> None:
    """Run a batch into a database of its own and print what came of it."""
    signal.signal(signal.SIGPROF, _hang)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load({"INSTANCE": folder, "REDIS_URL": "unix:///nowhere"}))
        with app.app_context():
            db.create_all()
            found = run(range(first, first + count), Path(folder))
            db.engine.dispose()
    print(json.dumps(vars(found)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
