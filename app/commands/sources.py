"""The files that a list of paths means: files, folders, wildcards that no shell expanded, zip archives."""

import glob
import io
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LARGEST_MEMBER = 1 << 30  # bytes unpacked: a dose object has kilobytes, the largest image some hundred megabytes


class Unopened(OSError):
    """A path that leads to nothing that can be read; the sentence says why."""


@dataclass(frozen=True)
class Source:
    """One file to import: what to call it, and where its bytes are."""

    label: str
    path: Path
    member: str = ""  # its name inside the archive, where it is in one

    def open(self) -> AbstractContextManager[BinaryIO]:
        """The file, opened for reading. Raises Unopened where that can't be done."""
        if self.path.exists() and not self.path.is_file():
            raise Unopened("It is neither a file nor a folder.")  # a pipe would be waited for without end
        try:
            return io.BytesIO(self._unpack()) if self.member else self.path.open("rb")
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise Unopened(f"It can't be read: {getattr(error, 'strerror', None) or error}.") from error

    def _unpack(self) -> bytes:
        with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as file:
            content = file.read(LARGEST_MEMBER + 1)
        if len(content) > LARGEST_MEMBER:
            raise OSError(f"it unpacks to more than {LARGEST_MEMBER >> 20} MB")
        return content


def sources(paths: tuple[str, ...]) -> Iterator[Source]:
    """Every file that the paths mean, in the order of their names. A path that leads nowhere is given as it is."""
    for given in paths:
        path = Path(given)
        matches = [path] if path.exists() else sorted(map(Path, glob.glob(given, recursive=True)))
        for match in matches or [path]:
            yield from _below(match)


def _below(path: Path, above: frozenset[Path] = frozenset()) -> Iterator[Source]:
    """Every file below the path; a link back to a folder above it leads nowhere new."""
    if path.is_dir():
        folder = path.resolve()
        for child in sorted(path.iterdir()) if folder not in above else ():
            yield from _below(child, above | {folder})
    elif path.is_file() and zipfile.is_zipfile(path):
        yield from _members(path)
    else:
        yield Source(str(path), path)


def _members(path: Path) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        yield Source(str(path), path)  # refused as what it is when it is read
        return
    for member in members:
        if not member.is_dir():
            yield Source(f"{path}:{member.filename}", path, member.filename)
