"""What a site has beside its database: files below the media folder, and secrets."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.backup.archive import KEYS, MEDIA, PIECE, Archive, Writer
from app.settings import Settings

SPOOL = "spool"  # what was received and waits to be read
# Settings that are secrets of the site, each in a file of this name where the environment does not tell it.
SECRETS = ("secret_key", "audit_secret", "patient_id_secret")
STAGED, REPLACED = ".restoring", ".replaced"  # folders below the media folder while a backup is restored


def media(settings: Settings, *, spool: bool) -> Iterator[Path]:
    """The files of the spool, or all others; those that are still being written are left out."""
    root = settings.media_root
    folders = [root / SPOOL] if spool else [path for path in sorted(root.glob("*")) if path.name != SPOOL]
    for folder in folders:
        if folder.name in (STAGED, REPLACED):
            continue
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix != ".part":
                yield path


def save(writer: Writer, settings: Settings, path: Path) -> None:
    """Add a file below the media folder, unless it went meanwhile."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        name = f"{MEDIA}/{path.relative_to(settings.media_root)}"
        if name not in writer.members:  # of the spool, once
            writer.add_file(name, file, os.fstat(file.fileno()).st_size)


def secrets(settings: Settings) -> dict[str, str]:
    """The secrets that the site has, wherever from."""
    return {name: value for name in SECRETS if (value := getattr(settings, name))}


@dataclass(frozen=True)
class Staged:
    """Files of a backup, unpacked beside where they belong; `take_place` is quick."""

    settings: Settings

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.settings.media_root / STAGED

    def unpack(self, archive: Archive) -> Iterator[int]:
        """Unpack media and keys, and give the bytes written at a time."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in (*archive.below(MEDIA), *archive.below(KEYS)):
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with archive.open(name) as source, target.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                while piece := source.read(PIECE):
                    yield file.write(piece)
                file.flush()
                os.fsync(file.fileno())

    def take_place(self) -> None:
        """Let them stand where the others stood; what was received and is not read yet stays beside them."""
        root, old = self.settings.media_root, self.settings.media_root / REPLACED
        shutil.rmtree(old, ignore_errors=True)
        old.mkdir(parents=True, mode=0o700)
        for path in sorted(root.iterdir()):
            if path.name not in (SPOOL, STAGED, REPLACED):
                path.rename(old / path.name)
        for path in sorted((self.folder / MEDIA).glob("*")):
            if path.name != SPOOL:
                path.rename(root / path.name)
        self._receive()
        for path in sorted((self.folder / KEYS).glob("*")):
            path.replace(self.settings.instance / path.name)
        self.clear()

    def clear(self) -> None:
        """Take away what is left."""
        for name in (STAGED, REPLACED):
            shutil.rmtree(self.settings.media_root / name, ignore_errors=True)

    def _receive(self) -> None:
        received = self.folder / MEDIA / SPOOL
        for path in sorted(received.rglob("*")):
            if path.is_file():
                target = self.settings.spool / path.relative_to(received)
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.rename(target)
