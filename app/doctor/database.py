"""Whether the database answers, is new enough, and has the tables that this version expects."""

from collections.abc import Iterator
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from app.doctor.finding import Finding, attention, ok, wrong
from app.extensions import db
from app.settings import ROOT, Settings

PART = "Database"
WAITS_SECONDS = 5
OLDEST = {"postgresql": (14,), "mariadb": (10, 6), "mysql": (8, 0), "sqlite": (3, 35)}
TO_MIGRATE = "Run: flask db upgrade"


def examine(settings: Settings) -> Iterator[Finding]:
    """Reach, version, tables."""
    file = _file(settings)
    if file and not file.exists():
        yield wrong(PART, f"has no file {file} yet.", f"{TO_MIGRATE} (it makes the file and its tables).")
        return
    engine = connectable(settings)
    try:
        with engine.connect() as connection:
            yield from _examine(connection)
    except SQLAlchemyError as error:
        yield wrong(
            PART,
            f"does not answer at {_place(engine)}: {_reason(error)}",
            "Start it, or mend DATABASE_URL. What modalities send is kept in the spool meanwhile.",
        )
    finally:
        engine.dispose()


def connectable(settings: Settings) -> Engine:
    """An engine of our own, which does not wait for long."""
    waits = {"timeout": WAITS_SECONDS} if settings.database_url.startswith("sqlite") else {}
    return create_engine(
        settings.database_url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=waits or {"connect_timeout": WAITS_SECONDS},
    )


def _examine(connection: Connection) -> Iterator[Finding]:
    kind, version = connection.dialect.name, connection.dialect.server_version_info or ()
    if getattr(connection.dialect, "is_mariadb", False):
        kind = "mariadb"
    written = ".".join(map(str, version))
    if tuple(version) < OLDEST.get(kind, ()):
        oldest = ".".join(map(str, OLDEST[kind]))
        yield attention(PART, f"is {kind} {written}, older than we know to work.", f"Update it to {oldest} or newer.")
    context = MigrationContext.configure(connection)
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    here, wanted = set(context.get_current_heads()), set(scripts.get_heads())
    if here != wanted:
        yield _of_another_version(here, {one.revision for one in scripts.walk_revisions()})
        return
    differences = compare_metadata(context, db.metadata)
    if differences:
        yield wrong(
            PART,
            f"({kind} {written}) has tables that are not those of this version: {len(differences)} differences.",
            "Somebody changed them by hand. Put a backup back, or ask for help with the output of: flask db check",
        )
    else:
        yield ok(PART, f"answers: {kind} {written}, with the tables of this version.")


def _of_another_version(here: set[str], known: set[str]) -> Finding:
    if not here:
        return wrong(PART, "has no tables yet.", TO_MIGRATE)
    if here <= known:
        return wrong(PART, "has the tables of an older version.", f"Make a backup first. {TO_MIGRATE}")
    return wrong(
        PART,
        "has the tables of a newer version than this program.",
        "Install that version again, or put back the backup that was made before the update.",
    )


def _file(settings: Settings) -> Path | None:
    head, _, path = settings.database_url.partition(":///")
    return Path(path.partition("?")[0]) if head.startswith("sqlite") and path and path != ":memory:" else None


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _reason(error: SQLAlchemyError) -> str:
    """The first line of what the driver says; never a statement."""
    said = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()
    return (said[0] if said else type(error).__name__).rstrip(".") + "."
