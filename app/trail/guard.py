"""The database itself refuses to change or delete audit entries, whoever asks through it."""

from sqlalchemy import Connection, MetaData, event, inspect

from app.extensions import db
from app.models import AuditEntry, AuditHead

ENTRIES, HEAD = AuditEntry.__tablename__, AuditHead.__tablename__
REFUSAL = "entries of the audit are never changed or deleted"
BACKWARDS = "NEW.number <= OLD.number"  # the head only goes on
FUNCTION = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql "
    f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
)
THERE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal",
    "mysql": "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = database()",
}

# Each trigger's name, table, and when it refuses.
REFUSED = (
    ("audit_entry_no_update", ENTRIES, "UPDATE", ""),
    ("audit_entry_no_delete", ENTRIES, "DELETE", ""),
    ("audit_head_no_way_back", HEAD, "UPDATE", BACKWARDS),
    ("audit_head_no_delete", HEAD, "DELETE", ""),
)
TRUNCATED = (("audit_entry_no_truncate", ENTRIES), ("audit_head_no_truncate", HEAD))  # PostgreSQL alone knows that


def set_up(connection: Connection) -> None:
    """Make what is missing of the guard, where the tables are there."""
    if {ENTRIES, HEAD} <= set(inspect(connection).get_table_names()):
        triggers = _triggers(connection)
        for name in missing(connection):
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(FUNCTION)
            connection.exec_driver_sql(triggers[name])


def lift(connection: Connection) -> None:
    """Take the guard away, so that a backup can take the place of what is there; `set_up` brings it back."""
    away = set(missing(connection))
    for name, table in (*((name, table) for name, table, _, _ in REFUSED), *TRUNCATED):
        if name in _triggers(connection) and name not in away:
            of_table = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{of_table}")


def missing(connection: Connection) -> list[str]:
    """The names of what should guard the entries and is not there."""
    there = set(connection.exec_driver_sql(THERE[connection.dialect.name]).scalars())
    return [name for name in _triggers(connection) if name not in there]


@event.listens_for(db.metadata, "after_create")
def _guard_new_tables(_metadata: MetaData, connection: Connection, **_rest: object) -> None:
    set_up(connection)


def _triggers(connection: Connection) -> dict[str, str]:
    """The statement that makes each trigger."""
    return TRIGGERS[connection.dialect.name]()


def _of_sqlite() -> dict[str, str]:
    return {
        name: f"CREATE TRIGGER {name} BEFORE {act} ON {table}{f' WHEN {when}' if when else ''} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for name, table, act, when in REFUSED
    }


def _of_postgresql() -> dict[str, str]:
    rows = {
        name: f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW{f' WHEN ({when})' if when else ''} "
        "EXECUTE FUNCTION audit_refuse()"
        for name, table, act, when in REFUSED
    }
    return rows | {
        name: f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        for name, table in TRUNCATED
    }


def _of_mariadb() -> dict[str, str]:
    refuse = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{REFUSAL}'"
    return {
        name: f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW "
        + (f"IF {when} THEN {refuse}; END IF" if when else refuse)
        for name, table, act, when in REFUSED
    }


TRIGGERS = {"sqlite": _of_sqlite, "postgresql": _of_postgresql, "mysql": _of_mariadb}
