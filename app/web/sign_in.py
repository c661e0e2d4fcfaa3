"""Who it is that signs in, however that is found out; sessions, and how they end."""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

from flask import Flask, request, session
from flask_login import current_user, login_user
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.security import check_password_hash

from app import accounts, attempts, audit, extensions
from app.extensions import db
from app.jobs.clock import now
from app.models import User, UserSession
from app.models.user import hash_of
from app.transactions import writing

CLICK_SECONDS = 60  # two clicks within that are one, so that not every answer carries a cookie
LONGEST = timedelta(days=7)  # a session ends then, whatever is clicked

log = logging.getLogger(__name__)


class Refused(Exception):
    """Nobody signs in; the sentence says why, and no more than a guesser may know."""


class TooOften(Refused):
    """It was tried too often."""


def init_app(app: Flask) -> None:
    """Tell the sessions' keeper whose session it is, and keep sessions alive by clicks."""
    extensions.login.user_loader(_user_of_session)
    app.before_request(_note_click)


def by_password(username: str, password: str) -> User | None:
    """The user whose password here this is. It takes as long for a name that nobody has."""
    user = accounts.find(username)
    known = user is not None and user.active and user.password_hash is not None
    right = check_password_hash(user.password_hash if known else _hash_of_nobody(), password)
    return user if known and right else None


# What is asked in turn whose name and password these are; each gives the user, or none.
Way = Callable[[str, str], User | None]


def authenticated(username: str, password: str, ways: Sequence[Way] = (by_password,)) -> User:
    """The user, by the first way that knows. Raises Refused, or TooOften.

    A way that refuses by itself tells why: it was no guess.
    """
    address = request.remote_addr or ""
    if wait := attempts.seconds_to_wait(username, address):
        raise TooOften(_too_often(wait))
    failures = attempts.count(username, address)
    tried = ways if failures <= attempts.LOCKED_AT else ()  # more than that came at the same moment
    try:
        user = next(filter(None, (way(username, password) for way in tried)), None)
    except Refused:
        attempts.take_back(username, address)
        raise
    if user is None:
        _note_failure(username, failures)
        raise Refused("User name or password is wrong.")
    attempts.forget(username, address)
    return user


def begin(user: User) -> None:
    """Begin a session of the user, and write that down. Raises Refused where it can't be written."""
    user_id, begun = user.id, UserSession(id=secrets.token_hex(16), begun_at=now(), remote_address=request.remote_addr)
    begun_id = begun.id
    try:
        with writing():
            user = db.session.get_one(User, user_id)
            db.session.execute(delete(UserSession).where(UserSession.begun_at < now() - LONGEST))
            begun.user_id, user.signed_in_at = user_id, now()
            db.session.add(begun)
            audit.record(audit.SIGN_IN, f"user {user.username}", username=user.username)
    except SQLAlchemyError as error:
        log.error("nobody can sign in: the sign-in could not be written down", exc_info=error)
        raise Refused("Signing in has to be written down, and that fails now. Try again in a moment.") from None
    session.clear()  # nothing of who was here before, its CSRF token included
    session.permanent = True
    session["begun"] = begun_id
    login_user(user)


def current() -> str | None:
    """Which of the user's sessions this one is."""
    return session.get("begun")


def end() -> None:
    """End the session, here and in whatever copy of its cookie there is."""
    begun_id = session.get("begun")
    with writing():
        db.session.execute(delete(UserSession).where(UserSession.id == begun_id))
        audit.record(audit.SIGN_OUT, f"user {current_user.username}")
    session.clear()


@contextmanager
def writing_failure() -> Iterator[None]:
    """Write down that somebody was refused; where that can't be, the log says so, and they are refused all the same."""
    try:
        with writing():
            yield
    except SQLAlchemyError as error:
        log.error("a failed sign-in could not be written down", exc_info=error)


def _user_of_session(user_id: str) -> User | None:
    begun = UserSession.id == session.get("begun", ""), UserSession.begun_at >= now() - LONGEST
    found = select(User).join(UserSession, UserSession.user_id == User.id).where(User.id == int(user_id), User.active)
    return db.session.scalar(found.where(*begun))


def _note_click() -> None:
    """A session lives on from each click; a page that looks for news by itself does not keep it alive."""
    if request.endpoint == "static":
        return  # and nobody is looked up in the database
    minute = int(time.time() / CLICK_SECONDS)
    if current_user.is_authenticated and "X-Unattended" not in request.headers and session.get("clicked") != minute:
        session["clicked"] = minute  # a changed session is signed anew, with the time


def _note_failure(username: str, failures: int) -> None:
    """A name that nobody has is not written down: people type their passwords there."""
    with writing_failure():
        known = accounts.find(username) is not None
        what = f"user {username}" if known else "a user name that nobody has"
        tried = username if known else None
        audit.record(audit.SIGN_IN, what, outcome=audit.REFUSED, username=tried)
        if failures == attempts.LOCKED_AT:
            audit.record(audit.LOCK, what, details={"seconds": attempts.LOCK_SECONDS}, username=tried)


def _too_often(wait: int) -> str:
    if wait <= 90:
        return f"Too many attempts. Wait {wait} second{'' if wait == 1 else 's'} and try again."
    minutes = -(-wait // 60)
    return f"Too many attempts. Signing in is locked for {minutes} minutes; an administrator can lift that."


@cache
def _hash_of_nobody() -> str:
    return hash_of("nobody")
