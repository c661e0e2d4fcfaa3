"""The migrations lead to the tables that the models declare, and back, with rows in all of them."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect

from app import create_app
from app.extensions import db
from app.transactions import changing
from tests import filled

RELEASED = ["base"]  # the last revision of each release that a site may come from; a release adds its line


@pytest.fixture
def empty(database_url, settings):
    """The application on a database without tables."""
    app = create_app(settings)
    with app.app_context():
        yield
        db.engine.dispose()


def test_migrations_make_what_the_models_declare(empty):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_migrations_can_be_undone(empty):
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_migrating_twice_changes_nothing(empty):
    flask_migrate.upgrade()
    tables = inspect(db.engine).get_table_names()
    flask_migrate.upgrade()
    assert inspect(db.engine).get_table_names() == tables


@pytest.mark.parametrize("revision", RELEASED)
def test_rows_of_a_released_revision_survive_the_way_up(empty, revision):
    flask_migrate.upgrade(revision=revision) if revision != "base" else flask_migrate.stamp(revision="base")
    there, ours = MetaData(), db.metadata.tables
    with changing(db.engine) as connection:
        there.reflect(connection)
        before = {name: len(rows) for name, rows in filled.fill(connection, there).items()}
    flask_migrate.upgrade()
    with changing(db.engine) as connection:
        after = {name: len(rows) for name, rows in filled.content(connection, db.metadata).items()}
    assert {name: number for name, number in before.items() if name in ours} == {name: after[name] for name in before}


def test_every_table_can_be_filled_go_down_to_nothing_and_come_up_again(empty):
    for _ in range(2):
        flask_migrate.upgrade()
        with changing(db.engine) as connection:
            made = filled.fill(connection, db.metadata)
            found = filled.content(connection, db.metadata)
        for name, rows in made.items():
            columns = db.metadata.tables[name].columns.keys()
            wanted = [tuple(row[column] for column in columns) for row in rows]
            assert sorted(found[name], key=repr) == sorted(wanted, key=repr), name
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
