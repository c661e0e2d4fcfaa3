"""What a site has beside its database: its files, wherever they are, and secrets."""

import os
import shutil
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from app import storage
from app.backup.archive import KEYS, MEDIA, PIECE, Archive, Writer
from app.settings import Settings

SPOOL = "spool"  # in a backup: what was received and waits to be read, in spools and where it was carried
# Settings that are secrets of the site, each in a file of this name where the environment does not tell it.
SECRETS = ("secret_key", "audit_secret", "patient_id_secret")
STAGED, REPLACED = ".restoring", ".replaced"  # folders below the media folder while a backup is restored


@dataclass(frozen=True)
class Source:
    """A file to be saved: its name in the backup, and its path here or its key."""

    name: str
    place: Path | str


def received(settings: Settings) -> Iterator[Source]:
    """What waits to be read: of the spool of this machine, and of what was carried from any."""
    for path in sorted(settings.spool.rglob("*")):
        if path.is_file() and path.suffix != ".part":
            yield Source(f"{SPOOL}/{path.relative_to(settings.spool)}", path)
    for one in storage.of(settings).below(storage.INCOMING):
        yield Source(f"{SPOOL}/{one.key.removeprefix(f'{storage.INCOMING}/')}", one.key)


def others(settings: Settings) -> Iterator[Source]:
    """All other files; those that are still being written are left out."""
    left_out = tuple(f"{name}/" for name in (*_spool(settings), STAGED, REPLACED, storage.INCOMING))
    for one in storage.of(settings).below(""):
        if not one.key.startswith(left_out):
            yield Source(one.key, one.key)


def save(writer: Writer, settings: Settings, source: Source) -> None:
    """Add a file, unless it went meanwhile, or was added before."""
    name, place = f"{MEDIA}/{source.name}", source.place
    if name in writer.members:
        return
    here = nullcontext(place) if isinstance(place, Path) else storage.of(settings).fetch(place)
    with suppress(FileNotFoundError), here as path, path.open("rb") as file:
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
        if storage.is_elsewhere(self.settings):
            self._put()
        else:
            self._exchange()
        self._receive()
        for path in sorted((self.folder / KEYS).glob("*")):
            path.replace(self.settings.instance / path.name)
        self.clear()

    def _put(self) -> None:
        """Put all, then remove what is not of the backup. A mark tells of one that broke off."""
        store = storage.of(self.settings)
        before = {source.name for source in others(self.settings)}
        after = set()
        for path, name in _below(self.folder / MEDIA):
            if not name.startswith(f"{SPOOL}/"):
                store.take(path, name)
                after.add(name)
        for name in sorted(before - after):
            store.remove(name)

    def _exchange(self) -> None:
        root, old = self.settings.media_root, self.settings.media_root / REPLACED
        shutil.rmtree(old, ignore_errors=True)
        old.mkdir(parents=True, mode=0o700)
        for path in sorted(root.iterdir()):
            if path.name not in (STAGED, REPLACED) and not self.settings.spool.is_relative_to(path):
                path.rename(old / path.name)
        for path in sorted((self.folder / MEDIA).glob("*")):
            if path.name != SPOOL:
                path.rename(root / path.name)

    def clear(self) -> None:
        """Take away what is left."""
        self.drop()
        shutil.rmtree(self.settings.media_root / REPLACED, ignore_errors=True)

    def drop(self) -> None:
        """Take away what was unpacked: there may be too little room for it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _receive(self) -> None:
        is_elsewhere, store = storage.is_elsewhere(self.settings), storage.of(self.settings)
        for path, name in _below(self.folder / MEDIA / SPOOL):
            if is_elsewhere:
                store.take(path, f"{storage.INCOMING}/{name}")  # this machine may have no listener
            else:
                target = self.settings.spool / name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.move(path, target)


def _spool(settings: Settings) -> list[str]:
    """The name of the spool below the media folder, where it is there."""
    root = settings.media_root
    return [settings.spool.relative_to(root).as_posix()] if settings.spool.is_relative_to(root) else []


def _below(folder: Path) -> list[tuple[Path, str]]:
    """The files of the folder, and their names in it."""
    return [(path, path.relative_to(folder).as_posix()) for path in sorted(folder.rglob("*")) if path.is_file()]
