"""The files that a list of paths means: files, folders, wildcards that no shell expanded, zip archives."""

import glob
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

LARGEST_MEMBER = 1 << 30  # bytes unpacked: a dose object has kilobytes, the largest image some hundred megabytes
IN_MEMORY = 32 << 20  # bytes of a member; what is larger is unpacked into a file
SUSPICIOUS = 64 << 20  # bytes; blank images are packed very small, but only so far
MOST_TIMES = 200  # that a suspiciously large member may be larger than what it is unpacked from
MOST_MEMBERS = 100_000
LITTER = ("__MACOSX/",)  # what a packer adds of its own accord
ARCHIVE_BEGINS = b"PK\x03\x04"


class Unopened(OSError):
    """A path that leads to nothing that can be read; the sentence says why."""


@dataclass(frozen=True)
class Source:
    """One file to import: what to call it, and where its bytes are; a member of an archive is there in its turn."""

    label: str
    path: Path
    archive: zipfile.ZipFile | None = None
    member: zipfile.ZipInfo | None = None

    def open(self) -> BinaryIO:
        """The file, opened for reading. Raises Unopened where that can't be done."""
        if self.path.exists() and not self.path.is_file():
            raise Unopened("It is neither a file nor a folder.")  # a pipe would be waited for without end
        try:
            return self._unpack(self.archive, self.member) if self.archive and self.member else self.path.open("rb")
        except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise Unopened(f"It can't be read: {getattr(error, 'strerror', None) or error}.") from error

    def _unpack(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
        """The member's bytes: never more of them than its archive promises, and it may not promise too many."""
        if member.file_size > LARGEST_MEMBER:
            raise OSError(f"it unpacks to more than {LARGEST_MEMBER >> 20} MB")
        if member.file_size > SUSPICIOUS and member.file_size > MOST_TIMES * member.compress_size:
            raise OSError(f"it unpacks to more than {MOST_TIMES} times its size")
        with ExitStack() as stack:
            unpacked = cast(BinaryIO, stack.enter_context(SpooledTemporaryFile(IN_MEMORY)))
            with archive.open(member) as packed:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
            unpacked.seek(0)
            if unpacked.read(len(ARCHIVE_BEGINS)) == ARCHIVE_BEGINS:
                raise OSError("it is an archive in an archive; unpack the outer one")
            unpacked.seek(0)
            stack.pop_all()  # it stays open for who asked
            return unpacked


def sources(paths: tuple[str, ...]) -> Iterator[Source]:
    """Every file that the paths mean, in the order of their names. A path that leads nowhere is given as it is.

    An archive is open while its members are given, and no longer.
    """
    for given in paths:
        path = Path(given)
        matches = [path] if path.exists() else sorted(map(Path, glob.glob(given, recursive=True)))
        for match in matches or [path]:
            yield from _below(match)


@contextmanager
def archived(path: Path) -> Iterator[list[Source]]:
    """The members of the archive, while it is open. Raises Unopened where it can't be read or has too many."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise Unopened(f"It can't be read: {error}.") from error
    with archive:
        members = _files_in(archive)
        if len(members) > MOST_MEMBERS:
            raise Unopened(f"It has more than {MOST_MEMBERS:,} files. Unpack it and upload parts of it.")
        yield [Source(member.filename, path, archive, member) for member in members]


def _files_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith(LITTER)]


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
            members = _files_in(archive)
            if len(members) > MOST_MEMBERS:
                yield Source(f"{path} (more than {MOST_MEMBERS} files: unpack it)", path)
                return
            for member in members:
                yield Source(f"{path}:{member.filename}", path, archive, member)
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        yield Source(str(path), path)  # refused as what it is when it is read
