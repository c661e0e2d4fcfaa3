"""Whether the chain of audit entries is whole, in words; or the first entry that is not as it was written."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from app.models import AuditEntry, AuditHead
from app.settings import Settings
from app.trail import guard, kept
from app.trail.chain import HEAD
from app.trail.seal import NOTHING, digest, seal

AT_A_TIME = 1000  # rows in memory
ENTRIES = select(*AuditEntry.__table__.columns).order_by(AuditEntry.id)
AFTER_BACKUP = "After restoring a backup that is right: flask audit restored writes it down."
ALL_WRONG = "If none is right, AUDIT_SECRET is not the one that they were written with."


@dataclass(frozen=True)
class Verdict:
    """What was found: how many entries are as they were written, and the first fault or none."""

    entries: int
    fault: str = ""
    unguarded: tuple[str, ...] = ()  # the triggers that are missing
    cut: bool = False  # whether the fault is that this machine remembers more entries than there are

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, taken away or added."""
        return not self.fault

    @property
    def words(self) -> list[str]:
        """The sentences for people."""
        entries = f"{self.entries:,} {'entry' if self.entries == 1 else 'entries'}"
        told = [f"The chain is whole: {entries}, none changed, taken away or added."]
        if self.fault:
            told = [f"The chain is broken. {self.fault}", f"The {entries} before that are as they were written."]
        if self.unguarded:
            told.append(f"The database does not guard the entries ({', '.join(self.unguarded)}): run flask db upgrade.")
        return told


@dataclass(frozen=True)
class _Whole:
    """As far as the chain is whole: its last entry."""

    number: int = 0
    digest: str = NOTHING


class _Broken(Exception):
    """The sentence says where."""


class _Cut(_Broken):
    """There are fewer entries than this machine remembers."""


def verify(connection: Connection, settings: Settings, remembered: tuple[int, str] | None) -> Verdict:
    """Look at every entry, in one transaction that sees one moment.

    What this machine remembers of the end has to be fetched before that moment: see kept.known().
    """
    unguarded, whole = tuple(guard.missing(connection)), _Whole()
    try:
        with connection.execute(ENTRIES, execution_options={"yield_per": AT_A_TIME}) as entries:
            for entry in entries:
                _check(settings.audit_secret, entry, whole.number + 1, whole.digest)
                whole = _Whole(entry.id, entry.digest)
                if remembered and remembered[0] == whole.number:
                    _check_remembered(remembered, whole)
        _check_end(connection, settings.audit_secret, whole, remembered)
    except _Broken as fault:
        return Verdict(whole.number, str(fault), unguarded, isinstance(fault, _Cut))
    return Verdict(whole.number, "", unguarded)


def _check(secret: str, entry: Row[Any], number: int, last: str) -> None:
    """Raises _Broken where the entry is not the one that was written with this number."""
    if entry.id < number:
        raise _Broken(f"Entry {entry.id:,} was added: numbers begin with 1.")
    if entry.id > number:
        away = f"Entry {number:,} was" if entry.id == number + 1 else f"Entries {number:,} to {entry.id - 1:,} were"
        raise _Broken(f"{away} taken away.")
    if entry.digest != digest(secret, entry._asdict()):
        hint = f" {ALL_WRONG}" if number == 1 else ""
        raise _Broken(f"Entry {number:,} was changed, or added by somebody who does not have the key.{hint}")
    if entry.previous != last:
        raise _Broken(f"Entry {number:,} follows another entry than {number - 1:,}: one of the two was exchanged.")


def _check_remembered(remembered: tuple[int, str], whole: _Whole) -> None:
    if remembered[1] != whole.digest:
        raise _Broken(f"Entry {whole.number:,} is another one than this machine has written there.")


def _check_end(connection: Connection, secret: str, whole: _Whole, remembered: tuple[int, str] | None) -> None:
    """Raises _Broken where entries are missing at the end, or the head tells of another end."""
    if remembered and remembered[0] > whole.number:
        raise _Cut(f"{_cut(remembered[0], whole.number)} {AFTER_BACKUP}")
    head = connection.execute(select(*AuditHead.__table__.columns).where(AuditHead.id == HEAD)).one_or_none()
    if head is None:
        if whole.number:
            raise _Broken("The head of the chain was taken away: how many entries there were is not known.")
        return
    if head.seal != seal(secret, head.number, head.digest):
        raise _Broken("The head of the chain was changed: how many entries there were is not known.")
    if head.number > whole.number:
        raise _Broken(_cut(head.number, whole.number))
    if (head.number, head.digest) != (whole.number, whole.digest):
        raise _Broken(f"The head of the chain is not that of entry {whole.number:,}: an old one was put in its place.")


def _cut(written: int, there: int) -> str:
    return f"The end was cut: {written:,} entries were written, the last that is there is {there:,}."


def verdict(connection: Connection, settings: Settings) -> Verdict:
    """The verdict on a database as it is now; the connection has not looked at anything yet."""
    return verify(connection, settings, kept.known(settings))
