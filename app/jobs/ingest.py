"""What a worker does with an object that the listener received."""

import logging
import time
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.faults import passes
from app.ingest.receive import FAILED, Outcome
from app.jobs import quarantine
from app.jobs.reading import STORED, read_file

MOST_TRIES = 3
DEADLY = f"Reading it stopped the worker {MOST_TRIES} times; it may take more memory than there is."

# Seconds between tries while the database is away or the disk is full; together less than a job may take.
PAUSES = (0, 0.5, 0.5, *[1] * 90)

log = logging.getLogger(__name__)


def ingest(path: str) -> str:
    """Read the file from the spool, then remove it, or keep it where it was refused; gives the result in one word.

    May run twice: an object that is stored already changes nothing, and a file that is gone was dealt with.
    """
    file = Path(path)
    if not file.exists():
        return "gone"
    outcome = _patiently(file)
    log.info("%s: %s", file.name, outcome.result)
    return outcome.result


def _patiently(file: Path) -> Outcome:
    """The same as below, once the database and the disk are there: else every object that waits would fail in turn."""
    told = False
    for pause in PAUSES:
        try:
            return deal_with(file)
        except (OSError, DBAPIError) as error:
            db.session.rollback()
            if not passes(error):
                raise
            if not told:
                log.warning("%s: waiting, for the database is away or the disk is full", file.name)
            told = True
            time.sleep(pause)
    return deal_with(file)


def deal_with(file: Path) -> Outcome:
    """Read the file, then remove it, or keep it where it was refused."""
    outcome = _read(file)
    if outcome.result in STORED:
        file.unlink(missing_ok=True)
    else:
        quarantine.refuse(file, outcome)
    return outcome


def _read(file: Path) -> Outcome:
    """What became of the object; one that has killed its readers is not read for ever.

    Each try leaves a byte beside the file, which only a process that dies does not take away again.
    """
    tries = file.with_suffix(".tries")
    if tries.exists() and tries.stat().st_size >= MOST_TRIES:
        tries.unlink()
        return Outcome(FAILED, DEADLY)
    with tries.open("ab") as mark:
        mark.write(b".")
    try:
        return read_file(file)
    finally:
        tries.unlink(missing_ok=True)
