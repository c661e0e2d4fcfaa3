"""`flask test-patients`: which studies count as those of test patients."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from app import audit
from app.extensions import db
from app.ingest import marks
from app.models import Study
from app.remembered import forget

HONEST = (
    "Patterns that are new mark studies from now on: names and IDs of patients are not kept, so none can be searched."
)

commands = AppGroup("test-patients", help="Which studies count as those of test patients.")


def register(app: Flask) -> None:
    """Make `flask test-patients` known."""
    app.cli.add_command(commands)


@commands.command()
def apply() -> None:
    """Apply changed patterns to stored studies: marks whose pattern is no longer set are taken away."""
    total = db.session.scalar(select(func.count()).where(Study.test_patient.is_not(None)))
    db.session.rollback()
    seen = changed = 0
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("Looking at marked studies", total=total)
        for looked_at, some in marks.apply(current_app.config["SETTINGS"].test_patient_patterns):
            seen, changed = seen + looked_at, changed + some
            progress.update(bar, completed=seen)
    forget()
    audit.note(audit.TEST_PATIENTS, f"{changed:,} of {seen:,} marked studies", details={"changed": changed})
    left = db.session.scalar(select(func.count()).where(Study.test_patient.is_not(None)))
    click.echo(f"{seen:,} marked {'study' if seen == 1 else 'studies'}: {changed:,} changed, {left:,} still marked.")
    click.echo(HONEST)
