"""A site made from a backup: everything is checked first, and the database is filled in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask
from sqlalchemy import Connection, MetaData, func, inspect, select, text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from app import audit, queue, remembered
from app.backup import BackupFailed, files, numbers, rows, unfinished
from app.backup.archive import KEYS, TABLES, Archive, Manifest
from app.backup.bare import bare
from app.backup.mark import Mark
from app.backup.save import Told
from app.extensions import db
from app.settings import Settings
from app.trail import guard, kept
from app.transactions import changing, writing

# What a site has before anybody has done anything with it.
OF_NEW = {"alembic_version", "store_policy", "store_listener", "audit_sent"}


WHOLE = "The site is as it was. Mend that and run the same command again, or start OpenREM as it is."
EMPTY = "The site is empty now. Mend that and run the same command again."
HALF = (
    "The site may be neither what it was nor what the backup has, and nothing starts. Mend that and run the same "
    "command again; to go back, restore a backup of the site as it was."
)


@dataclass(frozen=True)
class Restore:
    """What is to be done: which backup takes the place of what the application has."""

    app: Flask
    archive: Archive
    told: Told

    @property
    def settings(self) -> Settings:
        """Those of the site before."""
        return self.app.config["SETTINGS"]

    @property
    def manifest(self) -> Manifest:
        """What the backup says of itself."""
        return self.archive.manifest

    def check(self, *, replacing: bool) -> None:
        """Raises BackupFailed where the backup can't be restored here, or must not be unless it is told to replace."""
        _check_revision(self.app, self.manifest.revision)
        _check_secrets(self.settings, self.archive)
        _check_nobody_works(self.settings)
        there = found(self.settings)
        if there and not replacing and not unfinished(self.settings):
            raise BackupFailed(f"This site is not empty: it has {there}. With --replace all of it goes.")
        self._report("checking", self.archive.verify(), self.archive.size)

    def do(self) -> None:
        """Restore it. Raises BackupFailed, which says how the site is left and what to do."""
        mark, staged = Mark(self.settings, self.archive), files.Staged(self.settings)
        try:
            self._prepare(mark, staged)
            staged.take_place()
            remembered.forget()
            mark.lift()
        except (OSError, SQLAlchemyError, BackupFailed) as error:
            left = HALF if mark.is_there else EMPTY if mark.is_half else WHOLE
            raise BackupFailed(f"{_why(error)} {left}") from error

    def _prepare(self, mark: Mark, staged: files.Staged) -> None:
        """Unpack the files beside their places and fill the database; what raises leaves none of the files."""
        size = sum(self.manifest.members[name][0] for name in self.archive.members_beside_tables())
        try:
            self._report("unpacking", staged.unpack(self.archive), size)
            mark.set()
            secrets: dict[str, Any] = {
                Path(name).name: self.archive.read(name).decode() for name in self.archive.below(KEYS)
            }
            before = kept.known(self.settings)
            self.app.config["SETTINGS"] = replace(self.settings, **secrets)
            self._fill_database(before[0] if before else None, mark)
        except BaseException:
            staged.drop()
            if not mark.is_half or self._is_empty():
                mark.lift()
            raise

    def _is_empty(self) -> bool:
        """Whether nothing is here that could be half a site."""
        try:
            return not found(self.settings)
        except (OSError, SQLAlchemyError):
            return False

    def _fill_database(self, written: int | None, mark: Mark) -> None:
        """What raises leaves the database as it was, but for MariaDB and MySQL, which may be left empty."""
        self._make_tables(mark)
        if db.engine.dialect.name == "mysql":  # whose statements about tables end a transaction
            mark.note_change()
            with changing(db.engine) as connection:
                self._clear(connection)
                self._number(connection)
        with writing():
            connection = db.session.connection()
            if connection.dialect.name != "mysql":
                self._clear(connection)
            with bare(connection):
                self._fill(connection)
            if connection.dialect.name != "mysql":
                self._number(connection)
            if self.manifest.revision == _head(self.app):
                self._record(written)
            mark.note_change()
        if self.manifest.revision != _head(self.app):
            flask_migrate.upgrade()
            with writing():
                self._record(written)
        if db.engine.dialect.name == "postgresql":
            with changing(db.engine) as connection:
                connection.exec_driver_sql("ANALYZE")  # it would look at them by itself, but later

    def _make_tables(self, mark: Mark) -> None:
        """Let the database have the tables of the backup; what is in others goes first."""
        with changing(db.engine) as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            if revision != self.manifest.revision:
                mark.note_change()
                _drop_all(connection)
        if revision != self.manifest.revision:
            flask_migrate.upgrade(revision=self.manifest.revision)
        with changing(db.engine) as connection:
            there = _tables(connection)
            for name, table in self.manifest.tables.items():
                if set(there.get(name, ())) != set(table.columns):
                    raise BackupFailed(f"The backup was made between two versions: its table {name} is another one.")

    def _clear(self, connection: Connection) -> None:
        tables = [name for name in reversed(self.manifest.tables) if _has_rows(connection, name)]
        if not tables:
            return
        guard.lift(connection)
        if connection.dialect.name == "postgresql":
            quoted = ", ".join(_quoted(connection, name) for name in tables)
            connection.exec_driver_sql(f"TRUNCATE {quoted} CASCADE")
        else:
            for name in tables:
                connection.execute(rows.plain_table(name, self.manifest.tables[name].columns).delete())
        guard.set_up(connection)

    def _fill(self, connection: Connection) -> None:
        done, total = 0, sum(table.rows for table in self.manifest.tables.values())
        for name, table in self.manifest.tables.items():
            pieces = (self.archive.read(piece) for piece in sorted(self.archive.below(f"{TABLES}/{name}")))
            before = done
            for number in rows.fill(connection, name, table.columns, pieces):
                done += number
                self.told("rows", done, total)
            if done - before != table.rows:
                raise BackupFailed(f"The backup has {done - before:,} rows of {name} and tells of {table.rows:,}.")

    def _number(self, connection: Connection) -> None:
        for name, table in self.manifest.tables.items():
            numbers.go_on(connection, name, table.last)

    def _record(self, written: int | None) -> None:
        """Let the record of who has done what go on with this, and expect no entries that came after the backup."""
        made, entries = self.manifest.made_at, self.manifest.entries
        what = f"A backup of {made[:16].replace('T', ' ')} UTC with {entries:,} entries"
        details = {"made_at": made, "entries": entries, "written": written, "database": self.manifest.database}
        audit.record(audit.RESTORE, what, details=details)
        kept.forget(self.app.config["SETTINGS"])

    def _report(self, what: str, sizes: Iterable[int], total: int) -> None:
        done = 0
        for size in sizes:
            done += size
            self.told(what, done, total)


def _why(error: Exception) -> str:
    """What went wrong, without words of the database that may quote a patient's."""
    if isinstance(error, BackupFailed):
        return str(error)
    if isinstance(error, OSError):
        return f"The restore failed: {error.strerror or error}."
    told = error.orig if isinstance(error, (OperationalError, InterfaceError)) else type(error).__name__
    return f"The restore failed, the database says: {str(told).strip().rstrip('.')}."


def found(settings: Settings) -> str:
    """What is here already, in words; empty for a new site."""
    with changing(db.engine) as connection:
        names = sorted(set(_tables(connection)) - OF_NEW)
        counts = {
            name: connection.scalar(select(func.count()).select_from(text(_quoted(connection, name)))) for name in names
        }
    there = [f"{count:,} rows of {name}" for name, count in counts.items() if count]
    there += [f"the file {source.name}" for source in files.others(settings)]
    return ", ".join(there[:3]) + (" and more" if len(there) > 3 else "")


def _check_revision(app: Flask, revision: str) -> None:
    try:
        _scripts(app).get_revision(revision)
    except CommandError:
        raise BackupFailed(
            f"The backup has tables of a newer OpenREM (revision {revision}): update this one."
        ) from None


def _check_secrets(settings: Settings, archive: Archive) -> None:
    for member in archive.below(KEYS):
        name = Path(member).name
        ours, file = getattr(settings, name), settings.instance / name
        from_file = file.exists() and file.read_text() == ours
        if ours and not from_file and name != "secret_key" and archive.read(member).decode() != ours:
            raise BackupFailed(
                f"{name.upper()} in the environment is not the one of the backup, and what it has keyed would be lost: "
                "take it out of the environment, the backup brings its own."
            )


def _check_nobody_works(settings: Settings) -> None:
    number = queue.answer(settings.redis_url, lambda: queue.workers(settings))
    if number:
        who = "worker is" if number == 1 else "workers are"
        raise BackupFailed(f"{number} {who} running: stop OpenREM first. A killed one is forgotten after a minute.")


def _scripts(app: Flask) -> ScriptDirectory:
    return ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())


def _head(app: Flask) -> str | None:
    return _scripts(app).get_current_head()


def _tables(connection: Connection) -> dict[str, list[str]]:
    inspector = inspect(connection)
    return {name: [one["name"] for one in inspector.get_columns(name)] for name in inspector.get_table_names()}


def _drop_all(connection: Connection) -> None:
    there = MetaData()
    there.reflect(connection)
    if there.tables:
        guard.lift(connection)
        there.drop_all(connection)


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(text(_quoted(connection, name)))) or 0


def _has_rows(connection: Connection, name: str) -> bool:
    return connection.scalar(select(text("1")).select_from(text(_quoted(connection, name))).limit(1)) is not None


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
