"""Tells the queue what lies in the spool: at once of what comes in, and in a sweep of what was missed."""

import logging
import os
import queue as queues
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app import astray, queue, storage
from app.network.carrier import Carrier
from app.settings import Settings
from app.storage import StorageAway

ABANDONED_SECONDS = 3600  # a file this old that is not complete is what a crash left; nobody was told success
AT_ONCE = 200  # files that the queue is told of in one go
SWEPT_AT_ONCE = 1000  # files that the queue is asked about in one go

log = logging.getLogger(__name__)


class Announcer:
    """Tells the queue of files, several at once, and lets nobody wait for it; what it misses, the sweep finds.

    Where the site's files are elsewhere, it carries them there.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.pending: set[Path] = set()  # files, there or to come, that the sweep need not look at
        self.carrier = Carrier(settings) if storage.is_elsewhere(settings) else None
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
        if self.carrier:
            self.carrier.stop()

    @contextmanager
    def announcing(self, path: Path) -> Iterator[None]:
        """The file comes to be meanwhile; then the queue is told."""
        self.pending.add(path)
        try:
            yield
        except BaseException:
            self.pending.discard(path)
            raise
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
            if self.carrier:
                self.carrier.carry(paths)
            else:
                queue.enqueue_ingests(self.settings, paths)
            self._is_away = False
        except (queue.QueueAway, StorageAway) as error:
            if not self._is_away:
                what = "store of files" if isinstance(error, StorageAway) else "queue"
                log.warning("the %s is away (%s); files wait in the spool", what, error)
            self._is_away = True
        except Exception:
            log.exception("the queue could not be told")

    def _waiting(self) -> list[Path | None]:
        paths = [self._told.get()]
        with suppress(queues.Empty):
            while len(paths) < AT_ONCE:
                paths.append(self._told.get_nowait())
        return paths


def sweep_and_carry(settings: Settings, carrier: Carrier, pending: Collection[Path]) -> None:
    """Carry every file that was missed, and drop what crashes left half written. Raises QueueAway or StorageAway."""
    _drop_halves(settings.spool)
    names = _names(settings.spool)
    left_out = {path.name for path in set(pending)}  # after we looked: what is there and not pending, was missed
    if missed := [settings.spool / name for name in names if name not in left_out]:
        log.info("carried %d files that were missed", carrier.sweep(missed))


def sweep(settings: Settings, doubted: Collection[Path] = (), pending: Collection[Path] = ()) -> set[Path]:
    """Tell the queue of every file that nobody will read otherwise, and drop what crashes left half written.

    Gives the files whose job is astray, for the next sweep to doubt. Where two sweeps find it so, the file is asked for
    again; reading twice is harmless.
    """
    if not settings.spool.is_dir():
        return set()
    _drop_halves(settings.spool)
    unheard, lost = _forgotten(settings, pending)
    unheard = [path for path in unheard if path.exists()]  # a busy worker reads some while we look
    again = astray.ask_again(settings, unheard, lost, doubted)
    if unheard:
        log.info("told the queue of %d files that it had not heard of", len(unheard))
    if again:
        log.warning("told the queue again of %d files whose reading was interrupted or failed", len(again))
    return set(lost) - set(again)


def _drop_halves(folder: Path) -> None:
    for half in (*folder.glob("*.part"), *folder.glob("*/*.dcm")):
        with suppress(FileNotFoundError):  # complete by now
            if half.stat().st_mtime < time.time() - ABANDONED_SECONDS:
                half.unlink()


def _forgotten(settings: Settings, pending: Collection[Path]) -> tuple[list[Path], list[Path]]:
    """The files that the queue has no job for, and those whose job is astray."""
    unheard: list[Path] = []
    lost: list[Path] = []
    names = _names(settings.spool)
    left_out = {path.name for path in set(pending)}  # after we looked: what is there and not pending, the queue knows
    cared = astray.cared_for(settings) if names else set()
    for at in range(0, len(names), SWEPT_AT_ONCE):
        paths = [settings.spool / name for name in names[at : at + SWEPT_AT_ONCE] if name not in left_out]
        without_job, job_lost = astray.unheard_of(settings, paths, cared)
        unheard += without_job
        lost += job_lost
    return unheard, lost


def _names(folder: Path) -> list[str]:
    """What lies there; names alone, for there may be very many."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.name.endswith(".dcm"))
