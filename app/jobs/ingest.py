"""What a worker does with an object that the listener received."""

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from flask import current_app

from app.ingest.receive import DUPLICATE, IMPORTED, Outcome, receive
from app.settings import Settings

log = logging.getLogger(__name__)


def ingest(path: str) -> str:
    """Read the file from the spool, then keep or remove it; gives the result in one word.

    May run twice: an object that is stored already changes nothing, and a file that is gone was dealt with.
    """
    settings: Settings = current_app.config["SETTINGS"]
    file = Path(path)
    if not file.exists():
        return "gone"
    outcome = receive(path, settings.test_patient_patterns)
    log.info("%s: %s", file.name, outcome.result)
    if outcome.result in (IMPORTED, DUPLICATE):
        _keep(file, settings.media_root / "dicom_in") if settings.keep_objects else file.unlink()
    else:
        _refuse(file, settings.media_root / "dicom_refused", outcome)
    return outcome.result


def _keep(file: Path, folder: Path) -> Path:
    """Move the file into a folder of the month, so that no folder grows without end."""
    target = folder / f"{datetime.now(UTC):%Y/%m}" / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(file, target)
    return target


def _refuse(file: Path, folder: Path, outcome: Outcome) -> None:
    """Keep what could not be read, with the reason beside it: another version may know it."""
    kept = _keep(file, folder)
    kept.with_suffix(".json").write_text(json.dumps({"result": outcome.result, "reason": outcome.message}, indent=2))
