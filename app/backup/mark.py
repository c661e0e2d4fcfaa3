"""The mark that a site is being restored, without which nothing keeps people from working on half a one."""

import json

from app import disk
from app.backup import UNFINISHED, unfinished
from app.backup.archive import Archive
from app.settings import Settings


class Mark:
    """A file in the instance folder, from the first change until the last."""

    def __init__(self, settings: Settings, archive: Archive):
        self._path = settings.instance / UNFINISHED
        self._told = {"backup": str(archive.path), "made_at": archive.manifest.made_at}
        self.is_half = unfinished(settings)  # whether the site may be neither what it was nor what it shall be

    def set(self) -> None:
        """A restore begins, which has not changed the site yet. Raises OSError."""
        self._write()

    def note_change(self) -> None:
        """What is done next can't be taken back. Raises OSError."""
        self._write(changed=True)
        self.is_half = True

    @property
    def is_there(self) -> bool:
        """Whether it keeps everything from starting."""
        return self._path.exists()

    def lift(self) -> None:
        """The site is whole: the one it was, or the one of the backup."""
        self._path.unlink(missing_ok=True)

    def _write(self, *, changed: bool = False) -> None:
        self._path.write_text(json.dumps(self._told | {"changed": changed or self.is_half}))
        disk.sync(self._path)
