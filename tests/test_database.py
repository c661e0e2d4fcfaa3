"""How connections are opened; what becomes of those to a host that is cut off is seen in tests/hosts."""

import pytest
from sqlalchemy import create_engine

from app.database import OURS, options
from app.extensions import db
from app.models import Job
from app.transactions import writing


def test_a_connection_to_postgresql_asks_whether_the_other_end_is_there():
    given = options("postgresql+psycopg://openrem@elsewhere/openrem")["connect_args"]
    assert given == OURS
    silent = given["keepalives_idle"] + given["keepalives_interval"] * given["keepalives_count"]
    assert silent <= 30


def test_what_the_address_says_of_a_connection_holds():
    url = "postgresql+psycopg://openrem@elsewhere/openrem?keepalives_idle=60"
    assert "keepalives_idle" not in options(url)["connect_args"]
    assert create_engine(url, **options(url)).url.query["keepalives_idle"] == "60"


def test_sqlite_is_asked_for_nothing_of_the_kind():
    assert "connect_args" not in options("sqlite:///openrem.db")


@pytest.mark.usefixtures("database_url")
def test_an_export_may_be_larger_than_two_gibibytes(database):
    with writing():
        db.session.add(Job(id="1", kind="ct-csv", title="CT", query={}, state="ready", size=3 << 30))
    assert db.session.get_one(Job, "1").size == 3 << 30
