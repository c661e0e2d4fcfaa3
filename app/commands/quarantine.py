"""`flask quarantine`: refused objects on the command line."""

import json
from collections import Counter
from collections.abc import Callable

import click
from flask import Flask
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import track

from app.extensions import db
from app.jobs import quarantine, retry
from app.models import Refusal
from app.queries.quarantine import RESULTS, Refusals, extent
from app.queries.whole import LARGEST_ID
from app.web.formats import file_size

commands = AppGroup("quarantine", help="List, read again and delete objects that were refused.")


def register(app: Flask) -> None:
    """Make `flask quarantine` known."""
    app.cli.add_command(commands)


def selecting(command: Callable) -> Callable:
    """Give the command the options that select refused objects."""
    for option in (
        click.option("--id", type=click.IntRange(1, LARGEST_ID), help="Only the object with this number."),
        click.option("--reason", help="Only those refused with exactly this reason."),
        click.option("--result", type=click.Choice(RESULTS), help="Only those with this result."),
    ):
        command = option(command)
    return command


@commands.command("list")
@selecting
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_refused(result: str | None, reason: str | None, id: int | None, as_json: bool) -> None:
    """Print what was refused and why, the oldest first."""
    refusals = Refusals(result=result or "", reason=reason or "", id=id)
    rows = db.session.scalars(refusals.select(Refusal).order_by(Refusal.received_at, Refusal.id))
    if as_json:
        documents = [{column.name: getattr(row, column.name) for column in Refusal.__table__.columns} for row in rows]
        click.echo(json.dumps(documents, indent=2, ensure_ascii=False, default=str))
        return
    for row in rows:
        click.echo(f"{row.id}\t{row.received_at:%Y-%m-%d %H:%M} UTC\t{row.file}\t{row.result}. {row.reason}")
    click.echo(_told(refusals))


@commands.command("retry")
@selecting
def read_again(result: str | None, reason: str | None, id: int | None) -> None:
    """Read refused objects again, here and now. What reads well is stored and no longer refused."""
    ids = quarantine.ids_of_files(Refusals(result=result or "", reason=reason or "", id=id))
    console = Console(stderr=True)
    shown = track(ids, "Reading again", console=console, disable=not console.is_terminal, transient=True)
    counts = Counter(quarantine.try_again(one) for one in shown)
    click.echo(retry.in_words(counts))


@commands.command()
@selecting
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(result: str | None, reason: str | None, id: int | None, yes: bool) -> None:
    """Delete refused objects and their files for good."""
    refusals = Refusals(result=result or "", reason=reason or "", id=id)
    refusals = refusals.but(upto=extent(refusals).newest)
    if not refusals.upto:
        click.echo("There is nothing to delete.")
        return
    if not yes:
        click.confirm(f"{_told(refusals)} Delete them for good?", abort=True)
    click.echo(f"{quarantine.remove(quarantine.ids(refusals)):,} deleted.")


def _told(refusals: Refusals) -> str:
    found = extent(refusals)
    return f"{found.count:,} refused {'object' if found.count == 1 else 'objects'}, {file_size(found.size)}."
