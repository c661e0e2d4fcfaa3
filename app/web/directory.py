"""Sign-in by the hospital's directory: the way to a provider of OpenID Connect and back, and LDAP behind our form."""

import logging

from flask import Blueprint, Flask, abort, current_app, flash, redirect, request, session, url_for
from flask_login import current_user

from app import accounts, audit
from app.directory import ldap, openid
from app.directory.arrival import arrive
from app.directory.configuration import Oidc, configured
from app.directory.person import NotSignedIn, Person
from app.models import User
from app.models.user import ROLES
from app.web import sign_in
from app.web.access import public, safe_path
from app.web.pages import page
from app.web.sign_in import Refused

UNDER_WAY, NEXT = "openid", "next"  # what the session keeps of a sign-in that was begun
OPENID, LDAP = "OpenID Connect", "LDAP"

bp = Blueprint("directory", __name__)
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Read what the site has set of its directory. Raises WrongSetting where that is wrong, or only half of it."""
    app.config["DIRECTORY"] = configured(app.config["SETTINGS"], frozenset(ROLES))


def by_ldap(username: str, password: str) -> User | None:
    """The user whose name and password these are in the directory; accounts with a password here are not its business.

    Raises Refused where the directory can't say, or knows the person and the person may not.
    """
    server, local = current_app.config["DIRECTORY"].ldap, accounts.find(username)
    if server is None or (local is not None and local.password_hash is not None):
        return None
    person = None
    try:
        person = ldap.person(server, username, password)
        return arrive(person) if person else None
    except NotSignedIn as reason:
        raise _refused(reason, LDAP, person) from None


def page_after(user: User) -> str:
    """Where to go after signing out: who came by the provider can sign out there too."""
    oidc = current_app.config["DIRECTORY"].oidc
    elsewhere = oidc is not None and user.issuer is not None and user.issuer != ldap.ISSUER
    return url_for("directory.signed_out" if elsewhere else "account.login")


@bp.get("/sign-in/openid")
@public
def begin():
    """Send the browser to the provider."""
    oidc, target = _oidc(), safe_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target or url_for("home.index"), 303)
    try:
        address, session[UNDER_WAY] = openid.begin(oidc, _answer_to())
    except NotSignedIn as reason:
        return _back(_refused(reason, OPENID), target)
    session[UNDER_WAY][NEXT] = target
    return redirect(address, 303)


@bp.get("/sign-in/openid/answer")
@public
def answer():
    """Take the provider's answer, and sign in who it says."""
    oidc, begun, person = _oidc(), session.pop(UNDER_WAY, None), None
    target = safe_path(begun[NEXT]) if begun else None
    if current_user.is_authenticated:
        return redirect(target or url_for("home.index"), 303)
    try:
        person = openid.finish(oidc, _answer_to(), begun, request.args)
        sign_in.begin(arrive(person))
    except NotSignedIn as reason:
        return _back(_refused(reason, OPENID, person), target)
    except Refused as reason:
        return _back(reason, target)
    return redirect(target or url_for("home.index"), 303)


@bp.get("/signed-out")
@public
def signed_out():
    """Say that the session here has ended, and lead to where another one may go on."""
    oidc = _oidc()
    elsewhere = openid.sign_out_address(oidc, url_for("account.login", _external=True))
    return page("account/signed_out.html", "told", label=oidc.label, elsewhere=elsewhere)


def _oidc() -> Oidc:
    return current_app.config["DIRECTORY"].oidc or abort(404)


def _answer_to() -> str:
    return url_for("directory.answer", _external=True)


def _back(reason: Exception, target: str | None):
    """To the form, which shows why; the address with what the provider sent is left."""
    flash(str(reason), "error")
    return redirect(url_for("account.login", next=target), 303)


def _refused(reason: NotSignedIn, way: str, person: Person | None = None) -> Refused:
    """The refusal as the form tells it; written down, and the details in the log."""
    log.warning("nobody is signed in by %s: %s", way, reason.reason or reason)
    name = person.name if person else None
    what = f"user {name}" if name else "somebody of the directory"
    with sign_in.writing_failure():
        details = {"by": way, "why": str(reason)}
        audit.record(audit.SIGN_IN, what, outcome=audit.REFUSED, details=details, username=name)
    return Refused(str(reason))
