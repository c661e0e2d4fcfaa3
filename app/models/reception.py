"""How objects are received: where listeners listen, who may send, what becomes of what came."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, DateTime, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db

LONGEST_NAME = 64
LONGEST_ADDRESS = 64  # an IPv6 network in digits has 43 letters
LONGEST_PATTERN = 255
ONE = 1  # the number of the only row


class StoreListener(db.Model):
    """One port at which objects are received; `app.listening.Endpoint` says what each column means."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    ae_title: Mapped[str] = mapped_column(String(16))
    host: Mapped[str] = mapped_column(String(255), default="0.0.0.0")
    port: Mapped[int] = mapped_column(Integer)
    check_called: Mapped[bool] = mapped_column(Boolean, default=False)
    associations: Mapped[int] = mapped_column(Integer, default=50)
    pdu_bytes: Mapped[int] = mapped_column(Integer, default=131072)
    acse_seconds: Mapped[int] = mapped_column(Integer, default=30)
    dimse_seconds: Mapped[int] = mapped_column(Integer, default=60)
    network_seconds: Mapped[int] = mapped_column(Integer, default=600)
    tls: Mapped[bool] = mapped_column(Boolean, default=False)
    certificate: Mapped[str] = mapped_column(String(1024), default="")
    key: Mapped[str] = mapped_column(String(1024), default="")
    authorities: Mapped[str] = mapped_column(String(1024), default="")
    client_certificates: Mapped[bool] = mapped_column(Boolean, default=False)


class StoreSender(db.Model):
    """Somebody who sends: known by AE title, by address, or by both."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")  # what people call it
    ae_title: Mapped[str] = mapped_column(String(16), default="")  # empty: whatever it calls itself
    address: Mapped[str] = mapped_column(String(LONGEST_ADDRESS), default="")  # or a network; empty: from anywhere
    port: Mapped[int | None] = mapped_column(Integer)  # at which it answers itself, where it does
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class StorePolicy(db.Model):
    """What holds for all listeners, and what becomes of objects once they were read; there is one row."""

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=1)  # grows with each change of what listeners are told
    only_known: Mapped[bool] = mapped_column(Boolean, default=False)
    least_free_mb: Mapped[int] = mapped_column(Integer, default=500)
    accept_more: Mapped[list] = mapped_column(JSON, default=list)  # SOP class UIDs

    # Whether objects are deleted once they were read, by their kind.
    delete_rdsr: Mapped[bool] = mapped_column(Boolean, default=False)
    delete_mg: Mapped[bool] = mapped_column(Boolean, default=False)
    delete_dx: Mapped[bool] = mapped_column(Boolean, default=False)
    delete_ctphil: Mapped[bool] = mapped_column(Boolean, default=False)
    delete_nm: Mapped[bool] = mapped_column(Boolean, default=False)
    delete_nomatch: Mapped[bool] = mapped_column(Boolean, default=True)


class IgnoreRule(db.Model):
    """A device whose objects are not wanted: a text or a pattern with * for each that counts, empty for any."""

    id: Mapped[int] = mapped_column(primary_key=True)
    manufacturer: Mapped[str] = mapped_column(String(LONGEST_PATTERN), default="")
    model_name: Mapped[str] = mapped_column(String(LONGEST_PATTERN), default="")
    station_name: Mapped[str] = mapped_column(String(LONGEST_PATTERN), default="")
    software_versions: Mapped[str] = mapped_column(String(LONGEST_PATTERN), default="")
    serial_number: Mapped[str] = mapped_column(String(LONGEST_PATTERN), default="")
    why: Mapped[str] = mapped_column(Text, default="")  # for people
    created_at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())
