"""Commands whose database or queue is away, or without tables, say so in a sentence."""

from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.exc import DBAPIError

from app.doctor import database, queue
from app.doctor.finding import WRONG
from app.queue import QueueAway
from app.settings import Settings


def speak(app: Flask) -> None:
    """Have every command that fails for want of a database or a queue say what is wrong with it and what to do."""
    for command in app.cli.commands.values():
        _speak_plainly(command)


def _speak_plainly(command: click.Command) -> None:
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        _speak_plainly(one)
    if command.callback and not isinstance(command.callback, _Plain):  # each is one thing, whatever is made of app
        command.callback = _Plain(command.callback)


class _Plain:
    """Calls the command; of what the doctor knows how to mend, no traceback is shown."""

    def __init__(self, call: Any):
        self.call = call

    def __call__(self, *args: Any, **options: Any) -> Any:
        try:
            return self.call(*args, **options)
        except (DBAPIError, QueueAway):
            if said := _diagnosis():
                raise click.ClickException(said) from None
            raise


def _diagnosis() -> str:
    settings: Settings = click.get_current_context().ensure_object(ScriptInfo).load_app().config["SETTINGS"]
    found = (finding for examine in (database.examine, queue.examine) for finding in examine(settings))
    return next((f"The {one.part.lower()} {one.told} {one.advice}" for one in found if one.verdict == WRONG), "")
