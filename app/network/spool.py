"""Where objects lie between the network and the worker: there whole and safe from a power cut, or not at all."""

import errno
import logging
import os
import queue as queues
import threading
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from app import queue
from app.settings import Settings

FULL = (errno.ENOSPC, errno.EDQUOT)
ABANDONED_SECONDS = 3600  # a .part this old is what a crash left; its sender was never told success
HELD_BYTES = 256 * 1024  # of an object that come before the disk is asked to take them
AT_ONCE = 200  # files that the queue is told of in one go
SWEPT_AT_ONCE = 1000  # files that the queue is asked about in one go
MEGABYTE = 1_000_000

log = logging.getLogger(__name__)


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

    def require_room(self) -> None:
        """Raises DiskFull where there is too little room."""
        if self.least_free_mb and self.free_mb() < self.least_free_mb:
            raise DiskFull

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
                    _sync(self.path)
                finally:
                    self._turn.acquire()
                    self._busy = False
                    self._turn.notify_all()
                self._done = mine


class Draft:
    """An object that is coming in: its bytes, and in the end its file."""

    def __init__(self, folder: Folder, head: bytes = b""):
        self.bytes = 0  # without the head
        self.path = folder.path / f"{uuid4()}.dcm"  # what its name will be
        self._folder = folder
        self._part = self.path.with_suffix(".part")
        self._held = [head]
        self._held_bytes = len(head)
        self._file: int | None = None

    def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises OSError."""
        self.bytes += len(piece)
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes >= HELD_BYTES:
            self._flush()

    def finish(self) -> Path:
        """The file that holds what was written, which is safe now. Raises OSError."""
        self._flush()
        os.fsync(self._file)
        self._close()
        self._part.rename(self.path)
        self._folder.sync()
        return self.path

    def drop(self) -> None:
        """Leave nothing behind."""
        self._held.clear()
        if self._file is not None:
            self._close()
        self._part.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._file is None:
            self._file = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        else:
            self._folder.require_room()  # also while images of a gigabyte come in
        content = memoryview(self._held[0] if len(self._held) == 1 else b"".join(self._held))
        self._held.clear()
        self._held_bytes = 0
        while content:
            content = content[os.write(self._file, content) :]

    def _close(self) -> None:
        descriptor, self._file = self._file, None
        os.close(descriptor)


def keep(pieces: Iterable[bytes], path: Path) -> Path:
    """The file in the folder that holds the pieces, safe from a power cut. Raises OSError."""
    draft = Draft(Folder(path))
    try:
        for piece in pieces:
            draft.write(piece)
        return draft.finish()
    except OSError:
        draft.drop()
        raise


class Announcer:
    """Tells the queue of files, several at once, and lets nobody wait for it; what it misses, the sweep finds."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.pending: set[Path] = set()  # files, there or to come, that the sweep need not look at
        self._is_away = False
        self._told: queues.SimpleQueue[Path | None] = queues.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="announce", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """Tell what is left, and end."""
        self._told.put(None)
        self._thread.join()

    def expect(self, path: Path) -> None:
        """A file will be there, of which the queue is told here."""
        self.pending.add(path)

    def disappoint(self, path: Path) -> None:
        """It will not be there."""
        self.pending.discard(path)

    def tell(self, path: Path) -> None:
        """It is there: have the queue told."""
        self._told.put(path)

    def _run(self) -> None:
        going_on = True
        while going_on:
            paths = self._waiting()
            going_on = None not in paths
            known = [path for path in paths if path is not None]
            self._announce(known)
            self.pending.difference_update(known)

    def _announce(self, paths: list[Path]) -> None:
        try:
            queue.enqueue_ingests(self.settings, paths)
            self._is_away = False
        except queue.QueueAway as error:
            if not self._is_away:
                log.warning("the queue is away (%s); files wait in the spool", error)
            self._is_away = True
        except Exception:
            log.exception("the queue could not be told")

    def _waiting(self) -> list[Path | None]:
        paths = [self._told.get()]
        with suppress(queues.Empty):
            while len(paths) < AT_ONCE:
                paths.append(self._told.get_nowait())
        return paths


def sweep(settings: Settings, doubted: Collection[Path] = (), pending: Collection[Path] = ()) -> set[Path]:
    """Tell the queue of every file that nobody will read otherwise, and drop what crashes left half written.

    Gives the files whose job is nowhere to be found, for the next sweep to doubt: a worker that is just taking a job
    looks the same for a moment. Where two sweeps find it so, the file is asked for again; reading twice is harmless.
    """
    if not settings.spool.is_dir():
        return set()
    _drop_halves(settings.spool)
    unheard, astray = _forgotten(settings, pending)
    unheard = [path for path in unheard if path.exists()]  # a busy worker reads some while we look
    again = [path for path in astray if path in doubted]
    if again:
        queue.forget(settings, again)
    for path in unheard + again:
        queue.enqueue_ingest(settings, path)
    if unheard:
        log.info("told the queue of %d files that it had not heard of", len(unheard))
    if again:
        log.warning("told the queue again of %d files whose reading was interrupted or failed", len(again))
    return set(astray) - set(again)


def _drop_halves(folder: Path) -> None:
    for part in folder.glob("*.part"):
        with suppress(FileNotFoundError):  # complete by now, and renamed
            if part.stat().st_mtime < time.time() - ABANDONED_SECONDS:
                part.unlink()


def _forgotten(settings: Settings, pending: Collection[Path]) -> tuple[list[Path], list[Path]]:
    """The files that the queue has no job for, and those whose job is astray."""
    unheard: list[Path] = []
    astray: list[Path] = []
    names = _names(settings.spool)
    left_out = {path.name for path in set(pending)}  # after we looked: what is there and not pending, the queue knows
    cared = queue.cared_for(settings) if names else set()
    for at in range(0, len(names), SWEPT_AT_ONCE):
        paths = [settings.spool / name for name in names[at : at + SWEPT_AT_ONCE] if name not in left_out]
        without_job, lost = queue.unheard_of(settings, paths, cared)
        unheard += without_job
        astray += lost
    return unheard, astray


def _names(folder: Path) -> list[str]:
    """What lies there; names alone, for there may be very many."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.name.endswith(".dcm"))


def _sync(folder: Path) -> None:
    """Make the names in the folder as safe as the files' contents."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
