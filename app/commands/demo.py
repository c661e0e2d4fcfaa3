"""`flask demo`: fill the database with made studies, through the importer that real ones take."""

from collections import Counter
from datetime import date, datetime, timedelta
from io import BytesIO
from time import monotonic

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import select

from app.demo.study import study
from app.extensions import db
from app.ingest.layouts import REPORT
from app.ingest.receive import DUPLICATE, FAILED, receive
from app.models import Study

WORDS = {"duplicate": "duplicates"}


def register(app: Flask) -> None:
    """Make `flask demo` known."""
    app.cli.add_command(demo)


@click.command()
@click.option("--studies", default=2000, show_default=True, type=click.IntRange(min=1), help="How many.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same studies.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last of their days.  [default: yesterday]")
@with_appcontext
def demo(studies: int, seed: int, until: datetime | None) -> None:
    """Make studies of nobody, of all kinds, and import them. What is stored already is left alone."""
    last_day = until.date() if until else date.today() - timedelta(days=1)
    flask_migrate.upgrade()
    started = monotonic()
    counts: Counter[str] = Counter()
    with _progress() as progress:
        for number in progress.track(range(studies), description="Making and importing studies"):
            counts[_import(seed, number, last_day)] += 1
    seconds = monotonic() - started
    told = ", ".join(f"{count} {WORDS.get(result, result)}" for result, count in counts.items())
    click.echo(f"{studies} studies: {told}. {seconds:.0f} s, {studies / seconds:.0f} a second.")


def _import(seed: int, number: int, last_day: date) -> str:
    """What became of the study."""
    settings = current_app.config["SETTINGS"]
    made = study(seed, number, last_day, REPORT)
    # On another day the same study has another date; it is the same study all the same.
    if db.session.scalar(select(Study.id).where(Study.study_instance_uid == made.study_instance_uid)):
        return DUPLICATE
    db.session.rollback()
    for file in made.files:
        outcome = receive(BytesIO(file), settings.test_patient_patterns, settings.identity)
        if outcome.result == FAILED:
            raise click.ClickException(f"Study {number} of seed {seed} was not imported: {outcome.message}")
    return outcome.result


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
