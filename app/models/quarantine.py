"""What was not stored and waits to be looked at: the files that a worker refused, and what it deleted as no use."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db


class Refusal(db.Model):
    """One object that was not stored, why not, and what it says of itself; nothing about its patient."""

    __tablename__ = "quarantine"

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(255), unique=True)  # below the media folder
    kept: Mapped[bool] = mapped_column(Boolean, default=True)  # whether the file is there; else the row is all of it
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    result: Mapped[str] = mapped_column(String(32))  # failed, not a dose object, or ignored
    reason: Mapped[str] = mapped_column(Text)

    study_instance_uid: Mapped[str | None] = mapped_column(String(64))
    sop_instance_uid: Mapped[str | None] = mapped_column(String(64))
    sop_class_uid: Mapped[str | None] = mapped_column(String(64))
    sop_class: Mapped[str | None] = mapped_column(String(128))  # its name in the standard
    modality: Mapped[str | None] = mapped_column(String(16))
    station_name: Mapped[str | None] = mapped_column(String(64))
    sender: Mapped[str | None] = mapped_column(String(16))  # AE title of who sent it, where the listener wrote it down

    received_at: Mapped[datetime] = mapped_column(DateTime)
    refused_at: Mapped[datetime] = mapped_column(DateTime)  # the last time
    tries: Mapped[int] = mapped_column(Integer)
    read_by: Mapped[str] = mapped_column(String(32))  # the version that refused it last

    __table_args__ = (Index("ix_quarantine_latest", "result", "received_at", "id"),)
