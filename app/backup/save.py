"""A backup as it is written: nothing of it has the name of a backup before all of it is on the disk."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select

from app import __version__, disk
from app.backup import BackupFailed, files, numbers, rows
from app.backup.archive import FORMAT, KEYS, TABLES, Manifest, SavedTable, Writer
from app.extensions import db
from app.models import AuditEntry
from app.settings import Settings
from app.transactions import one_moment

NAME = "openrem-{:%Y%m%d-%H%M%S}.tar"
OURS = "openrem-????????-??????.tar"  # how files of that name are found
DRAFT = ".part"

Told = Callable[[str, int, int], None]  # hears what is done, how much of it, of how much


def save(settings: Settings, target: Path, told: Told) -> Path:
    """Write a backup to the file, or into the folder under a name of its own; gives its path. Raises BackupFailed."""
    if not target.suffix and not target.is_dir():
        raise BackupFailed(f"There is no folder {target}: make it first. Names of files end in .tar.")
    path = (target / NAME.format(datetime.now(UTC)) if target.is_dir() else target).resolve()
    if path.is_relative_to(settings.media_root.resolve()):
        raise BackupFailed(f"{path} is below the media folder, which the backup itself has.")
    if path.exists():
        raise BackupFailed(f"{path} is there already.")
    sweep(path.parent)
    try:
        with _draft(path) as file:
            _write(settings, file, told)
    except OSError as error:
        raise BackupFailed(f"{path} can't be written: {error.strerror or error}.") from None
    return path


def older(folder: Path, keep: int) -> list[Path]:
    """The backups in the folder but for the youngest ones, by the times in their names."""
    found = sorted(folder.glob(OURS))
    return found[: len(found) - keep] if keep < len(found) else []


def sweep(folder: Path) -> None:
    """Remove drafts that nobody writes any more."""
    for path in folder.glob(f"{OURS}{DRAFT}"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """The file under another name, readable by us alone; it gets its own where nothing was raised."""
    draft = path.with_name(path.name + DRAFT)
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT, 0o600)
    with open(descriptor, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(f"{path} is being written by somebody else.") from None
        os.fchmod(descriptor, 0o600)
        file.truncate()
        try:
            yield file
            file.flush()
            os.fsync(descriptor)
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    disk.sync(path.parent)


def _write(settings: Settings, file: IO[bytes], told: Told) -> None:
    writer = Writer(file)
    # What is read meanwhile moves from the spool to the database: who looks at the spool first misses nothing.
    _save_files(writer, settings, list(files.received(settings)), "received objects", told)
    with one_moment() as connection:
        manifest = _save_tables(writer, connection, told)
    _save_files(writer, settings, list(files.others(settings)), "files", told)
    for name, secret in files.secrets(settings).items():
        writer.add(f"{KEYS}/{name}", secret.encode())
    manifest.members.update(writer.members)
    writer.finish(manifest)


def _save_files(writer: Writer, settings: Settings, sources: list[files.Source], what: str, told: Told) -> None:
    for done, source in enumerate(sources, start=1):
        files.save(writer, settings, source)
        told(what, done, len(sources))


def _save_tables(writer: Writer, connection: Connection, told: Told) -> Manifest:
    begun = f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None or not inspect(connection).has_table(AuditEntry.__tablename__):
        raise BackupFailed("The database has no tables that can be saved: see flask db upgrade.")
    tables = db.metadata.sorted_tables
    total = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    saved, done = {}, 0
    for table in tables:
        before = done
        for place, (piece, number) in enumerate(rows.pieces(connection, table), start=1):
            writer.add(f"{TABLES}/{table.name}/{place:06}.jsonl.gz", piece)
            done += number
            told("rows", done, total)
        saved[table.name] = SavedTable(rows.columns_of(table), done - before, numbers.last(connection, table))
    entries = connection.scalar(select(func.count()).select_from(AuditEntry)) or 0
    return Manifest(FORMAT, begun, __version__, revision, connection.dialect.name, entries, saved)
