"""`flask user`: accounts on the command line; and somebody who can sign in on the first day."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from app import accounts
from app.extensions import db
from app.models import User
from app.models.user import ADMINISTRATORS, ROLES, VIEWERS
from app.transactions import writing

users = AppGroup("user", help="Make and change accounts.")
from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
keep = click.option("--keep", is_flag=True, help="Do not ask for another password at the next sign-in.")
roles_argument = click.argument("roles", nargs=-1, required=True, type=click.Choice(list(ROLES)))


def register(app: Flask) -> None:
    """Make `flask user` known."""
    app.cli.add_command(users)


def ensure_administrator() -> str:
    """Make an administrator where there is no user yet, and say so; a password that we made up is told this once."""
    if db.session.scalar(select(User.id).limit(1)):
        return ""
    username = os.environ.get("ADMIN_USER") or "admin"
    given = os.environ.get("ADMIN_PASSWORD")
    password = given or accounts.made_up_password(username)
    try:
        with writing():
            accounts.create(username, password, [ADMINISTRATORS])
    except accounts.NotPossible as reason:
        raise click.ClickException(f"ADMIN_USER or ADMIN_PASSWORD can't be used. {reason}") from None
    told = f"The administrator is “{username}”" + ("." if given else f", with the password {password}")
    click.echo(told)  # at once: what comes later may not come
    return told


@users.command()
@click.argument("username")
@click.option("--role", "roles", type=click.Choice(list(ROLES)), multiple=True, default=[VIEWERS], show_default=True)
@from_stdin
@keep
def create(username: str, roles: tuple[str, ...], password_stdin: bool, keep: bool) -> None:
    """Make an account; give --role several times for several roles."""
    password = _password(password_stdin)
    with _writing():
        accounts.create(username, password, roles, once=not keep)
    click.echo(f"“{username}” may sign in, with {_told(roles)}.{'' if keep else _ONCE}")


@users.command("list")
def list_users() -> None:
    """Print every account: name, roles, last sign-in (UTC), and what keeps it out."""
    for user in db.session.scalars(select(User).order_by(User.username)):
        last = f"{user.signed_in_at:%Y-%m-%d %H:%M}" if user.signed_in_at else "never"
        click.echo("\t".join((user.username, ",".join(user.roles) or "no role", last, *_notes(user))))


@users.command()
@click.argument("username")
@roles_argument
def set_role(username: str, roles: tuple[str, ...]) -> None:
    """Give an account these roles, one or more, and no others."""
    with _writing():
        accounts.set_roles(_known(username), roles)
    click.echo(f"“{username}” has {_told(roles)}.")


@users.command()
@click.argument("username")
@from_stdin
@keep
def reset_password(username: str, password_stdin: bool, keep: bool) -> None:
    """Give an account another password; its sessions end."""
    with _writing():
        _known(username)
    password = _password(password_stdin)
    with _writing():
        accounts.reset_password(_known(username), password, once=not keep)
    click.echo(f"“{username}” has a new password; sessions with the old one have ended.{'' if keep else _ONCE}")


@users.command()
@click.argument("username")
@click.argument("new")
def rename(username: str, new: str) -> None:
    """Call an account otherwise, to make room for somebody of the directory."""
    with _writing():
        accounts.rename(_known(username), new)
    click.echo(f"“{username}” is now “{new}”.")


@users.command()
@click.argument("username")
def disable(username: str) -> None:
    """Keep an account from signing in; its sessions end."""
    with _writing():
        accounts.disable(_known(username))
    click.echo(f"“{username}” may not sign in any more.")


@users.command()
@click.argument("username")
def enable(username: str) -> None:
    """Let an account sign in again."""
    with _writing():
        accounts.enable(_known(username))
    click.echo(f"“{username}” may sign in again.")


@users.command()
@click.argument("username")
def unlock(username: str) -> None:
    """Let somebody who failed to sign in too often try again at once."""
    with _writing():
        accounts.unlock(_known(username))
    click.echo(f"“{username}” may try again at once.")


_ONCE = " The password has to be changed at the first sign-in."


def _password(from_standard_input: bool) -> str:
    """Never an argument: everybody on this machine can read those."""
    if from_standard_input:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


def _told(roles: tuple[str, ...]) -> str:
    return f"the role{'s' if len(roles) > 1 else ''} {', '.join(roles)}"


def _notes(user: User) -> list[str]:
    return ["disabled"] * (not user.active) + ["no password here"] * (user.password_hash is None)


@contextmanager
def _writing() -> Iterator[None]:
    """A transaction whose refusals are told on the command line."""
    try:
        with writing():
            yield
    except accounts.NotPossible as reason:
        raise click.ClickException(str(reason)) from None


def _known(username: str) -> User:
    user = accounts.find(username)
    if user is None:
        raise accounts.NotPossible(f"There is no user “{username}”.")
    return user
