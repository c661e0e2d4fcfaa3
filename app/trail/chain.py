"""How the chain of audit entries grows: drafts wait for the end of their transaction and are written there, in line.

Whoever ends a transaction with drafts holds the head of the chain from then until the commit: a long act does not keep
the others waiting. It is the last row that anybody waits for, so no two wait for each other.
"""

import json
from typing import Any

from flask import current_app
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from app.database import INSERTS
from app.extensions import db
from app.models import AuditEntry, AuditHead
from app.settings import Settings
from app.trail import kept
from app.trail.seal import NOTHING, digest, seal

HEAD = 1  # the number of the head's only row
DRAFTS, MARKS, WRITTEN = "audit drafts", "audit marks", "audit head"  # what the session remembers


def add(draft: dict[str, Any]) -> None:
    """Let the transaction under way end with this entry; it gets its number and its digest there."""
    session = db.session()
    if not session.in_transaction():
        session.begin()
    draft["details"] = _storable(draft["details"])
    session.info.setdefault(DRAFTS, []).append(draft)


@event.listens_for(db.session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(MARKS, {})[transaction] = len(session.info.get(DRAFTS, ()))


@event.listens_for(db.session, "after_soft_rollback")
def _drop_undone(session: Session, transaction: SessionTransaction) -> None:
    """What is undone is not written down: back to where the savepoint was."""
    mark = 0 if transaction.parent is None else session.info.get(MARKS, {}).get(transaction)
    if mark is not None:
        del session.info.get(DRAFTS, [])[mark:]


@event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(DRAFTS, None)
        session.info.pop(MARKS, None)


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    """Write the drafts behind the last entry, when everything else is done."""
    drafts = session.info.get(DRAFTS)
    if drafts and not session.in_nested_transaction():
        session.flush()
        _append(session, drafts)
        session.info.pop(DRAFTS)


@event.listens_for(db.session, "after_commit")
def _tell(session: Session) -> None:
    if head := session.info.pop(WRITTEN, None):
        kept.keep(_settings(), *head)


def _append(session: Session, drafts: list[dict[str, Any]]) -> None:
    before, last = _hold_head(session)
    number, secret, rows = before + len(drafts), _settings().audit_secret, []
    for place, draft in enumerate(drafts, start=before + 1):
        row = draft | {"id": place, "previous": last}
        last = row["digest"] = digest(secret, row)
        rows.append(row)
    session.execute(insert(AuditEntry.__table__), rows)
    head = {"number": number, "digest": last, "seal": seal(secret, number, last)}
    session.execute(update(AuditHead.__table__).where(AuditHead.id == HEAD).values(head))
    session.info[WRITTEN] = (number, last)


def _hold_head(session: Session) -> tuple[int, str]:
    """The number and the digest of the last entry; nobody else gets them until our transaction ends."""
    held = select(AuditHead.number, AuditHead.digest).where(AuditHead.id == HEAD).with_for_update()
    row = session.execute(held).one_or_none()
    if row is None:
        _begin(session)
        row = session.execute(held).one()
    return row.number, row.digest


def _begin(session: Session) -> None:
    """Make the head where there is none: of an empty chain, or behind what is there."""
    last = session.execute(select(AuditEntry.id, AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1)).first()
    number, of_last = last or (0, NOTHING)
    head = {"id": HEAD, "number": number, "digest": of_last, "seal": seal(_settings().audit_secret, number, of_last)}
    dialect = session.get_bind(AuditHead).dialect.name
    session.execute(INSERTS[dialect](AuditHead.__table__).values(head).on_conflict_do_nothing())


def _storable(details: dict[str, Any] | None) -> Any:
    """The details as the database will give them back, and without halves of signs, which it would not take."""
    return json.loads(json.dumps(details, ensure_ascii=False, allow_nan=False).encode(errors="replace").decode())


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
