"""What a place for files can do, wherever it is."""

import errno
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

ABANDONED_SECONDS = 24 * 3600  # what lies on a desk so long was left by a process that died


class StorageAway(OSError):
    """The files can't be reached now; the sentence says why."""

    def __init__(self, sentence: str):
        super().__init__(errno.EHOSTUNREACH, sentence)

    def __str__(self) -> str:
        return str(self.strerror)


@dataclass(frozen=True)
class Kept:
    """A file that is there, whole."""

    key: str
    size: int  # bytes
    changed_at: datetime  # UTC


class Storage(ABC):
    """Files under keys: relative names with slashes, which are ours and never a sender's or a browser's.

    Whatever it does raises StorageAway where the place can't be reached.
    """

    desk: Path  # a folder of this machine, in which files are made that are to be put here

    @abstractmethod
    def put(self, file: Path, key: str) -> None:
        """Have a copy of the file there, whole and safe, or nothing; one that is there is replaced. Raises OSError."""

    def take(self, file: Path, key: str) -> None:
        """The same, and the file is here no more."""
        self.put(file, key)
        file.unlink(missing_ok=True)

    @abstractmethod
    def fetch(self, key: str) -> AbstractContextManager[Path]:
        """The file at a path of this machine, for a while. Raises FileNotFoundError."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """The file, to be read piece by piece. Raises FileNotFoundError."""

    @abstractmethod
    def status(self, key: str) -> Kept | None:
        """How large it is, and since when it is there; none where it is not."""

    @abstractmethod
    def below(self, prefix: str) -> Iterator[Kept]:
        """All files whose keys begin with these words and a slash."""

    @abstractmethod
    def remove(self, key: str) -> None:
        """Have no such file."""

    @abstractmethod
    def remove_below(self, prefix: str) -> None:
        """Have no files whose keys begin with these words and a slash."""

    @abstractmethod
    def reach(self) -> None:
        """Raises StorageAway where the place does not answer; writes nothing."""

    def check(self) -> None:
        """Raises OSError where a file can't be written, read and removed there."""
        key = f"probes/{uuid4()}"
        probe = self.desk / key
        try:
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"probe")
            self.put(probe, key)
            with self.open(key) as file:
                if file.read() != b"probe":
                    raise StorageAway("what was written there is read otherwise")
        finally:
            probe.unlink(missing_ok=True)
        self.remove(key)

    @abstractmethod
    def tidy(self) -> None:
        """Take away what processes that died have left in the place itself; one machine's look is enough."""

    def clear_desk(self) -> None:
        """The same on the desk, where that is not the place itself; each machine has its own."""
        for path in self.desk.glob("*/*"):
            with suppress(OSError):  # gone meanwhile
                if path.lstat().st_mtime < time.time() - ABANDONED_SECONDS and not _is_used(path):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_used(folder: Path) -> bool:
    """Whether anything below it has changed lately."""
    young = time.time() - ABANDONED_SECONDS
    return any(path.lstat().st_mtime > young for path in folder.rglob("*"))
