"""Slows down who guesses passwords, and then locks for a while: the account at an address, everywhere, the address.

Failures are counted by name and address together, and a few make one wait. So nobody locks out somebody else from afar
soon; but who tries one name from many addresses, or many names from one, is locked out, too. Those limits are not for
who has signed in at the address lately, so that a guesser does not keep out the people who belong there.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app
from redis import Redis

from app.queue import answer, shared_connection

FREE = 5  # failures of a name at an address without a wait; then each waits twice as long
LOCKED_AT = 10  # such failures that lock the name at the address
LOCKED_AT_ALL = 50  # failures of a name at all addresses, or of all names at an address, that lock it
LOCK_SECONDS = 15 * 60
REMEMBERED_SECONDS = 30 * 86400  # for which people are known at an address
PREFIX = "sign-in"
EVERYWHERE = "*"

T = TypeVar("T")


@dataclass(frozen=True)
class Lock:
    """Who has to wait where, and until when."""

    name: str  # the hash of a user name: people type passwords there; empty for everybody
    address: str  # or EVERYWHERE
    until: float  # seconds since 1970

    @property
    def member(self) -> str:
        """The lock as one text."""
        return f"{self.name} {self.address}"


def seconds_to_wait(username: str, address: str) -> int:
    """How long this name has to wait at this address before it may try again."""
    members = _members(username, address)

    def ask(kept: "Kept") -> int:
        asked = members[:1] if kept.knows(members[0]) else members
        return max(round(max(map(kept.held_until, asked)) - time.time() + 0.5), 0)

    return _with(ask)


def count(username: str, address: str) -> int:
    """Count a failure, before it is one: who tries a hundred times at once is counted as well. Gives how many in a row.

    A success takes it back, see `forget`.
    """
    pair, name, everybody = _members(username, address)

    def note(kept: "Kept") -> int:
        failures = kept.count(pair)
        if failures >= FREE:
            kept.hold(pair, 2 ** (failures - FREE + 1) if failures < LOCKED_AT else LOCK_SECONDS)
        for one in (name, everybody):
            if kept.count(one) >= LOCKED_AT_ALL:
                kept.hold(one, LOCK_SECONDS)
        return failures

    return _with(note)


def forget(username: str, address: str) -> None:
    """Start anew after a success; the name is known at the address from now on."""
    pair, name, everybody = _members(username, address)

    def drop(kept: "Kept") -> None:
        kept.release(pair)
        kept.uncount(name)
        kept.uncount(everybody)
        kept.know(pair)

    _with(drop)


def take_back(username: str, address: str) -> None:
    """It was no failure after all: the password was right, or nobody could say."""
    _with(lambda kept: [kept.uncount(member) for member in _members(username, address)])


def locks(username: str | None = None) -> list[Lock]:
    """Those that hold now: of the name, or of whole addresses."""
    wanted = "" if username is None else _hash(username)
    return [lock for lock in all_locks() if lock.name == wanted]


def all_locks() -> list[Lock]:
    """Those that hold now, those that hold longest first."""
    held = _with(lambda kept: kept.all_held())
    longest_first = sorted(held.items(), key=lambda one: -one[1])
    return [Lock(*member.partition(" ")[::2], until) for member, until in longest_first]


def unlock(username: str | None = None, address: str | None = None) -> int:
    """Lift the locks of the name, or of the address; gives how many there were."""
    found = [lock for lock in locks(username) if address in (None, lock.address)]
    _with(lambda kept: [kept.release(lock.member) for lock in found])
    return len(found)


def is_of(lock: Lock, username: str) -> bool:
    """Whether the lock is the name's."""
    return lock.name == _hash(username)


def _members(username: str, address: str) -> tuple[str, str, str]:
    """What failures are counted by: the name at the address, the name everywhere, everybody at the address."""
    names = _hash(username)
    return f"{names} {address}", f"{names} {EVERYWHERE}", f" {address}"


def _hash(username: str) -> str:
    return hashlib.sha256(username.strip().casefold().encode()).hexdigest()[:32]


def _with(work: "Callable[[Kept], T]") -> T:
    """Do it with what Redis keeps, or where that is away, with what this process keeps: guessing is slow then, too."""
    url = current_app.config["SETTINGS"].redis_url
    told = answer(url, lambda: (work(InRedis(shared_connection(url))),))
    return told[0] if told else work(_here)


class InRedis:
    """Counts and locks that all web processes share."""

    def __init__(self, redis: Redis):
        self.redis = redis

    def count(self, member: str) -> int:
        """One more failure; how many there are."""
        with self.redis.pipeline() as pipeline:
            pipeline.incr(f"{PREFIX}:failures:{member}")
            pipeline.expire(f"{PREFIX}:failures:{member}", LOCK_SECONDS)
            return pipeline.execute()[0]

    def uncount(self, member: str) -> None:
        """One failure less."""
        if self.redis.decr(f"{PREFIX}:failures:{member}") <= 0:
            self.redis.delete(f"{PREFIX}:failures:{member}")

    def hold(self, member: str, seconds: int) -> None:
        """Let it wait; what is over is forgotten."""
        self.redis.zremrangebyscore(f"{PREFIX}:locks", "-inf", time.time())
        self.redis.zadd(f"{PREFIX}:locks", {member: time.time() + seconds})

    def held_until(self, member: str) -> float:
        """Until when it waits."""
        return self.redis.zscore(f"{PREFIX}:locks", member) or 0

    def all_held(self) -> dict[str, float]:
        """All that wait now, and until when."""
        found: Any = self.redis.zrangebyscore(f"{PREFIX}:locks", time.time(), "+inf", withscores=True)
        return {member.decode(): until for member, until in found}

    def release(self, member: str) -> None:
        """Forget its failures and its lock."""
        self.redis.delete(f"{PREFIX}:failures:{member}")
        self.redis.zrem(f"{PREFIX}:locks", member)

    def know(self, member: str) -> None:
        """Remember that the name has signed in at the address."""
        self.redis.set(f"{PREFIX}:known:{member}", 1, ex=REMEMBERED_SECONDS)

    def knows(self, member: str) -> bool:
        """Whether it has."""
        return bool(self.redis.exists(f"{PREFIX}:known:{member}"))


class InMemory:
    """The same for this process alone, while Redis is away."""

    MOST = 10_000  # names and addresses; beyond it begins anew

    def __init__(self) -> None:
        self.failures: dict[str, tuple[int, float]] = {}
        self.locks: dict[str, float] = {}
        self.known: set[str] = set()

    def count(self, member: str) -> int:
        """One more failure; how many there are."""
        if len(self.failures) > self.MOST:
            self.failures.clear()
        before, until = self.failures.get(member, (0, 0.0))
        failures = before + 1 if until > time.time() else 1
        self.failures[member] = failures, time.time() + LOCK_SECONDS
        return failures

    def uncount(self, member: str) -> None:
        """One failure less."""
        failures, until = self.failures.get(member, (1, 0.0))
        self.failures[member] = failures - 1, until

    def hold(self, member: str, seconds: int) -> None:
        """Let it wait; what is over is forgotten."""
        self.locks = {one: until for one, until in self.locks.items() if until > time.time()}
        self.locks[member] = time.time() + seconds

    def held_until(self, member: str) -> float:
        """Until when it waits."""
        return self.locks.get(member, 0)

    def all_held(self) -> dict[str, float]:
        """All that wait now, and until when."""
        return {member: until for member, until in self.locks.items() if until > time.time()}

    def release(self, member: str) -> None:
        """Forget its failures and its lock."""
        self.failures.pop(member, None)
        self.locks.pop(member, None)

    def know(self, member: str) -> None:
        """Remember that the name has signed in at the address."""
        self.known.add(member)

    def knows(self, member: str) -> bool:
        """Whether it has."""
        return member in self.known


Kept = InRedis | InMemory
_here = InMemory()
