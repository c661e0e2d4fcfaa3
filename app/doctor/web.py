"""Whether the web server answers."""

import http.client
from collections.abc import Iterator

from app.doctor.finding import Finding, ok, wrong
from app.doctor.listener import ANYWHERE
from app.settings import Settings

PART = "Web"
WAITS_SECONDS = 5


def examine(settings: Settings) -> Iterator[Finding]:
    """The page where one signs in."""
    host, port = ANYWHERE.get(settings.web_host, settings.web_host), settings.web_port
    connection = http.client.HTTPConnection(host, port, timeout=WAITS_SECONDS)
    try:
        connection.request("GET", "/sign-in", headers={"Host": _name(settings)})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        yield wrong(
            PART,
            f"does not answer on port {port} ({type(error).__name__}).",
            "Start it: systemctl start openrem-web; journalctl -u openrem-web says why it ended.",
        )
        return
    finally:
        connection.close()
    if status == 200:
        yield ok(PART, f"answers on port {port}.")
    else:
        yield wrong(PART, f"answers on port {port}, but with {status}.", "journalctl -u openrem-web says why.")


def _name(settings: Settings) -> str:
    """A name that it goes by."""
    return settings.allowed_hosts[0].strip(".") if settings.allowed_hosts else "localhost"
