"""flask up: everything one machine needs, started in order, watched, stopped in the opposite order."""

import errno
import http.client
import io
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.panel import Panel

from app import listening, logs
from app.commands import embedded_redis
from app.commands.accounts import ensure_administrator
from app.commands.supervisor import Program, Supervisor
from app.extensions import db
from app.settings import ROOT, Settings, keep_files_private

LOOK_SECONDS = 0.1  # between two looks at the programs


def register(app: Flask):
    """Make `flask up` known."""
    app.cli.add_command(up)


@click.command()
@with_appcontext
def up() -> None:
    """Run OpenREM: web server, listener, workers and, where REDIS_URL names none, the queue's server."""
    settings: Settings = current_app.config["SETTINGS"]
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a word that the terminal cannot show is no reason to stop
    console = Console()
    keep_files_private()
    told_to_stop = _stop_on_signals()
    _require_free_ports(settings)
    supervisor = Supervisor(console, as_json=settings.log_format == logs.JSON)
    try:
        if settings.embedded_redis:
            _start_queue_server(settings, supervisor)
        supervisor.start(_listener())
        administrator = _prepare_database()
        for program in _web_and_workers(settings):
            supervisor.start(program)
        _watch(supervisor, told_to_stop, settings, lambda: console.print(_welcome(settings, administrator)))
    finally:
        supervisor.stop()


def _stop_on_signals() -> threading.Event:
    """An event that is set by Ctrl-C, by a service manager, and by a terminal that closes unless nohup shields us."""
    told = threading.Event()
    # A shell makes what it starts in the background deaf to Ctrl-C; who sends SIGINT to us alone means us.
    meant = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        meant.append(signal.SIGHUP)
    for number in meant:
        signal.signal(number, lambda *_: told.set())
    return told


def _require_free_ports(settings: Settings):
    """End with a sentence where a port cannot be had, before anything has started."""
    with ExitStack() as held:
        for name, host, port in _wanted_ports(settings):
            try:
                held.enter_context(socket.create_server((host, port)))
            except OSError as error:
                taken = error.errno == errno.EADDRINUSE
                reason = "is taken by another program" if taken else f"cannot be used: {error.strerror}"
                raise click.ClickException(
                    f"Port {port} on {host} {reason}. Set {name.upper()}_PORT to another one."
                ) from None


def _wanted_ports(settings: Settings) -> Iterator[tuple[str, str, int]]:
    """Ports without which we do not start; ports of a store that was set on a page are mended on that page."""
    yield "web", settings.web_host, settings.web_port
    if listening.at_start(settings) == listening.of_environment(settings):
        yield "store", settings.store_host, settings.store_port


def _start_queue_server(settings: Settings, supervisor: Supervisor):
    try:
        embedded_redis.prepare(settings)
        command = embedded_redis.command(settings.redis_socket, settings.instance)
        program = Program("queue", command, "yellow", foundation=True)
        supervisor.start(program)
        embedded_redis.wait_until_ready(settings, program)
    except embedded_redis.NotStarted as error:
        raise click.ClickException(str(error)) from None


def _prepare_database() -> str:
    """The newest tables, somebody who can sign in, and no connection left open here; who that is on the first day."""
    flask_migrate.upgrade()
    told = ensure_administrator()
    db.session.remove()
    db.engine.dispose()
    return told


def _listener() -> Program:
    return Program("listener", [sys.executable, str(ROOT / "scp.py")], "cyan")


def _web_and_workers(settings: Settings) -> list[Program]:
    worker = [sys.executable, str(ROOT / "worker.py")]
    readers = [Program(f"ingest {number}", [*worker, "ingest"], "magenta") for number in range(1, settings.workers + 1)]
    exporters = [
        Program(f"export {number}", [*worker, "export"], "blue") for number in range(1, settings.export_workers + 1)
    ]
    return [web(), *readers, *exporters, *([_forwarder()] if settings.syslog_host else [])]


def _forwarder() -> Program:
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "audit", "forward"]
    return Program("syslog", command, "white")


def web() -> Program:
    """The web server; app/web_server.py says how it runs."""
    command = [sys.executable, "-m", "gunicorn", f"--config={ROOT / 'app' / 'web_server.py'}", "wsgi:app"]
    return Program("web", command, "green")


def _watch(supervisor: Supervisor, told_to_stop: threading.Event, settings: Settings, announce: Callable[[], None]):
    """Restart what dies, until told to stop; but what dies before everything answered is a mistake to be mended."""
    announced = False
    while not told_to_stop.wait(LOOK_SECONDS):
        died = supervisor.tend()
        if died and not announced:
            raise click.ClickException(f"“{died[0]}” did not start; the lines above say why.")
        if not announced and _web_answers(settings) and _listener_answers(settings):
            announce()
            announced = True


def _web_answers(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(_from_here(settings.web_host), settings.web_port, timeout=2)
    try:
        connection.request("HEAD", "/")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listener_answers(settings: Settings) -> bool:
    """Whether one of the listener's ports answers; of those that don't, its page tells."""
    endpoints = listening.at_start(settings).active
    return not endpoints or any(_answers(_from_here(one.host), one.port) for one in endpoints)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def _welcome(settings: Settings, administrator: str) -> Panel:
    endpoints = listening.at_start(settings).active
    dicom = "\n            ".join(f"AE title {one.ae_title}, port {one.port}" for one in endpoints)
    text = (
        f"Web pages   http://{_from_here(settings.web_host)}:{settings.web_port}\n"
        f"DICOM       {dicom or 'switched off'}\n"
        f"Everything else is in {settings.instance}\n"
        "Ctrl-C stops it."
    )
    text += f"\n\n{administrator}" if administrator else ""
    return Panel(text, title="OpenREM is running", expand=False, border_style="green")


def _from_here(host: str) -> str:
    """The address at which this machine reaches a server of its own."""
    return "127.0.0.1" if host in ("", "0.0.0.0", "::") else host
