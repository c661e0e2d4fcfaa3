"""`flask export`: the same files as from the pages, made here and now."""

import getpass
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress
from werkzeug.datastructures import MultiDict

from app import audit
from app.exports.kinds import KINDS
from app.exports.options import answered
from app.exports.place import provenance_of, remove_unfinished
from app.jobs.export import Wish, in_words, make
from app.queries.filters import BadParameter
from app.queries.selection import Selection
from app.transactions import writing


def register(app: Flask) -> None:
    """Add the command to the application."""
    app.cli.add_command(export)


def _print_kinds(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Say which exports there are, and end."""
    if wanted:
        for kind in KINDS.values():
            click.echo(f"{kind.name:<20} {kind.title}")
        context.exit()


@click.command("export")
@click.argument("kind", type=click.Choice(list(KINDS)), metavar="KIND")
@click.option("--filter", "query", default="", metavar="QUERY", help="What a list's address has behind its “?”.")
@click.option(
    "--answer", "answers", multiple=True, metavar="NAME=VALUE", help="What the export asks beside; may repeat."
)
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_print_kinds, help="Say the kinds.")
@with_appcontext
def export(kind: str, query: str, answers: tuple[str, ...], file: Path, force: bool) -> None:
    """Write an export of all studies, or of those that match, to a file; beside it, as JSON, its story.

    It ends with 0 where the file is there, with 1 where it could not be made, with 2 where what was asked for is wrong.
    """
    wish = _wish(kind, query, answers)
    there = next((one for one in (file, provenance_of(file)) if one.exists()), None)
    if there and not force:
        raise click.UsageError(f"{there} is there already. Say --force to overwrite it.")
    try:
        total = _make(file.absolute(), wish)
    except Exception as reason:
        raise click.ClickException(in_words(reason)) from reason
    finally:
        remove_unfinished(file.absolute())
    click.echo(f"{total:,} {'study' if total == 1 else 'studies'} in {file}", err=True)


def _wish(kind: str, query: str, answers: tuple[str, ...]) -> Wish:
    """What is asked for. Raises UsageError where that is not understood."""
    if KINDS[kind].identified and not current_app.config["SETTINGS"].identifies:
        raise click.UsageError(
            f"This site keeps no patients’ IDs or names, so there is no {kind}. PATIENT_ID says what it keeps."
        )
    asked = parse_qsl(query.lstrip("?"), keep_blank_values=True)
    given: MultiDict[str, str] = MultiDict(current_app.config["SETTINGS"].identity.in_address(asked))
    told = dict(answer.partition("=")[::2] for answer in answers)
    try:
        selection = Selection.from_args(KINDS[kind].modality, given)
        return Wish(KINDS[kind], selection, getpass.getuser(), answered(KINDS[kind].options, told))
    except BadParameter as wrong:
        raise click.UsageError(str(wrong)) from None


def _make(file: Path, wish: Wish) -> int:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        total = make(file, wish, _Bar(progress)).total
    with writing():
        details = wish.audited | {"studies": total, "account": wish.made_by}
        audit.record(audit.EXPORT, f"{wish.kind.title}: {wish.selection.words}", details=details)
    return total


class _Bar:
    """Shows how far it is."""

    def __init__(self, progress: Progress):
        self._progress = progress
        self._task = progress.add_task("Studies", total=None)

    def __call__(self, done: int) -> None:
        """Hear how many studies are written."""
        self.tell(done=done)

    def tell(self, **values: int) -> None:
        """Hear it at once: how many of how many."""
        self._progress.update(self._task, completed=values["done"], total=values.get("total"))
