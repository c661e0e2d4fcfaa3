"""`flask import-sizes`: heights and weights from a table, without a page."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress

from app.extensions import db
from app.identity import NONE
from app.jobs import sizes
from app.models import Job
from app.sizes.identifiers import ACCESSION, UID, keeps
from app.sizes.importing import Import, Result
from app.sizes.measures import HEIGHT, WEIGHT
from app.sizes.outcome import in_words, of_line
from app.sizes.plan import JUDGED, Plan, doubts, with_units
from app.sizes.table import NotATable, Table

SURE = "Nothing was imported. Name the columns and units otherwise, or say --sure: what can't be true is rejected."


def register(app: Flask) -> None:
    """Add the command to the application."""
    app.cli.add_command(import_sizes)


@click.command("import-sizes")
@click.argument("file", metavar="CSVFILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("identifier", metavar="ID")
@click.argument("height", metavar="HEIGHT")
@click.argument("weight", metavar="WEIGHT")
@click.option("-u", "--si-uid", is_flag=True, help="ID has Study Instance UIDs, not accession numbers.")
@click.option("-v", "--verbose", is_flag=True, help="Say what becomes of each row.")
@click.option("-o", "--overwrite", is_flag=True, help="Overwrite what studies have already.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--height-unit", type=click.Choice([unit.name for unit in HEIGHT.units]), help="Else it is guessed.")
@click.option("--weight-unit", type=click.Choice([unit.name for unit in WEIGHT.units]), help="Else it is guessed.")
@click.option("--sure", is_flag=True, help="Import although the columns look wrong.")
@with_appcontext
def import_sizes(file, identifier, height, weight, si_uid, verbose, overwrite, dry_run, sure, **units) -> None:
    """Bring heights and weights of a table to the studies that lack them.

    ID, HEIGHT and WEIGHT are the headings of columns; “” for a height or weight that the table does not have. It ends
    with 0 where the table was imported, whatever became of its rows, with 1 where it was not, with 2 where a column is
    not there.
    """
    try:
        table = Table.of(file)
        plan = _plan(table, UID if si_uid else ACCESSION, (identifier, height, weight))
        plan = replace(plan, overwrite=overwrite, **{name: unit for name, unit in units.items() if unit})
        _say(plan, doubts(table, plan), sure)
        heard = _tell if verbose else lambda result: None
        ended_well = _try(table, plan, heard) if dry_run else _do(table, plan, heard)
    except NotATable as reason:
        raise click.ClickException(str(reason)) from None
    sys.exit(0 if ended_well else 1)


def _plan(table: Table, kind: str, titles: Iterable[str]) -> Plan:
    """What the headings mean, in the units that are likely. Raises UsageError."""
    if keeps(kind, current_app.config["SETTINGS"]) == NONE:
        raise click.UsageError("This site keeps no accession numbers. Use --si-uid.")
    identifier, height, weight = (_column(table, title) for title in titles)
    if identifier is None or height == weight is None:
        raise click.UsageError("Name the column of the identifier, and of the height, the weight or both.")
    if len({identifier, height, weight}) < 3:
        raise click.UsageError("One column is named for two things.")
    return with_units(Plan(kind, identifier, height, weight), table, table.beginning(JUDGED))


def _column(table: Table, title: str) -> int | None:
    """The column with the heading. Raises UsageError."""
    wanted = title.strip()
    if not wanted:
        return None
    same = [place for place, one in enumerate(table.headings) if one == wanted]
    same = same or [place for place, one in enumerate(table.headings) if one.casefold() == wanted.casefold()]
    if len(same) != 1:
        there = "are several columns" if same else "is no column"
        raise click.UsageError(f"There {there} “{title}”. The headings are {', '.join(table.headings)}.")
    return same[0]


def _say(plan: Plan, doubted: list[str], sure: bool) -> None:
    for sentence in (*plan.about, *doubted):
        click.echo(sentence, err=True)
    if doubted and not sure:
        raise click.ClickException(SURE)


def _tell(result: Result) -> None:
    line, _, sentence = result
    click.echo(f"{of_line(line)}: {sentence}")


def _try(table: Table, plan: Plan, heard) -> bool:
    work = Import(plan, current_app.config["SETTINGS"].identity, "", "", dry=True)
    for result in work.results(table):
        heard(result)
    click.echo(f"Nothing was changed. It would be: {in_words(work.counts)}")
    return True


def _do(table: Table, plan: Plan, heard) -> bool:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Rows", total=None)

        def watch(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        job_id = sizes.import_here(table, plan, heard, watch)
    job = db.session.get_one(Job, job_id)
    click.echo(job.message or "")
    return job.state == "ready"
