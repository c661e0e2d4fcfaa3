"""Somebody of the directory arrives: an account at the first sign-in, what the groups give at each."""

import logging

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import accounts, audit
from app.directory.person import NotSignedIn, Person
from app.extensions import db
from app.models import User
from app.transactions import writing

NO_GROUP = "The directory knows you, but none of your groups may use OpenREM. Ask an administrator for one that may."
DISABLED = "Your account here is disabled. An administrator can enable it."
TAKEN = "There is another account here with your user name, “{}”. Tell an administrator."

log = logging.getLogger(__name__)


def arrive(person: Person) -> User:
    """The account of the person, made or brought up to date. Raises NotSignedIn where there is to be none."""
    try:
        return _arrived(person)
    except IntegrityError:
        return _arrived(person)  # at the same moment in another window: now the account is there


def _arrived(person: Person) -> User:
    with writing():
        user = db.session.scalar(select(User).where(User.issuer == person.issuer, User.subject == person.subject))
        user, refusal = _made(person) if user is None else _brought_up_to_date(user, person)
    if user is None or refusal:
        raise NotSignedIn(refusal)
    return user


def _made(person: Person) -> tuple[User | None, str]:
    """A new account without a password, or why there is none."""
    if not person.roles:
        return None, NO_GROUP
    if _taken(person.name):
        return None, TAKEN.format(person.name)
    try:
        user = accounts.create(person.name, None, person.roles, by=person.name)
    except accounts.NotPossible as reason:
        return None, str(reason)
    user.issuer, user.subject = person.issuer, person.subject
    return user, ""


def _brought_up_to_date(user: User, person: Person) -> tuple[User, str]:
    """The account as the directory has the person now, and why it is of no use."""
    if not user.active:
        return user, DISABLED
    if user.username != person.name:
        _rename(user, person.name)
    _give(user, accounts.in_order(person.roles))
    return user, "" if person.roles else NO_GROUP


def _give(user: User, roles: list[str]) -> None:
    if roles != user.roles:
        details = {"before": user.roles, "after": roles, "by": "the directory"}
        audit.record(audit.CHANGE_ROLES, f"user {user.username}", details=details, username=user.username)
        user.roles = roles


def _rename(user: User, name: str) -> None:
    """Follow the directory, unless somebody else is called so here."""
    if _taken(name, but=user):
        log.warning("“%s” is now “%s” in the directory; here another account has that name", user.username, name)
        return
    try:
        accounts.rename(user, name)
    except accounts.NotPossible as reason:
        log.warning("“%s” has another name in the directory, which it can't have here: %s", user.username, reason)


def _taken(name: str, but: User | None = None) -> bool:
    """Whether somebody has the name, however it is written: nobody is to be taken for somebody else."""
    others = db.session.execute(select(User.id, User.username))
    return any(username.casefold() == name.strip().casefold() for id, username in others if but is None or id != but.id)
