"""What a worker does with an object that the listener received."""

import logging
from pathlib import Path

from app.jobs import quarantine
from app.jobs.reading import STORED, read_file

log = logging.getLogger(__name__)


def ingest(path: str) -> str:
    """Read the file from the spool, then remove it, or keep it where it was refused; gives the result in one word.

    May run twice: an object that is stored already changes nothing, and a file that is gone was dealt with.
    """
    file = Path(path)
    if not file.exists():
        return "gone"
    outcome = read_file(file)
    log.info("%s: %s", file.name, outcome.result)
    if outcome.result in STORED:
        file.unlink(missing_ok=True)
    else:
        quarantine.refuse(file, outcome)
    return outcome.result
