"""A folder: of this machine, or one that several machines have mounted."""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from app import disk
from app.storage.kept import ABANDONED_SECONDS, Kept, Storage, StorageAway

PART = ".part"  # how names end until the file is whole


class Folder(Storage):
    """Keys are paths below the folder; what is fetched stays where it is."""

    def __init__(self, root: Path, desk: Path):
        self.root, self.desk = root, desk

    def path(self, key: str) -> Path:
        """Where the file lies."""
        return self.root / key

    def put(self, file: Path, key: str) -> None:
        """Copy it under another name, which it loses once it is safe."""
        target = self._made(key)
        if target == file:
            return
        part = target.with_name(f"{uuid4().hex}{PART}")
        try:
            with file.open("rb") as source, part.open("xb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
                copy.flush()
                os.fsync(copy.fileno())
            shutil.copystat(file, part)
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        disk.sync(target.parent)

    def take(self, file: Path, key: str) -> None:
        """Move it, where both are on one disk."""
        target = self._made(key)
        try:
            os.replace(file, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            super().take(file, key)

    @contextmanager
    def fetch(self, key: str) -> Iterator[Path]:
        """Where it lies."""
        self.reach()
        path = self.path(key)
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, "there is no such file", key)
        yield path

    def open(self, key: str) -> BinaryIO:
        """As any file."""
        return self.path(key).open("rb")

    def status(self, key: str) -> Kept | None:
        """What the file system says."""
        self.reach()
        try:
            return self._kept(self.path(key))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def below(self, prefix: str) -> Iterator[Kept]:
        """All that is whole."""
        self.reach()
        for path in sorted(self.path(prefix).rglob("*")):
            with suppress(FileNotFoundError):  # gone meanwhile
                if path.suffix != PART and path.is_file() and not path.is_symlink():
                    yield self._kept(path)

    def remove(self, key: str) -> None:
        """Unlink it."""
        self.reach()
        self.path(key).unlink(missing_ok=True)

    def remove_below(self, prefix: str) -> None:
        """Remove the folder."""
        self.reach()
        shutil.rmtree(self.path(prefix), ignore_errors=True)

    def reach(self) -> None:
        """A shared folder has to be there: where it is not mounted, we must not write below its name."""
        if self.desk != self.root and not self.root.is_dir():
            raise StorageAway(f"the folder {self.root} is not there")

    def clear_desk(self) -> None:
        """Nothing where all is in one folder: what lies there is the place's."""
        if self.desk != self.root:
            super().clear_desk()

    def tidy(self) -> None:
        """Halves, where several machines write."""
        if self.desk == self.root:
            return
        for part in self.root.rglob(f"*{PART}"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < time.time() - ABANDONED_SECONDS:
                    part.unlink()

    def _made(self, key: str) -> Path:
        self.reach()
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _kept(self, path: Path) -> Kept:
        told = path.stat()
        changed_at = datetime.fromtimestamp(told.st_mtime, UTC).replace(tzinfo=None)
        return Kept(path.relative_to(self.root).as_posix(), told.st_size, changed_at)
