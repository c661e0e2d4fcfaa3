"""The way of an object on MariaDB, from import to export: what each run of the suite looks at. The rest of the tests
that have a database run there by `make test-mariadb`."""

import csv
from datetime import datetime

import flask_migrate
import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import OperationalError

from app import audit, create_app
from app.extensions import db
from app.ingest.insert import insert_all, insert_if_new
from app.models import AuditEntry, Code, Name, User
from app.queries.selection import Selection
from app.settings import load
from app.transactions import changing, writing
from tests.factories import ct_report, report_file
from tests.servers import fresh_database


@pytest.fixture
def site(mariadb_url, redis_server, tmp_path):
    """A new site on MariaDB, whose address has the spelling of other programs."""
    with fresh_database(mariadb_url) as url:
        plain = url.replace("mysql+pymysql://", "mariadb://")
        app = create_app(load({"INSTANCE": str(tmp_path), "REDIS_URL": redis_server.url, "DATABASE_URL": plain}))
        with app.app_context():
            flask_migrate.upgrade()
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def flask(app, *words):
    """What a command says; it went well."""
    result = app.test_cli_runner().invoke(args=list(map(str, words)))
    assert result.exit_code == 0, result.output
    return result.output


def test_objects_are_imported_listed_exported_and_the_record_is_whole(site, tmp_path):
    folder, sheet = tmp_path / "objects", tmp_path / "ct.csv"
    folder.mkdir()
    for number, protocol in enumerate(("Schädel", "SCHÄDEL", "Thorax 漢𝄞")):
        report = ct_report({"acquisition_protocol": protocol}, {"acquisition_protocol": protocol})
        (folder / f"{number}.dcm").write_bytes(report_file(report).getvalue())
    assert "3 files: 3 imported" in flask(site, "import", folder)
    assert "3 files: 3 duplicates" in flask(site, "import", folder)
    with site.app_context():
        found = Selection.from_args("ct", {"protocol__has": "schadel"}).studies()
        assert len(db.session.scalars(found).all()) == 2
    flask(site, "export", "ct-csv", "-o", sheet)
    assert len(list(csv.DictReader(sheet.read_text("utf-8-sig").splitlines()))) == 3
    assert "The chain is whole: 1 entry" in flask(site, "audit", "verify")


def test_texts_differ_by_their_case_accents_and_spaces(site):
    with site.app_context(), changing(db.engine) as connection:
        values = ("a", "A", "á", "a ", "𝄞")
        rows = [{"scheme": "99TEST", "value": value, "meaning": value} for value in values]
        connection.execute(insert(Code.__table__), rows)
        for value in values:
            assert connection.scalars(select(Code.meaning).where(Code.value == value)).all() == [value]


def test_moments_keep_their_microseconds_and_nothing_comes_last(site):
    with site.app_context(), changing(db.engine) as connection:
        moments = [None, datetime(2026, 1, 2, 3, 4, 5, 678_901), datetime(2026, 1, 2, 3, 4, 5, 678_902)]
        for place, at in enumerate(moments):
            row = {
                "username": str(place),
                "roles": [],
                "signed_in_at": at,
                "must_change_password": False,
                "active": True,
            }
            connection.execute(insert(User.__table__), row)
        at = User.signed_in_at
        for order, wanted in (
            (at.asc().nulls_last(), [*moments[1:], None]), (at.desc().nulls_last(), [*moments[:0:-1], None]),
            (at.asc().nulls_first(), moments), (at.desc().nulls_first(), [None, *moments[:0:-1]]),
        ):  # fmt: skip
            assert connection.scalars(select(at).order_by(order)).all() == wanted


def test_the_database_refuses_to_change_entries_of_the_audit(site):
    with site.app_context():
        with writing():
            audit.record(audit.EXPORT, "act")
        for statement in (update(AuditEntry).values(what="nothing"), delete(AuditEntry)):
            with pytest.raises(OperationalError, match="never changed or deleted"), changing(db.engine) as connection:
                connection.execute(statement)


def test_an_insert_that_is_refused_as_known_leaves_the_transaction_as_it_was(site):
    with site.app_context(), changing(db.engine) as connection:
        row = {"digest": "1", "text": "x", "folded": "x"}
        first = insert_if_new(connection, Name.__table__, row)
        assert first and insert_if_new(connection, Name.__table__, row) is None
        second, third = (row | {"digest": digest} for digest in "23")
        assert insert_all(connection, Name.__table__, [third, second]) == sorted(
            connection.scalars(select(Name.id).where(Name.digest != "1"))
        )
