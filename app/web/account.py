"""Signing in and out, and what people see and change of their own account."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired

from app import accounts, audit, passwords
from app.extensions import db
from app.models import User, UserSession
from app.models.user import WORDS
from app.transactions import writing
from app.web import directory, sign_in
from app.web.access import personal, public, safe_path
from app.web.cookies import like_the_session
from app.web.frame import THEMES
from app.web.pages import page
from app.web.sign_in import Refused

YEAR_SECONDS = 365 * 86400
WAYS = (sign_in.by_password, directory.by_ldap)

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
        [InputRequired("Enter a new password.")],
        description=f"At least {passwords.SHORTEST} characters, not with your user name, none that many have. "
        "A sentence is easy to remember and hard to guess.",
    )
    repeated = PasswordField("New password again", [EqualTo("new", "The two new passwords differ.")])


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def login():
    """The form that asks who it is."""
    target = safe_path(request.args.get("next")) or url_for("home.index")
    if current_user.is_authenticated:
        return redirect(target, 303)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            sign_in.begin(sign_in.authenticated(form.username.data, form.password.data, WAYS))
            return redirect(target, 303)
        except Refused as reason:
            form.form_errors.append(str(reason))
    return page("account/login.html", "form", form=form), 422 if form.errors else 200


@bp.post("/sign-out")
@personal
def logout():
    """End the session."""
    target = directory.page_after(current_user)
    sign_in.end()
    return redirect(target, 303)


@bp.get("/account")
@personal
def show():
    """Who one is here, what one may, and where one is signed in."""
    begun = select(UserSession).where(UserSession.user_id == current_user.id).order_by(UserSession.begun_at.desc())
    sessions = db.session.scalars(begun).all()
    return page("account/show.html", "account", sessions=sessions, this=sign_in.current(), words=WORDS)


@bp.post("/account/sign-out-everywhere")
@personal
def sign_out_everywhere():
    """End the own sessions, this one too."""
    user_id = current_user.id
    with writing():
        accounts.sign_out(db.session.get_one(User, user_id))
    return redirect(url_for("account.login"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@personal
def password():
    """Change the own password, where it is one of ours."""
    if current_user.password_hash is None:
        abort(403, "Your password is not kept here: you sign in with your organisation’s, and change it there.")
    form = PasswordForm()
    if form.validate_on_submit() and _may_change(form) and _changed(form):
        flash("Your password is changed. Other sessions of yours have ended.")
        return redirect(url_for("home.index"), 303)
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


def _may_change(form: PasswordForm) -> bool:
    """Whether the current password is right; guessing it is slowed down as at the sign-in."""
    try:
        sign_in.authenticated(current_user.username, form.current.data, ways=[sign_in.by_password])
    except sign_in.TooOften as reason:
        form.form_errors.append(str(reason))
    except Refused:
        form.current.errors = ["This is not your current password."]
    return not form.errors


def _changed(form: PasswordForm) -> bool:
    """Change it and begin a new session; what is wrong with it is told beside it."""
    user_id = current_user.id
    try:
        with writing():
            user = db.session.get_one(User, user_id)
            accounts.set_password(user, form.new.data)
            audit.record(audit.CHANGE_PASSWORD, f"user {user.username}", username=user.username)
        sign_in.begin(user)
    except accounts.NotPossible as reason:
        form.new.errors = [str(reason)]
    except Refused as reason:
        form.form_errors.append(str(reason))
    return not form.errors
