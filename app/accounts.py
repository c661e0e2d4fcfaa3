"""What holds for every account, whoever makes or changes it."""

import secrets
import unicodedata
from collections.abc import Iterable
from contextlib import suppress

from flask import current_app
from sqlalchemy import delete, select

from app import attempts, audit, passwords
from app.extensions import db
from app.models import User, UserSession
from app.models.user import ADMINISTRATORS, ROLES, VIEWERS

LONGEST_NAME = 80  # characters, as the column
SPEAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is taken for something else when read or told
GROUPS, OF_LETTERS = 4, 4  # as many as nobody guesses: 79 bits


class NotPossible(ValueError):
    """What was asked for an account can't be; the sentence says why."""


def create(
    username: str,
    password: str | None,
    roles: Iterable[str] = (VIEWERS,),
    *,
    once: bool = False,
    by: str | None = None,
) -> User:
    """A new account, in the session's transaction. Raises NotPossible.

    Without a password nobody signs in with one: another system has to say who it is. A password for `once` has to be
    changed at the first sign-in. Who asked for it is known, or is told with `by`.
    """
    name = _name(username)
    if find(name) is not None:
        raise NotPossible(f"There is a user “{name}” already.")
    user = User(username=name, roles=in_order(roles), active=True)
    if password is not None:
        set_password(user, password, once=once)
    db.session.add(user)
    audit.record(audit.CREATE_USER, f"user {name}", details={"roles": user.roles}, username=by)
    return user


def rename(user: User, username: str) -> None:
    """Call the account otherwise. Raises NotPossible for what is no name, or somebody else's."""
    before, name = user.username, _name(username)
    if find(name) is not None:
        raise NotPossible(f"There is a user “{name}” already.")
    user.username = name
    audit.record(audit.RENAME_USER, f"user {name}", details={"before": before, "after": name})


def set_password(user: User, password: str, *, once: bool = False) -> None:
    """Give the account another password; its sessions end. Raises NotPossible for one that is too easy to guess."""
    if user.issuer:
        raise NotPossible("The password of this user is not kept here, but in the directory.")
    if user.check_password(password):
        raise NotPossible("This is the old password. Choose another one.")
    try:
        settings = current_app.config["SETTINGS"]
        passwords.check(password, user.username, settings.common_passwords, settings.allowed_hosts)
    except passwords.TooEasy as reason:
        raise NotPossible(str(reason)) from None
    user.set_password(password)
    user.must_change_password = once
    end_sessions(user)


def reset_password(user: User, password: str, *, once: bool = True) -> None:
    """The same by somebody else, who should not know it for long."""
    set_password(user, password, once=once)
    audit.record(audit.RESET_PASSWORD, f"user {user.username}")


def made_up_password(username: str) -> str:
    """One that nobody has and nobody guesses, that the user may have, and that can be told by telephone."""
    names = current_app.config["SETTINGS"].allowed_hosts
    while True:
        password = "-".join("".join(secrets.choice(SPEAKABLE) for _ in range(OF_LETTERS)) for _ in range(GROUPS))
        with suppress(passwords.TooEasy):  # once in a million times by chance
            passwords.check(password, username, site=names)
            return password


def set_roles(user: User, roles: Iterable[str]) -> None:
    """Give the account these roles alone. Raises NotPossible for an unknown one, or for the last administrator."""
    wanted, before = in_order(roles), user.roles
    if user.issuer:
        raise NotPossible("What this user may, the groups of the directory say, at each sign-in. Change them there.")
    if ADMINISTRATORS not in wanted:
        _somebody_else_administers(user)
    if wanted != before:
        user.roles = wanted
        audit.record(audit.CHANGE_ROLES, f"user {user.username}", details={"before": before, "after": wanted})


def disable(user: User) -> None:
    """Keep the account from signing in; its sessions end. Raises NotPossible for the last administrator."""
    _somebody_else_administers(user)
    user.active = False
    end_sessions(user)
    audit.record(audit.DISABLE_USER, f"user {user.username}")


def enable(user: User) -> None:
    """Let the account sign in again."""
    user.active = True
    audit.record(audit.ENABLE_USER, f"user {user.username}")


def end_sessions(user: User) -> None:
    """Sign the user out wherever that is."""
    db.session.execute(delete(UserSession).where(UserSession.user_id == user.id))


def sign_out(user: User) -> None:
    """The same, asked for by somebody."""
    end_sessions(user)
    audit.record(audit.END_SESSIONS, f"user {user.username}")


def unlock(user: User) -> None:
    """Let the user try to sign in again at once."""
    attempts.unlock(user.username)
    audit.record(audit.UNLOCK, f"user {user.username}")


def unlock_address(address: str) -> bool:
    """Let everybody try again from there; whether it was locked."""
    lifted = bool(attempts.unlock(address=address))
    if lifted:
        audit.record(audit.UNLOCK, f"address {address}")
    return lifted


def in_order(roles: Iterable[str]) -> list[str]:
    """The roles, each once, the least first. Raises NotPossible for one that there is not."""
    wanted = set(roles)
    unknown = sorted(wanted - ROLES.keys())
    if unknown:
        raise NotPossible(f"There is no role “{unknown[0]}”; there are {', '.join(ROLES)}.")
    return [role for role in ROLES if role in wanted]


def find(username: str) -> User | None:
    """The account of that name."""
    return db.session.scalar(select(User).where(User.username == username))


def _name(username: str) -> str:
    name = unicodedata.normalize("NFC", username).strip()
    if not name or not name.isprintable():
        raise NotPossible("A user name has letters or digits, and no line breaks.")
    if len(name) > LONGEST_NAME:
        raise NotPossible(f"A user name has at most {LONGEST_NAME} characters.")
    return name


def _somebody_else_administers(user: User) -> None:
    # With a password here: another system that says who people are can be away.
    others = select(User.roles).where(User.active, User.password_hash.is_not(None), User.id != user.id)
    administrated = any(ADMINISTRATORS in roles for roles in db.session.scalars(others))
    if user.active and ADMINISTRATORS in user.roles and not administrated:
        raise NotPossible(f"“{user.username}” is the last administrator. Make somebody else one first.")
