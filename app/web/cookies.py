"""Cookies: not for scripts, not for other sites, not for other parts of this host, and over TLS only where TLS is."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from app.settings import Settings


class SessionCookie(SecureCookieSessionInterface):
    """The session's cookie as the request came: a first try in plain HTTP works, and what came by TLS stays there."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Not with files of ours, which others than the person's browser keep: none of them may hold a session."""
        if request.endpoint != "static":
            super().save_session(app, session, response)

    def get_cookie_path(self, app: Flask) -> str:
        """The part of the host that is ours."""
        return request.script_root or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether browsers may send it over TLS only."""
        return request.is_secure


def init_app(app: Flask) -> None:
    """Keep sessions in such a cookie."""
    settings: Settings = app.config["SETTINGS"]
    app.session_interface = SessionCookie()
    app.config.from_mapping(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # a link from elsewhere may open a page; forms of other sites get nowhere
        SESSION_REFRESH_EACH_REQUEST=False,  # clicks do, see account.py
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
    )


def like_the_session() -> dict[str, Any]:
    """How to set or delete any other cookie of ours."""
    return {"path": request.script_root or "/", "secure": request.is_secure, "httponly": True, "samesite": "Lax"}
