"""What a worker does with an object that a listener received."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.extensions import db
from app.faults import passes
from app.ingest.receive import FAILED, Outcome
from app.jobs import quarantine
from app.jobs.place import storage_here
from app.jobs.reading import STORED, read_file
from app.jobs.stubborn import REASON, is_stubborn
from app.jobs.tries import tries_of
from app.queue import INGEST, TIMEOUT_SECONDS

MOST_TRIES = 3
DEADLY = f"Reading it stopped the worker {MOST_TRIES} times; it may take more memory than there is."
GONE = "gone"

# Seconds between tries while the database or the store of files is away, or the disk is full; together less than a
# job may take.
PAUSES = (0, 0.5, 0.5, *[1] * 90)
# After which it fails instead: the job's own time may be up, and no second alarm ends what reads for ever.
PATIENT_SECONDS = TIMEOUT_SECONDS[INGEST] - 20

Reader = Callable[[Path], Outcome]

log = logging.getLogger(__name__)


def ingest(place: str) -> str:
    """Read the object, then remove it, or keep it where it was refused; gives the result in one word.

    It lies in the spool of this machine, at a path, or was carried to where all machines have their files, under a key.
    May run twice: an object that is stored already changes nothing, and a file that is gone was dealt with.
    """
    deal = deal_with if Path(place).is_absolute() else _deal_with_carried
    try:
        outcome = _patiently(Path(place), deal)
    except FileNotFoundError:
        if _is_there(Path(place)):
            raise  # it is something else that is missing
        return GONE
    except (OSError, SQLAlchemyError, JobTimeoutException) as error:
        db.session.rollback()
        if not is_stubborn(Path(place), error):
            raise
        given_up = Outcome(FAILED, REASON.format(type(error).__name__))
        outcome = deal(Path(place), lambda _: given_up)
    log.info("%s: %s", Path(place).name, outcome.result)
    return outcome.result


def _patiently(place: Path, deal: Callable[[Path], Outcome]) -> Outcome:
    """The same as below, once the database and the files are there: else all objects that wait would fail in turn."""
    told, patient_until = False, time.monotonic() + PATIENT_SECONDS
    for pause in PAUSES:
        try:
            return deal(place)
        except (OSError, DBAPIError) as error:
            db.session.rollback()
            if not passes(error) or time.monotonic() > patient_until:
                raise
            if not told:
                log.warning("%s: waiting, something is away or the disk is full: %s", place.name, type(error).__name__)
            told = True
            time.sleep(pause)
    return deal(place)


def _is_there(place: Path) -> bool:
    return place.exists() if place.is_absolute() else storage_here().status(place.as_posix()) is not None


def _read(file: Path) -> Outcome:
    """What became of the object; one that has killed its readers is not read for ever.

    Each try is noted, which only a process that dies does not take back again.
    """
    if not file.exists():
        raise FileNotFoundError
    tries = tries_of(file)
    if tries.count() >= MOST_TRIES:
        tries.forget()
        return Outcome(FAILED, DEADLY)
    tries.add()
    try:
        return read_file(file)
    finally:
        tries.forget()


def deal_with(file: Path, read: Reader = _read) -> Outcome:
    """Read the file, or have it read, then remove it, or keep it where it was refused. Raises FileNotFoundError."""
    outcome = read(file)
    if outcome.result in STORED:
        file.unlink(missing_ok=True)
    else:
        quarantine.refuse(file, outcome)
    return outcome


def _deal_with_carried(place: Path, read: Reader = _read) -> Outcome:
    """The same, with a copy of our own; what was carried is removed last."""
    store, key = storage_here(), place.as_posix()
    with store.fetch(key) as file:
        outcome, kept = read(file), ""
        if outcome.result not in STORED:
            carried = store.status(key)
            kept = quarantine.refuse(file, outcome, carried.changed_at if carried else None)
    if kept != key:  # one among the refused may have to stay where it is
        store.remove(key)
    return outcome
