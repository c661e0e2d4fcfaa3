"""Tables without what makes filling them slow: each index and each foreign key costs more row by row than at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

# What makes each again, and what drops it; keys before the indexes that they need, and the other way round.
KEYS = (
    "SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, f.conname, pg_get_constraintdef(f.oid)),"
    " format('ALTER TABLE %I DROP CONSTRAINT %I', c.relname, f.conname)"
    " FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid"
    " WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace"
)
INDEXES = (
    "SELECT i.indexdef, format('DROP INDEX %I', i.indexname) FROM pg_indexes i WHERE i.schemaname = current_schema()"
    " AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.conindid = format('%I', i.indexname)::regclass)"
)
OF_SQLITE = (
    "SELECT sql, 'DROP INDEX \"' || name || '\"' FROM sqlite_master"
    " WHERE type = 'index' AND sql IS NOT NULL AND tbl_name <> 'alembic_version'"
)
ASKED = {"postgresql": (KEYS, INDEXES), "sqlite": (OF_SQLITE,)}  # MariaDB ends a transaction where tables change


@contextmanager
def bare(connection: Connection) -> Iterator[None]:
    """Let tables be filled without indexes and foreign keys; they come back at the end, where all are checked."""
    found = [
        (make, drop)
        for query in ASKED.get(connection.dialect.name, ())
        for make, drop in connection.exec_driver_sql(query.replace("%", "%%") if "%" in query else query)
    ]
    for _, drop in found:
        connection.exec_driver_sql(drop)
    yield
    for make, _ in reversed(found):
        connection.exec_driver_sql(make)
