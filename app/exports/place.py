"""Where the files of an export lie, and what they are called."""

import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from app import disk
from app.exports.kinds import KINDS
from app.exports.xlsx_file import drafts_of
from app.models import Job
from app.storage import Storage, StorageAway

# What we name so, on the way or whole; other things that somebody laid there are not ours.
OURS = re.compile(r"[a-z0-9-]*-(?P<id>[0-9a-f]{8})\.[a-z]+(?P<unfinished>\.part(\.sheets)?)?")
FOLDER = "exports"
LONGEST_NAME = 80  # characters of the selection's words; file systems take 255 bytes in all


class Found(NamedTuple):
    """A file of some export, or a folder with its sheets."""

    path: Path  # on the desk; or, where that has no such, the key
    id: str  # how that of its job begins
    is_whole: bool
    changed_at: datetime  # UTC


def found(store: Storage) -> Iterator[Found]:
    """All that exports have made, whoever knows of it: on the desk, and where that is another place, there."""
    for path in sorted((store.desk / FOLDER).glob("[0-9]*/[0-9]*/[0-9]*/*")):
        with suppress(FileNotFoundError):  # gone meanwhile
            if name := OURS.fullmatch(path.name):
                changed_at = datetime.fromtimestamp(path.lstat().st_mtime, UTC).replace(tzinfo=None)
                yield Found(path, name["id"], not name["unfinished"], changed_at)
    for one in store.below(FOLDER):
        path = Path(one.key)
        if (name := OURS.fullmatch(path.name)) and not (store.desk / path).exists():
            yield Found(path, name["id"], not name["unfinished"], one.changed_at)


def file_of(desk: Path, job: Job) -> Path:
    """The file of the job, in a folder of the day on which it was asked for; beside it lies who made it and how."""
    folder = desk / FOLDER / f"{job.created_at:%Y/%m/%d}"
    return folder / f"{slug(job.title)}-{job.id[:8]}{KINDS[job.kind].writer.suffix}"


def provenance_of(file: Path) -> Path:
    """The file beside the export that says who made it, when, and from what."""
    return file.with_suffix(".json")


def keep(store: Storage, file: Path) -> str:
    """Have the whole file of the desk, and the one beside it, where all machines find them; gives the file's key."""
    for one in (provenance_of(file), file):
        store.take(one, key_of(store, one))
    return key_of(store, file)


def key_of(store: Storage, file: Path) -> str:
    """Under which key a file of the desk is kept."""
    return file.relative_to(store.desk).as_posix()


def forget(store: Storage, file: Path) -> None:
    """Take away the files of an export, finished or not, wherever they are; what can't be reached, upkeep finds."""
    remove(file)
    with suppress(StorageAway):
        for one in (file, provenance_of(file)):
            store.remove(key_of(store, one))


def download_name(job: Job) -> str:
    """What the file is called where people keep it: its selection, what is in it, when it was asked for by this clock.

    Two files of one selection are told apart, and one with patients' IDs by its name.
    """
    asked_for, kind = job.created_at.replace(tzinfo=UTC).astimezone(), KINDS[job.kind]
    words = [slug(job.title), kind.contents, f"{asked_for:%Y-%m-%d-%H%M}"]
    return "-".join(filter(None, words)) + kind.writer.suffix


def slug(words: str) -> str:
    """The words in letters, digits and dashes."""
    letters = (letter for letter in unicodedata.normalize("NFKD", words.lower()) if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", "".join(letters))[:LONGEST_NAME].strip("-")


def remove(file: Path) -> None:
    """Take away the files of an export that lie on this machine, finished or not."""
    for one in (file, provenance_of(file)):
        one.unlink(missing_ok=True)
    remove_unfinished(file)


def sweep(store: Storage, one: Found) -> None:
    """Take away what was found."""
    if not one.path.is_absolute():
        store.remove(one.path.as_posix())
    elif one.path.is_dir():
        shutil.rmtree(one.path, ignore_errors=True)
    else:
        one.path.unlink(missing_ok=True)


def remove_unfinished(file: Path) -> None:
    """Take away what there is of it until it is whole."""
    for one in (file, provenance_of(file)):
        part_of(one).unlink(missing_ok=True)
    shutil.rmtree(drafts_of(part_of(file)), ignore_errors=True)


def put_in_place(file: Path) -> None:
    """Give the file and the one beside it their names: what has its name is whole, even after a power cut."""
    both = (provenance_of(file), file)
    for one in both:
        disk.sync(part_of(one))
    for one in both:
        os.replace(part_of(one), one)
    disk.sync(file.parent)


def part_of(file: Path) -> Path:
    """What the file is called until it is whole."""
    return file.with_name(f"{file.name}.part")
