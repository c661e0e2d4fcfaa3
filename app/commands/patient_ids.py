"""`flask patient-ids`: what is kept of who patients are."""

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.extensions import db
from app.identity import NONE
from app.jobs import identifiers
from app.models import Study

HONEST = "Studies that are stored have no ID to keep; objects that come again bring it, for example by flask import."

commands = AppGroup("patient-ids", help="What is kept of who patients are.")


def register(app: Flask) -> None:
    """Make `flask patient-ids` known."""
    app.cli.add_command(commands)


@commands.command()
def show() -> None:
    """Say how many studies have what of their patients, and what is more than the settings say."""
    for what, count in identifiers.stored().items():
        click.echo(f"{count:>12,}  {what}")
    for what, count in identifiers.too_much().items():
        click.echo(f"{count:,} {'study has' if count == 1 else 'studies have'} more of {what} than the settings say.")


@commands.command()
def apply() -> None:
    """Hash or take away of stored studies what the settings do not let us keep any more: IDs, names, numbers."""
    changed, exports = identifiers.apply()
    counted = select(func.count(Study.patient_key), func.count(Study.patient_id), func.count())
    keys, ids, studies = db.session.execute(counted).one()
    click.echo(f"{changed:,} changed. Of {studies:,} studies {keys:,} tell their patients apart, {ids:,} keep the ID.")
    if exports:
        click.echo(f"{exports:,} {'export' if exports == 1 else 'exports'} with patients’ IDs deleted.")
    if identifiers.kept().keeps != NONE and keys < studies:
        click.echo(HONEST)
