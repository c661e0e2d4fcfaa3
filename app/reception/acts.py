"""What administrators change: audited in its transaction, and published to the listeners once that has ended."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app import audit
from app.extensions import db
from app.listening import problems
from app.models import IgnoreRule, StoreListener, StorePolicy, StoreSender
from app.reception import current
from app.reception.configuration import as_rule, policy_row, store
from app.reception.publishing import publish
from app.transactions import writing

Row = StoreListener | StoreSender | StorePolicy | IgnoreRule


class NotPossible(ValueError):
    """No listener could do it; the sentence says why."""


def add(row: Row, action: str) -> None:
    """Add the listener, the sender or the rule. Raises NotPossible."""
    with _changing():
        db.session.add(row)
        db.session.flush()  # which gives it what was not chosen
        audit.record(action, named(row), details={"after": _values(row)})


def change(kind: type[Row], id: int, action: str, values: Mapping[str, Any]) -> None:
    """Give the row these values. Raises NotPossible."""
    with _changing():
        row: Any = db.session.get_one(kind, id)
        before, name = _values(row), named(row)
        for column, value in values.items():
            setattr(row, column, value)
        after = _values(row)
        changed = [column for column in after if after[column] != before[column]]
        told = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
        audit.record(action, name, details=told)


def remove(kind: type[Row], id: int, action: str) -> None:
    """Take the listener, the sender or the rule away. Raises NotPossible."""
    with _changing():
        row: Any = db.session.get_one(kind, id)
        db.session.delete(row)
        audit.record(action, named(row), details={"before": _values(row)})


def named(row: Row) -> str:
    """What the audit calls it."""
    if isinstance(row, StoreListener):
        return f"listener “{row.name}”"
    if isinstance(row, StoreSender):
        return f"sender {' at '.join(part for part in (row.ae_title, row.address) if part)}"
    return f"rule: {as_rule(row).words}" if isinstance(row, IgnoreRule) else "what becomes of objects"


@contextmanager
def _changing() -> Iterator[None]:
    """A transaction that leaves what a listener can do, with a version of its own. Raises NotPossible."""
    policy_row()
    try:
        with writing():
            yield
            db.session.flush()
            db.session.execute(update(StorePolicy).values(version=StorePolicy.version + 1))
            db.session.expire_all()
            for problem in problems(store()):
                raise NotPossible(f"{problem}.")
    except IntegrityError:
        raise NotPossible("Another listener has this name.") from None
    current.forget()
    publish()


def _values(row: Row) -> dict[str, Any]:
    skipped = ("id", "version", "created_at")
    return {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name not in skipped}
