"""Who may: every view wants a sign-in and the right to view, unless it says otherwise in one word."""

from urllib.parse import unquote, urlsplit

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask_login import current_user

EVERYBODY, SIGNED_IN = "everybody", "signed in"


def public(view):
    """Let everybody in, signed in or not."""
    return needs(EVERYBODY)(view)


def personal(view):
    """Let in who is signed in, also without a role: it is about the own account."""
    return needs(SIGNED_IN)(view)


def needs(right: str):
    """Let in only whose roles give the right."""

    def mark(view):
        view.needed_right = right
        return view

    return mark


def init_app(app: Flask) -> None:
    """Close every view of the application."""
    app.before_request(_closed_by_default)
    public(app.view_functions["static"])


def safe_path(path: str | None) -> str | None:
    """The path where it is one of this site's, else None: a link to our sign-in must not lead elsewhere."""
    if not path or path.startswith("//") or not path.isprintable():
        return None
    try:
        parts = urlsplit(path)
    except ValueError:
        return None  # no address at all
    if "/." in unquote(parts.path):
        return None  # out of our part of the host, maybe
    # Browsers take a backslash for a slash, and two slashes for another site.
    ours = parts.path.startswith(f"{request.script_root}/") and not parts.path.startswith("//")
    return path if ours and "\\" not in parts.path and not parts.scheme and not parts.netloc else None


def address() -> str:
    """Where the request is, as this site's pages link to it."""
    return request.script_root + request.full_path.rstrip("?")


def _closed_by_default():
    view = current_app.view_functions.get(request.endpoint or "")
    right = getattr(view, "needed_right", "view")
    if view is None or right == EVERYBODY:
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    if right == SIGNED_IN:
        return None
    if current_user.must_change_password:
        return _to(url_for("account.password"))
    return None if current_user.may(right) else abort(403)


def _to_sign_in():
    """Ask who it is, and lead back afterwards to where the person is."""
    if "HX-Request" in request.headers:
        came_from = _path_of(request.headers.get("HX-Current-URL", ""))
    else:  # what was posted is lost anyway; its address may not be one to fetch
        came_from = address() if request.method == "GET" else None
    return _to(url_for("account.login", next=safe_path(came_from)))


def _path_of(address: str) -> str | None:
    try:
        return urlsplit(address)._replace(scheme="", netloc="").geturl()
    except ValueError:
        return None  # no address at all


def _to(path: str):
    """Go there; htmx, which would put that page into a part of this one, is sent there by a header."""
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": path})
    return redirect(path)
