"""`flask reread`: read kept objects again, after an upgrade or a change of the reader."""

import json
import time
from collections.abc import Iterator
from datetime import datetime

import click
from flask import Flask
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from app.extensions import db
from app.jobs import control, housekeeping, reread
from app.models import Job, Report, Study

LOOK_SECONDS = 0.3
MOST_SHOWN = 20  # studies whose changes are printed


def register(app: Flask) -> None:
    """Add the command to the application."""
    app.cli.add_command(read_again)


@click.command("reread")
@click.option("--study", default="", metavar="UID", help="Only this study.")
@click.option(
    "--device", default="", metavar="NAME", help="Only this room: its display name, station or serial number."
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was received on this day (UTC) or later.")
@click.option("--here", is_flag=True, help="In this process, not in the queue.")
@click.option("--json", "as_json", is_flag=True, help="Say the same as JSON.")
@with_appcontext
def read_again(study: str, device: str, since: datetime | None, here: bool, as_json: bool) -> None:
    """Read kept objects again and change what the new reading changes; it says what that was.

    A worker does it. Ctrl-C stops looking on, not the work.
    """
    job = reread.job_for(study, device, since.date() if since else None)
    job_id = reread.read_all(job) if here else control.submit(job, reread.asked(job))
    if not here:
        _look_on(job_id)
    job = db.session.get_one(Job, job_id)
    if job.state != "ready":
        raise click.ClickException(job.message or f"It was {job.state}.")
    changes = dict(_changes(job.query.get("changed", [])))
    if as_json:
        click.echo(
            json.dumps({"counts": job.query.get("counts", {}), "changes": changes}, indent=2, ensure_ascii=False)
        )
    else:
        _print(job, changes)


def _look_on(job_id: str) -> None:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Reading again")
        while True:
            db.session.rollback()
            job = db.session.get_one(Job, job_id)
            progress.update(bar, completed=job.done, total=job.total)
            if job.finished:
                return
            db.session.rollback()
            housekeeping.settle()
            time.sleep(LOOK_SECONDS)


def _print(job: Job, changes: dict[str, list]) -> None:
    for uid in list(changes)[:MOST_SHOWN]:
        click.echo(f"study {uid}")
        for change in changes[uid]:
            click.echo(f"  {change['what']}: {_told(change['before'])} → {_told(change['after'])}")
    if len(changes) > MOST_SHOWN:
        click.echo(f"and {len(changes) - MOST_SHOWN:,} studies more; their pages say what changed.")
    click.echo(job.message)


def _told(value: object) -> str:
    return "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _changes(study_uids: list[str]) -> Iterator[tuple[str, list]]:
    """The latest changes of these studies, by their UIDs."""
    asked = select(Study.study_instance_uid, Report.changes).join(Report, Report.study_id == Study.id)
    told: dict[str, list] = {}
    for uid, history in db.session.execute(asked.where(Study.study_instance_uid.in_(study_uids))):
        told.setdefault(uid, []).extend(history[-1]["changes"] if history else [])
    yield from told.items()
