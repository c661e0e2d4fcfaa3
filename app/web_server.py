"""What gunicorn cannot be told in words: `gunicorn --config app/web_server.py wsgi:app`.

Browsers open connections before they need them. A worker gives each a thread, which waits up to five seconds for
words, so that a few idle ones would hold everybody up. The kernel of Linux keeps them until there is something to read.
"""

import socket
from typing import Any

SECONDS = 10  # that a connection may say nothing


def when_ready(server: Any) -> None:
    """Have connections handed over only once there is something to read, where the system can."""
    wait = getattr(socket, "TCP_DEFER_ACCEPT", None)
    for listener in server.LISTENERS:
        if wait is not None and listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            listener.sock.setsockopt(socket.IPPROTO_TCP, wait, SECONDS)
