"""Who has done what to what is stored."""

from datetime import datetime

from sqlalchemy import JSON, DateTime, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db


class AuditEntry(db.Model):
    """One act, written in the transaction that did it; never changed, and it outlives the account that did it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)  # UTC
    username: Mapped[str | None] = mapped_column(String(80))  # none: from the command line
    remote_address: Mapped[str | None] = mapped_column(String(45))  # none: a worker, or the command line
    action: Mapped[str] = mapped_column(String(32), index=True)
    what: Mapped[str] = mapped_column(Text)  # a sentence for people
    outcome: Mapped[str] = mapped_column(String(16))
    details: Mapped[dict | None] = mapped_column(JSON(none_as_null=True))  # for programs: UIDs, numbers; no patient
