"""What web servers in front of ours tell of their clients: believed only as far as PROXIES says, and if it has sense.

See docs/decisions/names-of-the-site-and-proxies.md.
"""

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+", re.ASCII)
TOLD = "werkzeug.proxy_fix.orig"  # where ProxyFix keeps what was there before

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def init_app(app: Flask) -> None:
    """Take address, scheme and prefix from the servers in front; the host is theirs to pass on, see hosts.py."""
    proxies = app.config["SETTINGS"].proxies
    if proxies:
        # Of several, some pass scheme and prefix on and some add to it; the address is added by each.
        inner = _Sensible(app.wsgi_app)
        app.wsgi_app = ProxyFix(inner, x_for=proxies, x_proto=1, x_prefix=1)  # type: ignore[method-assign]


class _Sensible:
    """Puts back what was there where a header says nonsense: it gets into addresses and into the audit."""

    def __init__(self, app: Wsgi):
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        before = environ[TOLD]
        environ["REMOTE_ADDR"] = _address(environ.get("REMOTE_ADDR") or "") or before["REMOTE_ADDR"]
        if environ["wsgi.url_scheme"] not in ("http", "https"):
            environ["wsgi.url_scheme"] = before["wsgi.url_scheme"]
        prefix = (environ.get("SCRIPT_NAME") or "").rstrip("/")
        environ["SCRIPT_NAME"] = prefix if PREFIX.fullmatch(prefix) else ""
        return self.app(environ, start_response)


def _address(told: str) -> str | None:
    """The address alone; some servers add the client's port."""
    for text in (told, told.rpartition(":")[0].strip("[]")):
        try:
            return str(ip_address(text))
        except ValueError:
            continue
    return None
