"""`flask patient`: what a patient may ask for."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.identity import NONE
from app.jobs import erasing
from app.jobs.erasing import BACKUPS, Wanted

commands = AppGroup("patient", help="What a patient may ask for.")


def register(app: Flask) -> None:
    """Make `flask patient` known."""
    app.cli.add_command(commands)


@commands.command()
@click.option("--id", "patient_id", default="", help="The patient's ID; this site has to keep it, or its hash.")
@click.option("--issuer", default="", help="Who issued the ID, where several hospitals do.")
@click.option("--accession", default="", help="An accession number, where the site keeps those or their hashes.")
@click.option("--study", default="", metavar="UID", help="A Study Instance UID.")
@click.option("--dry-run", is_flag=True, help="Only say how much there is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(patient_id: str, issuer: str, accession: str, study: str, dry_run: bool, yes: bool) -> None:
    """Erase all that is stored of a patient: studies, kept and refused objects, and files that may tell of them.

    Exports and size imports do not say which studies they have: all that have ended are deleted.
    """
    wanted = Wanted(patient_id.strip(), issuer.strip(), accession.strip(), study.strip())
    _check(wanted)
    found = erasing.find(wanted)
    click.echo(f"{found.words}.")
    if not found:
        click.echo("There is nothing to erase.")
    elif not dry_run:
        if not yes:
            click.confirm("Erase them for good?", abort=True)
        for _ in erasing.erase(found):
            pass
        click.echo("Erased.")
        click.echo(BACKUPS)


def _check(wanted: Wanted) -> None:
    if not (wanted.patient_id or wanted.accession or wanted.study):
        raise click.UsageError("Say whom: --id, --accession or --study.")
    identity = current_app.config["SETTINGS"].identity
    if wanted.patient_id and identity.keeps == NONE:
        note = (
            "This site keeps no patients’ IDs (PATIENT_ID=none): studies can be found by --accession or --study only."
        )
        click.echo(note, err=True)
