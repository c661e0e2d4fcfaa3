"""Who has done what to what is stored."""

from datetime import datetime

from sqlalchemy import JSON, DateTime, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_ACTION, LONGEST_OUTCOME = 80, 45, 32, 16
DIGEST = String(64)  # in hexadecimal


class AuditEntry(db.Model):
    """One act, written in the transaction that did it; never changed, and it outlives the account that did it."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)  # from 1, without gaps
    at: Mapped[datetime] = mapped_column(DateTime)  # UTC
    username: Mapped[str | None] = mapped_column(String(LONGEST_NAME))  # none: from the command line
    remote_address: Mapped[str | None] = mapped_column(String(LONGEST_ADDRESS))  # none: a worker, or the command line
    action: Mapped[str] = mapped_column(String(LONGEST_ACTION))
    what: Mapped[str] = mapped_column(Text)  # a sentence for people
    outcome: Mapped[str] = mapped_column(String(LONGEST_OUTCOME))
    details: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))  # for programs: UIDs, numbers; no patient
    previous: Mapped[str] = mapped_column(DIGEST)  # the digest of the entry before
    digest: Mapped[str] = mapped_column(DIGEST)  # of everything above, keyed: see trail.chain

    # As the page looks through them, newest first.
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "username", "at", "id"),
        Index(None, "action", "at", "id"),
        Index(None, "outcome", "at", "id"),
    )


class AuditHead(db.Model):
    """The end of the chain of entries, in one row; who goes on with the chain holds it until the end."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer)  # of the last entry; 0 before the first
    digest: Mapped[str] = mapped_column(DIGEST)  # of that
    seal: Mapped[str] = mapped_column(DIGEST)  # of both, keyed: nobody else can say where the chain ends


class AuditSent(db.Model):
    """How far the syslog server has heard of the entries, in one row."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer)  # of the last entry that was sent
