"""Filters that people have given a name, to ask the same again and to pass it on."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, DateTime, ForeignKey, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.user import User

LONGEST_NAME = 80


class SavedFilter(db.Model):
    """What one person asked of one list."""

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(Integer, ForeignKey("user.id", ondelete="CASCADE"), index=True)
    owner: Mapped[User] = relationship()
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    modality: Mapped[str] = mapped_column(String(2), index=True)  # as addresses have it
    query: Mapped[dict] = mapped_column(JSON)  # the selection as the address had it
    words: Mapped[str] = mapped_column(Text)  # the same as a sentence
    shared: Mapped[bool] = mapped_column(Boolean, default=False)  # everybody sees it; only its owner changes it
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
