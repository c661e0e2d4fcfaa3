"""The end of the chain as this machine remembers it, in a file: a chain that was cut in the database misses it."""

import fcntl
import logging
import os
from pathlib import Path

from app.settings import Settings

log = logging.getLogger(__name__)


def keep(settings: Settings, number: int, digest: str) -> None:
    """Remember the end of the chain, unless a later one is known. What was done stays done where that can't be."""
    try:
        descriptor = os.open(_path(settings), os.O_RDWR | os.O_CREAT, 0o600)
        with open(descriptor, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until the file is closed
            known = _parsed(file.read())
            if known is None or number > known[0]:
                file.seek(0)
                file.write(f"{number} {digest}\n")
                file.truncate()
    except OSError as error:
        log.warning("the end of the audit's chain could not be written into the instance folder: %s", error.strerror)


def known(settings: Settings) -> tuple[int, str] | None:
    """The number and the digest of the last entry that a process on this machine has written."""
    try:
        return _parsed(_path(settings).read_text())
    except FileNotFoundError:
        return None


def forget(settings: Settings) -> None:
    """Remember nothing: the database was taken back on purpose."""
    _path(settings).unlink(missing_ok=True)


def _path(settings: Settings) -> Path:
    return settings.instance / "audit_head"


def _parsed(text: str) -> tuple[int, str] | None:
    number, _, digest = text.strip().partition(" ")
    return (int(number), digest) if number.isdigit() else None
