"""Which names this site goes by: a page that another site has pointed at this machine must not get an answer.

See docs/decisions/names-of-the-site-and-proxies.md.
"""

import re
import socket
from ipaddress import ip_address

from flask import Flask, abort, current_app, g, request

from app.settings import Settings

# No secret: the page that says where one is wants the style sheets, and who asks whether we live asks by address.
OF_NO_SITE = {"static", "health.alive", "health.working"}
HOST = re.compile(r"([a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)


def init_app(app: Flask) -> None:
    """Ask of every request first whether it means this site."""
    settings: Settings = app.config["SETTINGS"]
    app.config["OWN_HOSTS"] = settings.allowed_hosts or _own_names(settings)
    app.before_request(_meant)


def is_allowed(host: str, allowed: tuple[str, ...], addresses: bool = False) -> bool:
    """Whether the host is one of the allowed, without its port; any address in digits is, where all addresses are."""
    found = HOST.fullmatch(host)
    if not found:
        return False
    name = found[1].lower().rstrip(".")
    return (addresses and _is_address(name)) or any(_is(name, one.lower()) for one in allowed)


def _meant() -> None:
    settings: Settings = current_app.config["SETTINGS"]
    host = request.headers.get("Host", "")
    if is_allowed(host, current_app.config["OWN_HOSTS"], addresses=not settings.allowed_hosts):
        return
    if request.endpoint in OF_NO_SITE:
        return
    g.misdirected = True
    if not HOST.fullmatch(host):
        abort(400, "The request does not say in a readable way which site it is for.")
    abort(400, f"This site is not called “{host}”. An administrator can add a name to ALLOWED_HOSTS.")


def _own_names(settings: Settings) -> tuple[str, ...]:
    """What anybody may call it where nothing was said: names that nobody else can point at it."""
    machine = socket.gethostname()
    return ("localhost", ".localhost", machine, machine.partition(".")[0], settings.web_host)


def _is(name: str, allowed: str) -> bool:
    """A dot before an allowed name allows subdomains, one after it any domain that it may be in."""
    core = allowed.strip(".")
    head = rf"([a-z0-9_-]+\.)*{re.escape(core)}" if allowed.startswith(".") else re.escape(core)
    tail = r"(\.[a-z0-9_-]+)*" if allowed.endswith(".") else ""
    return bool(core) and re.fullmatch(head + tail, name) is not None


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name.strip("[]")))
    except ValueError:
        return False
