"""Carries what lies in the spool to where workers of other machines find it: put there, told, deleted here.

In this order nothing is lost, wherever it breaks off. What is done twice is harmless: the key is the same, and who
reads an object knows it by its SOP Instance UID.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from app import astray, queue, storage
from app.settings import Settings
from app.storage import INCOMING, Storage, StorageAway

AT_ONCE = 16  # files on their way at a time: a store takes long for each, and many together
MOST = 200  # files that are put before the queue is told

log = logging.getLogger(__name__)


class Carrier:
    """Carries files of the spool, several at once."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="carry")

    def stop(self) -> None:
        """Begin with nothing new."""
        self._pool.shutdown(cancel_futures=True)

    def carry(self, paths: Sequence[Path]) -> None:
        """Carry files that the queue surely does not know. Raises QueueAway or StorageAway: they stay, or some do."""
        self._carry(paths, lambda keys: queue.enqueue_ingests(self._settings, keys))

    def sweep(self, paths: Sequence[Path]) -> int:
        """Carry files that were missed, of which some may have arrived already; gives how many. Raises the same."""
        astray.cared_for(self._settings)  # while the queue is away, none need be put again and again
        for first in range(0, len(paths), MOST):
            self._carry(paths[first : first + MOST], self._ask)
        return len(paths)

    def _ask(self, keys: list[Path]) -> None:
        for key in keys:
            queue.enqueue_ingest(self._settings, key)

    def _carry(self, paths: Sequence[Path], tell: Callable[[list[Path]], None]) -> None:
        store, reasons = storage.of(self._settings), list[StorageAway]()
        puts = [self._pool.submit(_put, store, path, reasons) for path in paths]
        there = [path for path, put in zip(paths, puts, strict=True) if put.result()]
        if there:
            tell([Path(INCOMING) / path.name for path in there])
            for path in there:
                path.unlink(missing_ok=True)
        if reasons:
            raise reasons[0]


def _put(store: Storage, path: Path, reasons: list[StorageAway]) -> bool:
    """Whether it is there; once one could not be put, those that wait for their turn need not try."""
    if not reasons:
        with suppress(FileNotFoundError):  # somebody else carried it
            try:
                store.put(path, f"{INCOMING}/{path.name}")
                return True
            except StorageAway as reason:
                reasons.append(reason)
    return False
