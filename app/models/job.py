"""What workers were asked to do, for people to follow: Redis carries a job, this table remembers it."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.user import User

FINISHED = ("ready", "failed", "aborted")
RETRY = "retry"  # the kind of a job that reads refused objects again
REREAD = "reread"  # the kind of a job that reads kept objects again
DELETE = "delete"  # the kind of a job that deletes studies
UPLOAD = "upload"  # the kind of a job that reads uploaded files
SIZES = "sizes"  # the kind of a job that imports heights and weights
IDENTIFIERS = "identifiers"  # the kind of a job that hashes or removes what is stored of who patients are
ECHO = "echo"  # the kind of a job that asks a sender for an answer
ERASE = "erase"  # the kind of a job that erases a patient
WITHOUT_FILE = (RETRY, REREAD, DELETE, UPLOAD, SIZES, IDENTIFIERS, ERASE, ECHO)  # the others are exports
ONCE = (SIZES,)  # kinds whose source is gone when they end


class Job(db.Model):
    """One export, or a piece of upkeep: who asked, for what, how far it is, and what came of it."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)  # none: from the command line
    owner: Mapped[User | None] = relationship()
    state: Mapped[str] = mapped_column(String(16), default="waiting")  # waiting, running, aborting, and FINISHED
    title: Mapped[str] = mapped_column(Text)  # the selection in words
    query: Mapped[dict] = mapped_column(JSON)  # the selection as the address had it
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int | None] = mapped_column(Integer)
    message: Mapped[str | None] = mapped_column(Text)  # what went wrong, or came of it, in words
    trace: Mapped[str | None] = mapped_column(Text)  # where it failed in the program, for administrators; no patient
    result: Mapped[str | None] = mapped_column(Text)  # path of the file below the media folder
    size: Mapped[int | None] = mapped_column(BigInteger)  # of the file, in bytes
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(DateTime)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime)

    @property
    def queued_as(self) -> str:
        """The queue's name of the work that is under way: what takes long is done in slices, one after another."""
        return f"{self.id}-{self.query['slice']}" if "slice" in self.query else self.id

    @property
    def makes_file(self) -> bool:
        """Whether it is an export."""
        return self.kind not in WITHOUT_FILE

    @property
    def repeatable(self) -> bool:
        """Whether it can be done again as it was asked for."""
        return self.kind not in ONCE

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINISHED
