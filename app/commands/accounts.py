"""`flask user`: accounts on the command line; and somebody who can sign in on the first day."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from app import accounts
from app.extensions import db
from app.models import User
from app.models.user import RIGHTS
from app.transactions import writing

ROLES = click.Choice(list(RIGHTS))
RANDOM_BYTES = 15  # 20 letters and digits

users = AppGroup("user", help="Make and change accounts.")
password_option = click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)


def register(app: Flask) -> None:
    """Make `flask user` known."""
    app.cli.add_command(users)


def ensure_administrator() -> str:
    """Make an administrator where there is no user yet, and say so; a password that we made up is told this once."""
    if db.session.scalar(select(User.id).limit(1)):
        return ""
    username = os.environ.get("ADMIN_USER") or "admin"
    given = os.environ.get("ADMIN_PASSWORD")
    password = given or secrets.token_urlsafe(RANDOM_BYTES)
    try:
        with writing():
            accounts.create(username, password, "admin")
    except accounts.NotPossible as reason:
        raise click.ClickException(f"ADMIN_PASSWORD can't be used. {reason}") from None
    told = f"The administrator is “{username}”" + ("." if given else f", with the password {password}")
    click.echo(told)  # at once: what comes later may not come
    return told


@users.command()
@click.argument("username")
@click.option("--role", type=ROLES, default="view", show_default=True)
@password_option
def create(username: str, role: str, password: str) -> None:
    """Make an account."""
    with _writing():
        accounts.create(username, password, role)
    click.echo(f"“{username}” may sign in, with the role {role}.")


@users.command("list")
def list_users() -> None:
    """Print every account with its role."""
    for user in db.session.scalars(select(User).order_by(User.username)):
        click.echo(f"{user.username}\t{user.role}{'' if user.active else ', disabled'}")


@users.command()
@click.argument("username")
@click.argument("role", type=ROLES)
def set_role(username: str, role: str) -> None:
    """Give an account another role."""
    with _writing():
        _known(username).role = role
    click.echo(f"“{username}” has the role {role}.")


@users.command()
@click.argument("username")
@password_option
def set_password(username: str, password: str) -> None:
    """Give an account another password; its sessions end."""
    with _writing():
        accounts.set_password(_known(username), password)
    click.echo(f"“{username}” has a new password; sessions with the old one have ended.")


@users.command()
@click.argument("username")
@click.option("--undo", is_flag=True, help="Let the account sign in again.")
def disable(username: str, undo: bool) -> None:
    """Keep an account from signing in; its sessions end."""
    with _writing():
        _known(username).active = undo
    click.echo(f"“{username}” may {'sign in again' if undo else 'not sign in any more'}.")


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
