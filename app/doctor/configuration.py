"""Whether what was set means what somebody meant."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import ip_address

from app.doctor.finding import Finding, attention, ok
from app.settings import Settings

NAMES = tuple(name.upper() for name in Settings.__dataclass_fields__)
KNOWN_TO_OTHERS = {"HOSTNAME", "DATABASE", "LISTEN_FDS", "WORKSPACE"}  # near one of ours, and not ours
ALIKE = 0.85  # of 1: one letter wrong of seven


def examine(settings: Settings) -> Iterator[Finding]:
    """What is set, what is probably misspelled, and what does not go together."""
    given = [name for name in NAMES if os.environ.get(name)]
    told = ", ".join(given) if given else "none; all have their defaults"
    yield ok("Settings", f"are readable. Set: {told}.")
    yield from _misspelled()
    if settings.proxies == 0 and not _is_this_machine(settings.web_host):
        yield attention(
            "Settings",
            f"let the web server speak to the network (WEB_HOST is {settings.web_host}) without TLS.",
            "Put nginx in front, as docs/deploy.md tells: WEB_HOST=127.0.0.1 and PROXIES=1.",
        )
    if settings.proxies and not settings.allowed_hosts:
        yield attention(
            "Settings",
            "name no host, so that only this machine's own name is answered.",
            "Set ALLOWED_HOSTS to the name that people type, for example ALLOWED_HOSTS=doseserver.",
        )


def _misspelled() -> Iterator[Finding]:
    for name in os.environ:
        near = get_close_matches(name, NAMES, 1, ALIKE)
        if near and name not in NAMES and name not in KNOWN_TO_OTHERS:
            yield attention(
                "Settings",
                f"have no {name}, which is set all the same and does nothing.",
                f"If {near[0]} is meant, call it so.",
            )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
