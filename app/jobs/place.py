"""Where this process finds the files of its site."""

from flask import current_app

from app import storage
from app.storage import Storage


def storage_here() -> Storage:
    """The place of the site's files."""
    return storage.of(current_app.config["SETTINGS"])
