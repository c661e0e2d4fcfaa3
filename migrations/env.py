"""How Alembic finds the database and the tables: through the application that runs it."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

from app import mariadb
from app.trail import guard
from app.transactions import changing

db = current_app.extensions["migrate"].db


def render_item(kind, item, autogen_context):
    """Our own column types stand in revisions as what they are in the database, so that revisions import nothing."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    """Migrate the application's database, each revision in a transaction."""
    with db.engine.connect().execution_options(write=True) as connection, mariadb.without_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            render_as_batch=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    # No revision makes the guard: SQLite loses it where a revision has to make a table anew.
    with changing(db.engine) as connection:
        guard.set_up(connection)


run()
