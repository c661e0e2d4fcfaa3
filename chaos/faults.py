"""What is broken, and how. Each gives the processes that it has killed, and comes back when the harm is over."""

import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.exports.kinds import KINDS
from app.extensions import db
from app.models import Job
from chaos import senders
from chaos.ledger import Ledger
from chaos.objects import NO_DOSE, Maker
from chaos.site import Plan, Site, may_mount, may_set_clock
from tests.servers import free_port

LONGEST_AWAY_SECONDS = 6.0
JUMPS_SECONDS = (-86_400, -3600, -300, 0, 300, 3600, 86_400)  # from the true time


@dataclass
class Scene:
    """What a fault may touch."""

    site: Site
    maker: Maker
    ledger: Ledger
    chance: random.Random

    def wait(self, most: float) -> None:
        """Let a random time pass."""
        time.sleep(self.chance.uniform(0, most))


Strike = Callable[[Scene], set[int]]


@dataclass(frozen=True)
class Fault:
    """One kind of harm, and the site that it is done to."""

    name: str
    strike: Strike
    plan: Plan = field(default_factory=Plan)
    possible: Callable[[], bool] = lambda: True


def kill(kind: str) -> Strike:
    """Kill one process of the kind, at once and without a word."""

    def strike(scene: Scene) -> set[int]:
        scene.wait(3)
        return _kill(scene, kind)

    return strike


def _kill(scene: Scene, kind: str) -> set[int]:
    there = scene.site.processes()[kind]
    if not there:
        return set()
    one = scene.chance.choice(there)
    with suppress(ProcessLookupError):
        os.kill(one.pid, signal.SIGKILL)
    return {one.pid}


def kill_mid_export(scene: Scene) -> set[int]:
    """Kill the worker that makes an export, or only the process in which it does."""
    running = select(func.count()).where(Job.kind.in_(KINDS), Job.state == "running")
    deadline = time.monotonic() + 15
    with scene.site.app.app_context(), db.engine.connect() as connection:
        while not connection.scalar(running) and time.monotonic() < deadline:
            connection.rollback()
            time.sleep(0.02)
    scene.wait(0.5)
    return _kill(scene, scene.chance.choice(("export", "job")))


def kill_mid_import(scene: Scene) -> set[int]:
    """Kill a worker while it reads an object: each that is being read has a mark beside it."""
    deadline = time.monotonic() + 10
    while not any(scene.site.settings.spool.glob("*.tries")) and time.monotonic() < deadline:
        time.sleep(0.0005)
    return _kill(scene, "ingest")


def redis_away(scene: Scene) -> set[int]:
    """Stop the queue's server, and start it again later."""
    scene.wait(3)
    scene.site.redis_server.stop()
    time.sleep(scene.chance.uniform(1, LONGEST_AWAY_SECONDS))
    scene.site.redis_server.start()
    return set()


def redis_restarted(scene: Scene) -> set[int]:
    """Stop it, and start it at once."""
    scene.wait(3)
    scene.site.redis_server.stop()
    scene.site.redis_server.start()
    return set()


def redis_emptied(scene: Scene) -> set[int]:
    """Take away all that it holds."""
    scene.wait(3)
    scene.site.redis_server.client.flushall()
    return set()


def postgres_away(scene: Scene) -> set[int]:
    """Stop the database in one of two ways, and start it again later."""
    scene.wait(3)
    scene.site.postgres.stop(scene.chance.choice(("fast", "immediate")))
    time.sleep(scene.chance.uniform(0, LONGEST_AWAY_SECONDS))
    scene.site.postgres.start()
    return set()


def disk_full(scene: Scene) -> set[int]:
    """Leave no byte of the disk free for a while."""
    scene.wait(3)
    ballast = scene.site.settings.media_root / "ballast"
    with open(ballast, "ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(64 * 1024))
    deadline = time.monotonic() + scene.chance.uniform(1, LONGEST_AWAY_SECONDS)
    with open(ballast, "ab", buffering=0) as file:
        while time.monotonic() < deadline:  # what others make room for is taken too
            with suppress(OSError):
                file.write(bytes(4096))
            time.sleep(0.01)
    ballast.unlink()
    return set()


def clock_jumps(scene: Scene) -> set[int]:
    """Set the clock of all processes of the site."""
    scene.wait(3)
    scene.site.set_clock(scene.chance.choice(JUMPS_SECONDS))
    time.sleep(1)
    return set()


def cut(scene: Scene) -> set[int]:
    """Send some objects through a line that is cut somewhere."""
    scene.wait(1)
    some = [scene.maker.one(NO_DOSE) for _ in range(5)]
    size = sum(one.path.stat().st_size for one in some)
    with _line(scene.site.settings.store_port, scene.chance.randint(200, size)) as port:
        senders.dcmtk(scene.site.settings, scene.ledger, some, port)
    return set()


@contextmanager
def _line(target: int, most: int) -> Iterator[int]:
    """A port whose connection leads to the target, until so many bytes went there; both ends are cut off then."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(5)
        thread = threading.Thread(target=_pass_on, args=(server, target, most), daemon=True)
        thread.start()
        yield port
        thread.join(timeout=10)


def _pass_on(server: socket.socket, target: int, most: int) -> None:
    with suppress(OSError), server.accept()[0] as here, socket.create_connection(("127.0.0.1", target)) as there:
        back = threading.Thread(target=_copy, args=(there, here, None), daemon=True)
        back.start()
        _copy(here, there, most)
        for end in (here, there):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        back.join()


def _copy(source: socket.socket, target: socket.socket, most: int | None) -> None:
    with suppress(OSError):
        while most is None or most > 0:
            piece = source.recv(65536 if most is None else min(most, 65536))
            if not piece:
                return
            target.sendall(piece)
            most = most if most is None else most - len(piece)


EXTERNAL = Plan(redis="external")
FAULTS = (
    Fault("kill-listener", kill("listener")),
    Fault("kill-ingest", kill("ingest")),
    Fault("kill-mid-import", kill_mid_import),
    Fault("kill-export", kill("export")),
    Fault("kill-mid-export", kill_mid_export),
    Fault("kill-web", kill("web")),
    Fault("kill-web-master", kill("master")),
    Fault("kill-redis", kill("redis")),
    Fault("redis-away", redis_away, EXTERNAL),
    Fault("redis-restarted", redis_restarted, EXTERNAL),
    Fault("redis-emptied", redis_emptied, EXTERNAL),
    Fault("postgresql-away", postgres_away),
    Fault("disk-full", disk_full, Plan(small_disk_mb=16), may_mount),
    Fault("clock-jumps", clock_jumps, Plan(own_clock=True), may_set_clock),
    Fault("cut", cut),
    Fault("kill-mid-import-sqlite", kill_mid_import, Plan(database="sqlite")),
    Fault("kill-mid-export-sqlite", kill_mid_export, Plan(database="sqlite")),
    Fault("disk-full-sqlite", disk_full, Plan(database="sqlite", small_disk_mb=64, all_on_it=True), may_mount),
)
