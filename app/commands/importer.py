"""`flask import` and `flask show`: the importer on the command line."""

import json
import sys
from collections import Counter
from collections.abc import Iterator

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import track
from sqlalchemy.exc import SQLAlchemyError

from app.ingest.receive import FAILED, Outcome, receive
from app.ingest.sources import Source, Unopened, sources
from app.queries.objects import collapsed
from app.queries.quantities import unit_words, written
from app.queries.study import everything
from app.reception import current

REFUSED = "The database did not take it ({}). See that it runs and that its tables are there; make run makes them."
NO_FILE = "There is no file there."
PLURALS = {"not a dose object": "not dose objects", "duplicate": "duplicates"}


def register(app: Flask) -> None:
    """Add the commands to the application."""
    app.cli.add_command(import_objects)
    app.cli.add_command(show)


@click.command("import")
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Say the same as JSON, problems and unread items included.")
@with_appcontext
def import_objects(paths: tuple[str, ...], as_json: bool) -> None:
    """Import dose objects from files, folders, wildcards and zip archives.

    Says for each file what became of it. No file is changed or deleted. The exit code is 1 where any file failed.
    """
    number = sum(1 for _ in sources(paths))
    counts: Counter[str] = Counter()
    documents = []
    for source, outcome in _import(_with_progress(sources(paths), number)):
        counts[outcome.result] += 1
        if as_json:
            documents.append({"file": source.label} | outcome.as_json())
        else:
            click.echo(f"{source.label}: {outcome.result}. {outcome.message}")
    if as_json:
        click.echo(json.dumps(documents, indent=2, ensure_ascii=False))
    else:
        click.echo(f"{number} {'file' if number == 1 else 'files'}: {_told(counts)}." if number else NO_FILE)
    sys.exit(1 if counts[FAILED] else 0)


def _with_progress(files: Iterator[Source], number: int) -> Iterator[Source]:
    console = Console(stderr=True)
    quiet = not console.is_terminal
    yield from track(files, "Importing", total=number, console=console, disable=quiet, transient=True)


def _import(files: Iterator[Source]) -> Iterator[tuple[Source, Outcome]]:
    settings = current_app.config["SETTINGS"]
    patient = (settings.test_patient_patterns, settings.identity)
    for source in files:
        try:
            with source.open() as file:
                yield source, receive(file, *patient, policy=current.policy())
        except Unopened as reason:
            yield source, Outcome(FAILED, str(reason))
        except SQLAlchemyError as error:
            yield source, Outcome(FAILED, REFUSED.format(type(error).__name__))


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {PLURALS.get(name, name) if count > 1 else name}" for name, count in counts.items())


@click.command("show")
@click.argument("study_uid")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@with_appcontext
def show(study_uid: str, as_json: bool) -> None:
    """Print everything stored for a study, with the names and units of its quantities."""
    study = everything(study_uid)
    if study is None:
        raise click.ClickException(f"No study with the UID {study_uid} is stored.")
    if as_json:
        click.echo(json.dumps(study, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(study | {"reports": collapsed(study["reports"])})))


def _lines(value, depth: int = 0) -> Iterator[str]:
    """The nested values as indented lines; what has nothing in it is left out."""
    indent = "  " * depth
    for name, entry in value.items() if isinstance(value, dict) else enumerate(value, start=1):
        if isinstance(entry, dict) and "title" in entry and "value" in entry:
            yield f"{indent}{entry['title']}: {_words(entry['value'])} {_unit(entry.get('unit', ''))}".rstrip()
        elif isinstance(entry, dict) and entry.keys() == {"title", "rows"}:
            yield f"{indent}{entry['title']}"
            yield from _lines(entry["rows"], depth + 1)
        elif isinstance(entry, (dict, list)):
            if entry:
                yield f"{indent}{str(name).replace('_', ' ')}"
            yield from _lines(entry, depth + 1)
        else:
            yield f"{indent}{name}: {_words(entry)}"


def _words(value) -> str:
    """The value as people write it: 476 for 476.0, lists with commas."""
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return written(value) if isinstance(value, float) else str(value)


def _unit(stored: str) -> str:
    """The unit that the number is stored in, but for units that say nothing beside the title."""
    return stored if unit_words(stored) else ""
