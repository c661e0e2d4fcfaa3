"""Signing in and out, and what people change about their own account."""

import hashlib
import time
from functools import cache

from flask import Blueprint, Flask, flash, redirect, request, session, url_for
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app import accounts, extensions
from app.accounts import SHORTEST_PASSWORD
from app.extensions import db
from app.models import User
from app.transactions import writing
from app.web import attempts
from app.web.access import personal, public, safe_path
from app.web.cookies import like_the_session
from app.web.frame import THEMES
from app.web.pages import page

YEAR_SECONDS = 365 * 86400
CLICK_SECONDS = 60  # two clicks within that are one, so that not every answer carries a cookie

bp = Blueprint("account", __name__)


class SignInForm(FlaskForm):
    """Who is it?"""

    username = StringField("User name", [InputRequired("Enter your user name.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])


class PasswordForm(FlaskForm):
    """The old password and twice the new one."""

    current = PasswordField("Current password", [InputRequired("Enter your current password.")])
    new = PasswordField(
        "New password",
        [Length(SHORTEST_PASSWORD, message=f"Use at least {SHORTEST_PASSWORD} characters.")],
        description=f"At least {SHORTEST_PASSWORD} characters. A sentence is easy to remember and hard to guess.",
    )
    repeated = PasswordField("New password again", [EqualTo("new", "The two new passwords differ.")])


def init_app(app: Flask) -> None:
    """Tell the sessions' keeper whose session it is, and keep sessions alive by clicks."""
    extensions.login.user_loader(_user_of_session)
    app.before_request(_note_click)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def login():
    """The form that asks who it is."""
    target = safe_path(request.args.get("next")) or url_for("home.index")
    if current_user.is_authenticated:
        return redirect(target, 303)
    form = SignInForm()
    if form.validate_on_submit():
        wait = attempts.seconds_to_wait(form.username.data)
        user = None if wait else _authenticated(form.username.data, form.password.data)
        if user:
            _begin_session(user)
            return redirect(target, 303)
        form.form_errors.append(_refusal(wait))
    return page("account/login.html", "form", form=form), 422 if form.errors else 200


@bp.post("/sign-out")
@personal
def logout():
    """End the session."""
    session.clear()
    return redirect(url_for("account.login"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@personal
def password():
    """Change the own password."""
    form = PasswordForm()
    if form.validate_on_submit():
        username = current_user.username
        if wait := attempts.seconds_to_wait(username):
            form.form_errors.append(_refusal(wait))
        elif not _authenticated(username, form.current.data):
            form.current.errors = ["This is not your current password."]
        else:
            return _change_password(form.new.data)
    return page("account/password.html", "form", form=form), 422 if form.errors else 200


@bp.post("/account/theme")
@personal
def theme():
    """Remember light, dark, or neither."""
    response = redirect(safe_path(request.form.get("next")) or url_for("home.index"), 303)
    chosen = request.form.get("theme")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, **like_the_session())
    else:
        response.delete_cookie("theme", **like_the_session())
    return response


def _authenticated(username: str, password: str) -> User | None:
    """The user whose password this is. It takes as long for a name that nobody has."""
    user = accounts.find(username)
    known = user is not None and user.active and user.password_hash is not None
    right = check_password_hash(user.password_hash if known else _hash_of_nobody(), password)
    if known and right:
        attempts.forget(username)
        return user
    attempts.failed(username)
    return None


@cache
def _hash_of_nobody() -> str:
    return generate_password_hash("nobody", method="scrypt")


def _refusal(wait: int) -> str:
    if wait:
        return f"Too many attempts. Wait {wait} second{'' if wait == 1 else 's'} and try again."
    return "User name or password is wrong."


def _change_password(new: str):
    user_id = current_user.id
    with writing():
        user = db.session.get(User, user_id)
        accounts.set_password(user, new)
    _begin_session(user)
    flash("Your password is changed. Other sessions of yours have ended.")
    return redirect(url_for("home.index"), 303)


def _begin_session(user: User) -> None:
    session.clear()  # nothing of who was here before, its CSRF token included
    session.permanent = True
    session["account"] = _fingerprint(user)
    login_user(user)


def _user_of_session(user_id: str) -> User | None:
    user = db.session.get(User, int(user_id))
    ours = user is not None and user.active and session.get("account") == _fingerprint(user)
    return user if ours else None


def _fingerprint(user: User) -> str:
    """Changes with the password, which so ends the sessions begun with the old one."""
    return hashlib.sha256((user.password_hash or "").encode()).hexdigest()[:16]


def _note_click() -> None:
    """A session lives on from each click; a page that looks for news by itself does not keep it alive."""
    minute = int(time.time() / CLICK_SECONDS)
    if current_user.is_authenticated and "X-Unattended" not in request.headers and session.get("clicked") != minute:
        session["clicked"] = minute  # a changed session is signed anew, with the time
