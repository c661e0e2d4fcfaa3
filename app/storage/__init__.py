"""Files that every machine of a site needs, each under a key: in a folder, or in a store that the network reaches.

Knows fsspec, and neither Flask nor the models: the listener stands on it, too.
"""

import os
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.settings import Settings
from app.storage.bucket import Bucket
from app.storage.folder import Folder
from app.storage.kept import Kept, Storage, StorageAway

__all__ = ["INCOMING", "Kept", "Storage", "StorageAway", "is_elsewhere", "of"]

INCOMING = "incoming"  # below which is what listeners have carried here and nobody has read
DESK = "desk"  # the folder, below that of media, where files are made and read whose place is elsewhere


def is_elsewhere(settings: Settings) -> bool:
    """Whether files have their place somewhere else than below the media folder, for several machines to share."""
    return bool(settings.storage_url)


def of(settings: Settings) -> Storage:
    """Where the site's files are."""
    return _made(settings, os.getpid())


@lru_cache(maxsize=8)
def _made(settings: Settings, _pid: int) -> Storage:  # connections do not outlive a fork
    if not is_elsewhere(settings):
        return Folder(settings.media_root, settings.media_root)
    desk = settings.media_root / DESK
    parts = urlsplit(settings.storage_url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)), desk)
    return Bucket(f"{parts.netloc}{parts.path}".rstrip("/"), desk, settings)
