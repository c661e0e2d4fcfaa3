"""The migrations lead to the tables that the models declare, and back."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from app import create_app
from app.extensions import db


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
