"""Where this process finds the files of its site."""

import time
from pathlib import Path

from flask import current_app

from app import storage
from app.storage import Storage

CLEAR_SECONDS = 3600  # each process looks so often at the desk of its machine
_cleared: dict[Path, float] = {}  # when


def storage_here() -> Storage:
    """The place of the site's files."""
    return storage.of(current_app.config["SETTINGS"])


def clear_desk() -> None:
    """Take away what processes of this machine that died have left on its desk, now and then."""
    store = storage_here()
    if time.monotonic() - _cleared.get(store.desk, float("-inf")) >= CLEAR_SECONDS:
        _cleared[store.desk] = time.monotonic()
        store.clear_desk()
