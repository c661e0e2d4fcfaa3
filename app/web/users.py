"""Users: who may sign in, and for what; for administrators."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app import accounts, attempts
from app.accounts import NotPossible
from app.extensions import db
from app.models import User
from app.models.user import ADMINISTRATORS, VIEWERS, WORDS
from app.transactions import writing
from app.web.access import needs
from app.web.pages import page

KEPT_ELSEWHERE = "The password of this user is not kept here."

bp = Blueprint("users", __name__, url_prefix="/users")


class RolesForm(FlaskForm):
    """Which roles a user has."""

    roles = SelectMultipleField(
        "Roles",
        choices=[SelectChoice(*one) for one in WORDS.items()],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )


class NewUserForm(RolesForm):
    """Who the new user is."""

    username = StringField(
        "User name",
        [InputRequired("Enter a user name."), Length(max=accounts.LONGEST_NAME)],
        description="As the person types it to sign in; capital letters count.",
    )


@bp.get("/")
@needs("admin")
def index():
    """Every user, and which addresses are locked."""
    users = db.session.scalars(select(User).order_by(User.username)).all()
    held = attempts.all_locks()
    locks = {user.id: [lock for lock in held if attempts.is_of(lock, user.username)] for user in users}
    return page("users/index.html", "users", users=users, locks=locks, addresses=[one for one in held if not one.name])


@bp.route("/new", methods=["GET", "POST"])
@needs("admin")
def create():
    """The form for a new user; the password that was made up for him is on the page that answers, and nowhere else."""
    form = NewUserForm(data=None if request.method == "POST" else {"roles": [VIEWERS]})
    if form.validate_on_submit():
        password = accounts.made_up_password(form.username.data)
        try:
            with writing():
                user = accounts.create(form.username.data, password, form.roles.data, once=True)
            return page("users/password.html", "password", user=user, password=password, new=True)
        except NotPossible as reason:
            form.username.errors = [str(reason)]
    return page("users/new.html", "form", form=form), 422 if form.errors else 200


@bp.get("/<int:id>")
@needs("admin")
def show(id):
    """One user: roles, and what can be done."""
    user = _user(id)
    return _page(user, RolesForm(data={"roles": user.roles}))


@bp.post("/<int:id>/roles")
@needs("admin")
def change_roles(id):
    """Give the user these roles."""
    form = RolesForm()
    if form.validate_on_submit():
        try:
            if id == current_user.id and ADMINISTRATORS not in form.roles.data:
                raise NotPossible("You can’t take administration from yourself. Another administrator can.")
            with writing():
                accounts.set_roles(_user(id), form.roles.data)
            flash("Saved. The roles count from the next click.")
            return redirect(url_for(".show", id=id), 303)
        except NotPossible as reason:
            form.roles.errors = [str(reason)]
    return _page(_user(id), form), 422


@bp.get("/<int:id>/disable")
@needs("admin")
def confirm_disable(id):
    """Ask once."""
    return page("users/disable.html", "question", user=_user(id))


@bp.post("/<int:id>/disable")
@needs("admin")
def disable(id):
    """Keep the user from signing in."""
    if id == current_user.id:
        return _told(id, "You can’t disable yourself. Another administrator can.", "error")
    return _done(id, accounts.disable, "{} may not sign in any more, and is signed out everywhere.")


@bp.post("/<int:id>/enable")
@needs("admin")
def enable(id):
    """Let the user sign in again."""
    return _done(id, accounts.enable, "{} may sign in again.")


@bp.get("/<int:id>/password")
@needs("admin")
def confirm_reset(id):
    """Ask once."""
    user = _user(id)
    return page("users/reset.html", "question", user=user) if user.password_hash else _told(id, KEPT_ELSEWHERE, "error")


@bp.post("/<int:id>/password")
@needs("admin")
def reset_password(id):
    """Give the user another password, which the page that answers tells this once."""
    user = _user(id)
    if user.id == current_user.id:
        return redirect(url_for("account.password"), 303)
    if user.password_hash is None:
        return _told(id, KEPT_ELSEWHERE, "error")
    password = accounts.made_up_password(user.username)
    with writing():
        user = _user(id)
        accounts.reset_password(user, password)
    return page("users/password.html", "password", user=user, password=password, new=False)


@bp.post("/<int:id>/unlock")
@needs("admin")
def unlock(id):
    """Lift what keeps the user waiting after failed sign-ins."""
    return _done(id, accounts.unlock, "{} may try to sign in again at once.")


@bp.post("/<int:id>/sign-out")
@needs("admin")
def sign_out(id):
    """End the user's sessions."""
    return _done(id, accounts.sign_out, "{} is signed out everywhere.")


@bp.post("/unlock-address")
@needs("admin")
def unlock_address():
    """Lift the lock of an address."""
    address = request.form.get("address", "")
    with writing():
        lifted = accounts.unlock_address(address)
    flash(f"Signing in from {address} is possible again." if lifted else "This address is not locked any more.")
    return redirect(url_for(".index"), 303)


@bp.app_template_filter()
def since_epoch(seconds: float) -> datetime:
    """The moment so many seconds after 1970 began."""
    return datetime.fromtimestamp(seconds).astimezone()


def _user(id: int) -> User:
    return db.session.get(User, id) or abort(404, "There is no such user.")


def _page(user: User, form: RolesForm):
    return page("users/show.html", "user", user=user, form=form, words=WORDS, locks=attempts.locks(user.username))


def _done(id: int, work: Callable[[User], object], sentence: str):
    """Do it, and say so; or say why it is not possible."""
    try:
        with writing():
            user = _user(id)
            work(user)
            username = user.username
    except NotPossible as reason:
        return _told(id, str(reason), "error")
    return _told(id, sentence.format(username))


def _told(id: int, sentence: str, category: str = "message"):
    flash(sentence, category)
    return redirect(url_for(".show", id=id), 303)
