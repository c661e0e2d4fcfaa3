"""One received file: read it, and put it where files go that were read."""

import logging
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from flask import current_app
from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from app.ingest.receive import DUPLICATE, FAILED, IMPORTED, Outcome, receive
from app.operations.counts import IMPORTS, counts
from app.reception import current
from app.settings import Settings

STORED = (IMPORTED, DUPLICATE)
# What took less of the processor when its time was up has waited, for the database or for its turn: that says nothing
# of the object.
BUSY_SECONDS = 30
TOO_LONG = "Reading it took too long; it is very large, or damaged."
MISTAKE = "Reading it failed by a mistake of this program ({}). Report it; a later version may read the object."

log = logging.getLogger(__name__)


def read_file(file: Path) -> Outcome:
    """What became of the object, which is counted.

    Raises only where the fault is the disk's or the database's, or time was up while it waited for them. An object on
    which the reader itself stumbles must not come back for ever, nor be lost.
    """
    settings: Settings = current_app.config["SETTINGS"]
    outcome = _outcome(file, settings)
    counts(settings).add(IMPORTS, outcome.result)
    return outcome


def _outcome(file: Path, settings: Settings) -> Outcome:
    began = time.thread_time()
    try:
        return receive(str(file), settings.test_patient_patterns, settings.identity, policy=current.policy())
    except (DataError, IntegrityError) as error:
        return _stumbled(file, error)
    except (OSError, SQLAlchemyError):
        raise
    except JobTimeoutException:
        if time.thread_time() - began < BUSY_SECONDS:
            raise
        return Outcome(FAILED, TOO_LONG)
    except Exception as error:
        return _stumbled(file, error)


def of_this_month(folder: str, name: str) -> str:
    """The key of the file in a folder of the month, so that no folder grows without end."""
    return f"{folder}/{datetime.now(UTC):%Y/%m}/{name}"


def _stumbled(file: Path, error: Exception) -> Outcome:
    # The place and the kind of the error, not its words: they may quote what the object says.
    place = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: a mistake of ours, %s\n%s", file.name, type(error).__name__, place)
    return Outcome(FAILED, MISTAKE.format(type(error).__name__))
