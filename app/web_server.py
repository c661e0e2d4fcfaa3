"""How gunicorn runs, by `flask up`, systemd and containers alike: `gunicorn --config app/web_server.py wsgi:app`."""

import os
import socket
import sys
from typing import Any

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)  # gunicorn reads this file before it knows where we are

from app import logs  # noqa: E402
from app.backup import check_finished  # noqa: E402
from app.settings import WrongSetting, load  # noqa: E402

try:
    settings = load()
    check_finished(settings)
except WrongSetting as reason:
    sys.exit(f"OpenREM can't start. {reason}.")

logs.begin(settings, "web")
logger_class = "app.web_log.WebLog"

host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
bind = f"{host}:{settings.web_port}"
workers = settings.web_workers
worker_class = "gthread"
threads = settings.web_threads
keepalive = 0  # a kept connection stays with its worker, however busy, while another one has nothing to do
graceful_timeout = 3  # seconds that requests get to end when we stop
forwarded_allow_ips = ""  # whom we believe is decided in one place, app/web/proxies.py, by PROXIES
loglevel = "warning"
pythonpath = ROOT
umask = 0o077  # reports name patients
preload_app = True
control_socket_disable = True

SILENT_SECONDS = 10  # that a connection may say nothing


def when_ready(server: Any) -> None:
    """Tell the listeners what they do; have connections handed over only once there is something to read.

    Browsers open connections before they need them. A worker gives each a thread, which waits up to five seconds for
    words, so that a few idle ones would hold everybody up. The kernel of Linux keeps them until somebody speaks.
    """
    from app.reception.publishing import publish_at_start

    publish_at_start(server.app.wsgi())
    wait = getattr(socket, "TCP_DEFER_ACCEPT", None)
    for listener in server.LISTENERS:
        if wait is not None and listener.sock.family in (socket.AF_INET, socket.AF_INET6):
            listener.sock.setsockopt(socket.IPPROTO_TCP, wait, SILENT_SECONDS)
