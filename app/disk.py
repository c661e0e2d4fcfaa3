"""What is on the disk, and not only on its way there; which disk it is."""

import os
import socket
from functools import lru_cache
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")  # Linux; containers of one machine have the same


def sync(path: Path) -> None:
    """Come back once the file's content, or the names in the folder, are safe from a power cut. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def name_of(path: Path) -> str:
    """What the disk is called by all who see it from the same machine, as containers do. Raises OSError."""
    return f"{_machine()} {os.stat(path).st_dev}"


@lru_cache
def _machine() -> str:
    try:
        return BOOT.read_text().strip()
    except OSError:
        return socket.gethostname()
