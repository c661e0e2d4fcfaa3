"""What a worker does with an object that the listener received."""

import logging
from pathlib import Path

from app.ingest.receive import FAILED, Outcome
from app.jobs import quarantine
from app.jobs.reading import STORED, read_file

MOST_TRIES = 3
DEADLY = f"Reading it stopped the worker {MOST_TRIES} times; it may take more memory than there is."

log = logging.getLogger(__name__)


def ingest(path: str) -> str:
    """Read the file from the spool, then remove it, or keep it where it was refused; gives the result in one word.

    May run twice: an object that is stored already changes nothing, and a file that is gone was dealt with.
    """
    file = Path(path)
    if not file.exists():
        return "gone"
    outcome = deal_with(file)
    log.info("%s: %s", file.name, outcome.result)
    return outcome.result


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
