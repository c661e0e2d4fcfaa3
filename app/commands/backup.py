"""`flask backup` and `flask restore`: everything that a site has in one file, and a site made from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress

from app import audit
from app.backup import BackupFailed
from app.backup.archive import Archive, Manifest
from app.backup.restore import Restore
from app.backup.save import Told, older, save
from app.settings import Settings, keep_files_private
from app.web.formats import file_size

HOLDS_SECRETS = "It holds the site's secrets, and what the site keeps of patients: keep it as you keep those."


def register(app: Flask) -> None:
    """Make `flask backup` and `flask restore` known."""
    app.cli.add_command(backup)
    app.cli.add_command(restore)


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="Delete older backups in the folder, but for so many.")
@with_appcontext
def backup(target: Path, keep: int | None) -> None:
    """Save database, files and secrets to a file, or into a folder under the time as its name.

    Everything may go on meanwhile: the backup has one moment of the database.
    """
    if keep and not target.is_dir():
        raise click.UsageError("--keep is for a folder.")
    keep_files_private()
    settings: Settings = current_app.config["SETTINGS"]
    with _failing(), _progress() as told:
        path = save(settings, target, told)
    with Archive(path) as archive:
        rows, size = _rows(archive.manifest), path.stat().st_size
    audit.note(audit.BACKUP, f"{path.name}, {rows:,} rows", details={"rows": rows, "bytes": size})
    for old in older(target, keep) if keep else ():
        old.unlink()
    click.echo(f"{path}: {rows:,} rows, {file_size(size)}. {HOLDS_SECRETS}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", "replacing", is_flag=True, help="Let what is here go.")
@with_appcontext
def restore(file: Path, replacing: bool) -> None:
    """Make this site the one of the backup: its database, files and secrets. OpenREM must not run meanwhile."""
    keep_files_private()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with _failing(), Archive(file) as archive, _progress() as told:
        work = Restore(app, archive, told)
        work.check(replacing=replacing)
        work.do()
    manifest = archive.manifest
    click.echo(f"Restored: {_rows(manifest):,} rows, as they were at {manifest.made_at}. Start OpenREM now.")


def _rows(manifest: Manifest) -> int:
    return sum(table.rows for table in manifest.tables.values())


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except BackupFailed as reason:
        raise click.ClickException(str(reason)) from None


@contextmanager
def _progress() -> Iterator[Told]:
    """Shows how far it is on a terminal, and nothing to programs."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as shown:
        tasks = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total)
            shown.update(tasks[what], completed=done)

        yield told
