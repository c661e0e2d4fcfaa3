"""Where objects lie between the network and the worker: there whole and safe from a power cut, or not at all."""

import errno
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pydicom import config
from pynetdicom import _config

from app import disk

FULL = (errno.ENOSPC, errno.EDQUOT)
INCOMING = "incoming"  # the folder in the spool where pynetdicom writes what comes in
MEGABYTE = 1_000_000


class DiskFull(OSError):
    """There is less free disk than must stay."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, "less free disk than has to stay")


class Folder:
    """The folder of the spool, whose names are made safe for many at the price of one."""

    def __init__(self, path: Path, least_free_mb: int = 0):
        self.path, self.least_free_mb = path, least_free_mb
        self._turn = threading.Condition()
        self._begun = self._done = 0
        self._busy = False

    def free_mb(self) -> int:
        """How much may be written here, in megabytes. Raises OSError."""
        room = os.statvfs(self.path)
        return room.f_bavail * room.f_frsize // MEGABYTE

    def may_be_written(self, free_mb: int) -> bool:
        """Whether so much free disk bears, for a moment, what is refused afterwards: a good part of what has to stay.

        Objects are large, and many come at the same time: memory would not hold them.
        """
        return free_mb >= self.least_free_mb / 2

    def require_room(self, size: int = 0) -> None:
        """Raises DiskFull where there is too little room for so many bytes."""
        if self.least_free_mb and self.free_mb() - size // MEGABYTE < self.least_free_mb:
            raise DiskFull

    def new_path(self) -> Path:
        """A name that no file has; the sender has no say in it."""
        return self.path / f"{uuid4()}.dcm"

    def keep(self, path: Path, pieces: Iterable[bytes]) -> None:
        """Have the pieces in the file, safe from a power cut; or no file. Raises OSError."""
        part = path.with_suffix(".part")
        try:
            with open(part, "xb", buffering=0) as file:
                for piece in pieces:
                    _write(file.fileno(), piece)
                os.fsync(file.fileno())
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self.sync()

    def sync(self) -> None:
        """Come back once the names that are in the folder now are safe; those who wait meanwhile share one call."""
        with self._turn:
            wanted = self._begun + 1  # one that begins after now
            while self._done < wanted:
                if self._busy:
                    self._turn.wait()
                    continue
                self._busy = True
                self._begun += 1
                mine = self._begun
                self._turn.release()
                try:
                    disk.sync(self.path)
                finally:
                    self._turn.acquire()
                    self._busy = False
                    self._turn.notify_all()
                self._done = mine


def keep(pieces: Iterable[bytes], path: Path) -> Path:
    """The file in the folder that holds the pieces, safe from a power cut. Raises OSError."""
    folder = Folder(path)
    kept = folder.new_path()
    folder.keep(kept, pieces)
    return kept


@contextmanager
def receiving(spool: Path) -> Iterator[None]:
    """Have pynetdicom write what comes in to a file in the spool, part by part, instead of holding it in memory."""
    before, strict = tempfile.tempdir, config.settings.reading_validation_mode
    incoming = spool / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(incoming)
    config.settings.reading_validation_mode = config.IGNORE  # values are the reader's to judge; here it only costs time
    try:
        yield
    finally:
        tempfile.tempdir, config.settings.reading_validation_mode = before, strict
        write_what_comes_in(False)


def write_what_comes_in(may_be_written: bool) -> None:
    """Where the disk may not be written at all, what comes in stays in memory until it is refused."""
    _config.STORE_RECV_CHUNKED_DATASET = may_be_written


def _write(descriptor: int, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(descriptor, left) :]
