"""What the site has raised the alarm about, and how far whoever is to hear of it has."""

from datetime import date, datetime

from sqlalchemy import Date, DateTime, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db


class Alarm(db.Model):
    """One condition from the first look that found it to the one that found it gone; times are UTC."""

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(200))  # tells conditions of one kind apart
    words: Mapped[str] = mapped_column(Text)  # a sentence for people, of the last look that found it; no patient
    looks: Mapped[int] = mapped_column(Integer, default=1)  # in a row that found it
    missed: Mapped[int] = mapped_column(Integer, default=0)  # in a row that did not
    found_at: Mapped[datetime] = mapped_column(DateTime)
    begun_at: Mapped[datetime | None] = mapped_column(DateTime)  # none: one look alone has found it
    ended_at: Mapped[datetime | None] = mapped_column(DateTime)
    told_at: Mapped[datetime | None] = mapped_column(DateTime)  # a mail said that it began
    end_told_at: Mapped[datetime | None] = mapped_column(DateTime)  # a mail said that it is over

    __table_args__ = (Index(None, "ended_at"),)


class AlarmWatch(db.Model):
    """When somebody looked last, and how many mails there were that day, in one row."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    looked_at: Mapped[datetime | None] = mapped_column(DateTime)  # UTC
    rooms_looked_at: Mapped[datetime | None] = mapped_column(DateTime)  # UTC
    day: Mapped[date | None] = mapped_column(Date)  # of the last mail
    mails: Mapped[int] = mapped_column(Integer, default=0)  # on that day
    mail_error: Mapped[str | None] = mapped_column(Text)  # why the last mail could not be sent
