"""`flask audit`: whether the record of who has done what is whole."""

import signal
import sys
import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app import audit, logs
from app.settings import Settings
from app.trail import forward as forwarding
from app.trail import kept
from app.trail.verify import verdict
from app.transactions import one_moment, writing

commands = AppGroup("audit", help="The record of who has done what.")


def register(app: Flask) -> None:
    """Make `flask audit` known."""
    app.cli.add_command(commands)


@commands.command()
def verify() -> None:
    """Say whether the record is whole, or which entry is the first that was changed, taken away or added."""
    with one_moment() as connection:
        found = verdict(connection, current_app.config["SETTINGS"])
    for sentence in found.words:
        click.echo(sentence)
    sys.exit(0 if found.whole and not found.unguarded else 1)


@commands.command()
def forward() -> None:
    """Tell the syslog server of every entry, and go on until stopped; flask up does so by itself."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.syslog_host:
        raise click.ClickException("SYSLOG_HOST names no server.")
    logs.speak_up()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    forwarding.forward(settings, stop)


@commands.command()
def restored() -> None:
    """Write down that the database was restored from a backup, and that entries after it are lost."""
    settings: Settings = current_app.config["SETTINGS"]
    before = kept.known(settings)
    if before is None:
        raise click.ClickException("This machine remembers no end of the record that could be missing.")
    with one_moment() as connection:
        found = verdict(connection, settings)
    if found.whole:
        click.echo("Nothing is missing, and nothing was written down.")
        return
    if not found.cut:
        raise click.ClickException(f"No backup explains this. {found.fault}")
    kept.forget(settings)
    with writing():
        what = f"A backup with {found.entries:,} entries; {before[0]:,} had been written"
        audit.record(audit.RESTORE, what, details={"entries": found.entries, "written": before[0]})
    click.echo(f"Written down: {what}.")
