"""`flask alarms`: what there is to raise the alarm about, and whether mails arrive."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.operations import alarms, mail, outage
from app.operations.conditions import found
from app.settings import ALARM_KINDS, Settings

TEST = "This is a test. Mails about alarms come this way."


@click.pass_context
@with_appcontext
def show(context: click.Context) -> None:
    """Say what holds now."""
    if context.invoked_subcommand:
        return
    settings: Settings = current_app.config["SETTINGS"]
    try:
        conditions, looked = found(settings, ALARM_KINDS)
    except SQLAlchemyError as error:
        raise click.ClickException(f"The database does not answer: {type(error).__name__}") from None
    for one in conditions:
        click.echo(f"{one.kind}: {one.words}")
    for kind in set(settings.alarms) & set(ALARM_KINDS) - looked:
        click.echo(f"{kind}: could not be looked at, as the queue's server does not answer")
    if not conditions:
        click.echo("Nothing needs anybody.")
    click.echo(_of_mails(settings))


def _of_mails(settings: Settings) -> str:
    if not settings.mails:
        return "Nobody hears of it by mail: SMTP_HOST and ALARM_TO are not set."
    reason = alarms.mail_error()
    return f"The last mail was not sent. {reason}" if reason else f"Mails go to {', '.join(settings.alarm_to)}."


commands = AppGroup(
    "alarms", callback=show, invoke_without_command=True, help="What needs somebody now, and mails about it."
)


def register(app: Flask) -> None:
    """Make `flask alarms` known."""
    app.cli.add_command(commands)


@commands.command()
def test() -> None:
    """Send a mail to everybody who is to hear of alarms."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        mail.send(settings, "a test", TEST)
    except mail.NotSent as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Sent to {', '.join(settings.alarm_to)}.")


@commands.command()
def check() -> None:
    """Look now and send what there is to send, as workers do each minute: for a timer, should all workers be gone."""
    settings: Settings = current_app.config["SETTINGS"]
    with outage.noticed(settings):
        looked = alarms.look(settings)
    click.echo("Looked." if looked else "Somebody looked within the last minute.")
