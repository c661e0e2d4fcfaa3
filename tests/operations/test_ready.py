"""What load balancers are told."""

import time
from dataclasses import replace

import flask_migrate
import pytest
from sqlalchemy.exc import OperationalError

from app import create_app
from app.extensions import db
from app.operations.ready import KNOWN_SECONDS
from tests.servers import free_port
from tests.web.visitor import Visitor

FINE = {"database": "fine", "migrations": "fine", "queue": "fine", "media": "fine"}


@pytest.fixture
def site(settings, request):
    """A site as `flask up` leaves it; gives its settings, and what makes its application with others."""
    made = []

    def make(**changes):
        app = create_app(replace(settings, **changes))
        made.append(app)
        return app

    with make().app_context():
        flask_migrate.upgrade()
    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


def ready(app):
    answer = Visitor(app).get("/readyz")
    return answer.status_code, answer.json["parts"]


@pytest.mark.usefixtures("database_url")
def test_a_site_whose_parts_all_answer_is_ready(site):
    assert ready(site()) == (200, FINE)
    assert Visitor(site()).get("/healthz").json == {"alive": True}


def test_each_part_that_is_missing_is_named_and_nothing_else_is_told(site, tmp_path):
    blocked = tmp_path / "a file"
    blocked.touch()
    nowhere = f"postgresql+psycopg://somebody:secret@127.0.0.1:{free_port()}/none"
    for changes, part, word in (
        ({"database_url": nowhere}, "database", "does not answer"),
        ({"redis_url": f"redis://127.0.0.1:{free_port()}"}, "queue", "does not answer"),
        ({"media_root": blocked / "media"}, "media", "can't be written to"),
    ):
        status, parts = ready(site(**changes))
        assert (status, parts[part]) == (503, word)
        assert set(parts) == set(FINE) and not {"secret", "somebody"} & set(str(parts).split())


def test_a_database_that_hangs_holds_nobody_up(site, monkeypatch):
    app = site()
    monkeypatch.setattr("app.operations.ready.PATIENCE_SECONDS", 0.2)

    def hang(_connection):
        time.sleep(2)
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr("app.operations.ready.MigrationContext.configure", hang)
    began = time.monotonic()
    assert [ready(app)[1]["database"] for _ in range(3)] == ["does not answer"] * 3
    assert time.monotonic() - began < 1.5


def test_tables_of_another_version_are_not_ready(site):
    app = site()
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    assert ready(app) == (503, FINE | {"migrations": "not up to date"})


def test_parts_that_come_back_are_seen(site, settings):
    app = site()
    folder = settings.media_root
    folder.rmdir() if folder.exists() else None
    folder.touch()
    assert ready(app)[1]["media"] == "can't be written to"
    folder.unlink()
    time.sleep(KNOWN_SECONDS + 0.1)
    assert ready(app) == (200, FINE)


def test_who_only_asks_whether_we_live_needs_no_database_and_no_name_of_ours(site):
    app = site(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none", allowed_hosts=("dose.example",))
    visitor = Visitor(app)
    with visitor.counted() as statements:
        for path in ("/healthz", "/readyz"):
            assert visitor.get(path, headers={"Host": "10.0.0.7"}).status_code in (200, 503)
    assert not statements
    assert visitor.get("/sign-in", headers={"Host": "10.0.0.7"}).status_code == 400
