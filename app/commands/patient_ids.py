"""`flask patient-ids`: what is kept of patients' IDs."""

from collections.abc import Sequence

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.exports.kinds import KINDS
from app.extensions import db
from app.identity import NONE, STORED
from app.ingest.forget import forget_ids, forget_patients
from app.jobs import control
from app.models import Job, Study
from app.models.job import FINISHED

HONEST = "Studies that are stored have no ID to keep; objects that come again bring it, for example by flask import."

commands = AppGroup("patient-ids", help="What is kept of patients' IDs.")


def register(app: Flask) -> None:
    """Make `flask patient-ids` known."""
    app.cli.add_command(commands)


@commands.command()
def apply() -> None:
    """Take away of stored studies what PATIENT_ID does not let us keep any more."""
    keeps = current_app.config["SETTINGS"].identity.keeps
    changed = 0 if keeps == STORED else forget_patients() if keeps == NONE else forget_ids()
    exports = 0 if keeps == STORED else sum(control.discard(job) for job in _exports_with_ids())
    counted = select(func.count(Study.patient_key), func.count(Study.patient_id), func.count())
    keys, ids, studies = db.session.execute(counted).one()
    click.echo(f"{changed:,} changed. Of {studies:,} studies {keys:,} tell their patients apart, {ids:,} keep the ID.")
    if exports:
        click.echo(f"{exports:,} {'export' if exports == 1 else 'exports'} with patients’ IDs deleted.")
    if keeps != NONE and keys < studies:
        click.echo(HONEST)


def _exports_with_ids() -> Sequence[Job]:
    """Those that have ended: their files would outlive what they were made of."""
    kinds = [kind.name for kind in KINDS.values() if kind.identified]
    return db.session.scalars(select(Job).where(Job.kind.in_(kinds), Job.state.in_(FINISHED))).all()
