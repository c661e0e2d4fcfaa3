"""Who is signed in, and from where."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db


class UserSession(db.Model):
    """One sign-in of one browser; it ends where the row goes, whatever the browser still has."""

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # random; the browser's signed cookie names it
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("user.id", ondelete="CASCADE"), index=True)
    begun_at: Mapped[datetime] = mapped_column(DateTime)  # UTC
    remote_address: Mapped[str | None] = mapped_column(String(45))
