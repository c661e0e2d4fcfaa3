"""Whether all that the site needs is there, each part in a word that gives nothing away; cheap, however often asked."""

import os
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import queue, storage
from app.extensions import db
from app.settings import ROOT, Settings

FINE, SILENT, BEHIND, NOT_WRITABLE = "fine", "does not answer", "not up to date", "can't be written to"
KNOWN_SECONDS = 1.0  # so long an answer holds: everybody may ask
PATIENCE_SECONDS = 3.0  # for each part


class _Part:
    """One part, looked at in a thread of its own, so that a database that hangs holds nobody up."""

    def __init__(self, look: Callable[[Flask], dict[str, str]], otherwise: dict[str, str]):
        self._look, self._otherwise = look, otherwise
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._told: dict[str, str] = otherwise
        self._at = float("-inf")

    def begin(self, app: Flask) -> None:
        """Look, unless somebody does or has a moment ago."""
        with self._guard:
            if self._pid != os.getpid():  # what went on before a fork goes on elsewhere
                self._thread, self._pid, self._at = None, os.getpid(), float("-inf")
            if self._thread and self._thread.is_alive():
                return
            if time.monotonic() - self._at > KNOWN_SECONDS:
                self._thread = threading.Thread(target=self._run, args=(app,), name="ready", daemon=True)
                self._thread.start()

    def end(self) -> dict[str, str]:
        """What was found, or that nothing was in time."""
        if thread := self._thread:
            thread.join(PATIENCE_SECONDS)
            if thread.is_alive():
                return self._otherwise
        return self._told

    def _run(self, app: Flask) -> None:
        with app.app_context():
            self._told = self._look(app)
        self._at = time.monotonic()


def parts(app: Flask) -> dict[str, str]:
    """Each part and how it is."""
    ours = app.extensions.setdefault("ready", [_Part(*one) for one in _PARTS])
    for part in ours:
        part.begin(app)
    return {name: word for part in ours for name, word in part.end().items()}


def _database(_app: Flask) -> dict[str, str]:
    try:
        with db.engine.connect() as connection:
            current = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError:
        return _NO_DATABASE
    return {"database": FINE, "migrations": FINE if current == _heads() else BEHIND}


@lru_cache
def _heads() -> set[str]:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return set(ScriptDirectory.from_config(config).get_heads())


def _queue(app: Flask) -> dict[str, str]:
    try:
        queue.shared_connection(app.config["SETTINGS"].redis_url).ping()
    except queue.QueueAway:
        return _NO_QUEUE
    return {"queue": FINE}


def _media(app: Flask) -> dict[str, str]:
    settings: Settings = app.config["SETTINGS"]
    return {"media": FINE if _can_write(settings.media_root) else NOT_WRITABLE}


def _store(app: Flask) -> dict[str, str]:
    """Nothing of it where the media folder is all there is. Asked and not written to: a store may count what is."""
    settings: Settings = app.config["SETTINGS"]
    if not storage.is_elsewhere(settings):
        return {}
    try:
        storage.of(settings).reach()
    except OSError:
        return _NO_STORE
    return {"store": FINE}


def _can_write(folder: Path) -> bool:
    """Whether a file can be made there; only that tells of a full disk, and of one that only reads."""
    probe = folder / f".ready-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"ready")
        probe.unlink()
    except OSError:
        return False
    return True


_NO_DATABASE = {"database": SILENT, "migrations": SILENT}
_NO_QUEUE = {"queue": SILENT}
_NO_STORE = {"store": SILENT}
_PARTS = ((_database, _NO_DATABASE), (_queue, _NO_QUEUE), (_media, {"media": NOT_WRITABLE}), (_store, _NO_STORE))
