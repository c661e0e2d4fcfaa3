"""The file of a backup: a tar whose last members say what is in it, so that one that was cut off is known.

tables/study/000001.jsonl.gz    rows, one a line, as JSON; a list of the values in the order of the columns
media/exports/2026/01/15/…      files below the media folder
keys/audit_secret               secrets of the site
manifest.json                   columns and numbers of rows of each table; size and SHA-256 of each member
manifest.sha256                 that of the manifest
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from app.backup import BackupFailed

FORMAT = 1
MANIFEST, CHECKSUM = "manifest.json", "manifest.sha256"
TABLES, MEDIA, KEYS = "tables", "media", "keys"
PIECE = 1 << 20  # bytes in memory


@dataclass(frozen=True)
class SavedTable:
    """What a table had: its columns by kind (see backup.rows), its rows, and the last number that it gave away."""

    columns: dict[str, str]
    rows: int
    last: int


@dataclass(frozen=True)
class Manifest:
    """What is in a backup."""

    format: int
    made_at: str  # UTC
    version: str  # of the program
    revision: str  # of the tables
    database: str  # which kind it came from
    entries: int  # of the audit
    tables: dict[str, SavedTable] = field(default_factory=dict)  # in the order in which they are filled
    members: dict[str, tuple[int, str]] = field(default_factory=dict)  # size in bytes and SHA-256


class _Hashed:
    """A file that knows what was read of it."""

    def __init__(self, file: IO[bytes]):
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self.file.read(size)
        self.digest.update(piece)
        return piece


class Writer:
    """Writes members one after another; without `finish` nobody takes the file for a backup."""

    def __init__(self, file: IO[bytes]):
        self.members: dict[str, tuple[int, str]] = {}
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 # ends in finish

    def add(self, name: str, content: bytes) -> None:
        """Add a member."""
        self.add_file(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, file: IO[bytes], size: int) -> None:
        """Add so many bytes of the file as a member. Raises OSError where it has fewer."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        hashed = _Hashed(file)
        self._tar.addfile(info, hashed)  # type: ignore[arg-type] # it wants read() only
        self.members[name] = (size, hashed.digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Say what is in the backup, which makes it one."""
        document = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()
        self.add(MANIFEST, document)
        self.add(CHECKSUM, f"{hashlib.sha256(document).hexdigest()}  {MANIFEST}\n".encode())
        self._tar.close()


class Archive:
    """A backup that is read. Raises BackupFailed for a file that is none, or not a whole one."""

    def __init__(self, path: Path):
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise BackupFailed(f"{path} can't be read: {error.strerror}.") from None
        self.path = path
        try:
            self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115 # closing the file is enough
            self._members = {member.name: member for member in self._tar.getmembers()}
            self.manifest = self._manifest()
        except tarfile.TarError as error:
            self._file.close()
            raise BackupFailed(f"{path} can't be read as a backup: {error}.") from None
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, name: str) -> bytes:
        """A member's content."""
        return self.open(name).read()

    def open(self, name: str) -> IO[bytes]:
        """A member, to be read."""
        file = self._tar.extractfile(self._members[name])
        if file is None:
            raise BackupFailed(f"{self.path} holds {name}, which is no file.")
        return file

    def below(self, folder: str) -> Iterator[str]:
        """The names of the members in the folder and in those below."""
        return (name for name in self.manifest.members if name.startswith(f"{folder}/"))

    def members_beside_tables(self) -> Iterator[str]:
        """The names of files and keys."""
        return (name for name in self.manifest.members if not name.startswith(f"{TABLES}/"))

    @property
    def size(self) -> int:
        """Of all members, in bytes."""
        return sum(size for size, _ in self.manifest.members.values())

    def verify(self) -> Iterator[int]:
        """Read everything and give the bytes read at a time. Raises BackupFailed at the first that is not as it was."""
        for name, (size, digest) in self.manifest.members.items():
            member, found = self._members.get(name), hashlib.sha256()
            if member is None or not member.isfile() or member.size != size:
                raise self._broken(f"{name} is missing or has another size")
            file = self.open(name)
            while piece := file.read(PIECE):
                found.update(piece)
                yield len(piece)
            if found.hexdigest() != digest:
                raise self._broken(f"{name} is not as it was written")

    def _manifest(self) -> Manifest:
        try:
            document, checksum = self.read(MANIFEST), self.read(CHECKSUM)
        except KeyError:
            raise self._broken("it was cut off before its end") from None
        if checksum.split()[0].decode() != hashlib.sha256(document).hexdigest():
            raise self._broken("what it says of itself is not as it was written")
        told = json.loads(document)
        if told["format"] != FORMAT:
            raise BackupFailed(
                f"{self.path} was made by OpenREM {told['version']}, which this one does not understand."
            )
        if set(self._members) != {*told["members"], MANIFEST, CHECKSUM} or not all(map(_is_ours, told["members"])):
            raise self._broken("something was added or taken away")
        return _parsed(told)

    def _broken(self, why: str) -> BackupFailed:
        return BackupFailed(f"{self.path} is no whole backup: {why}.")


def _parsed(told: dict[str, Any]) -> Manifest:
    tables = {name: SavedTable(**table) for name, table in told.pop("tables").items()}
    return Manifest(**told | {"tables": tables, "members": {name: (*one,) for name, one in told["members"].items()}})


def _is_ours(name: str) -> bool:
    """Whether a file of this name stays where it belongs."""
    path = PurePosixPath(name)
    return path.parts[0] in (TABLES, MEDIA, KEYS) and ".." not in path.parts and str(path) == name
