"""Files that an administrator uploaded, and what became of each."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db

WAITING, OPENED = "waiting", "opened"  # the other results are those of the importer
TABLE = "table"  # of a table of sizes, until its columns are chosen


class UploadedFile(db.Model):
    """One file, or one member of an archive. Its name may name a patient: it goes when its job goes."""

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(String(36))  # what was uploaded together, in however many requests
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(Text)  # with its folder, as the browser told it
    file: Mapped[str | None] = mapped_column(String(255))  # below the media folder; members have none
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    archive_id: Mapped[int | None] = mapped_column(ForeignKey("uploaded_file.id", ondelete="CASCADE"))
    member: Mapped[int | None] = mapped_column(Integer)  # its place in the archive
    result: Mapped[str] = mapped_column(String(32), default=WAITING)
    reason: Mapped[str | None] = mapped_column(Text)
    study_instance_uid: Mapped[str | None] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(DateTime)

    __table_args__ = (
        Index("ix_uploaded_file_batch", "batch", "result", "id"),
        Index("uq_uploaded_file_member", "archive_id", "member", unique=True),
    )
