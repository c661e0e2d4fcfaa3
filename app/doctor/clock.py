"""Whether this machine, the database and the queue agree on what time it is."""

import time
from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from app.doctor.database import connectable
from app.doctor.finding import Finding, attention, ok, wrong
from app.queue import QueueAway, connect
from app.settings import Settings

PART = "Clock"
NOTED_SECONDS, WRONG_SECONDS = 2, 30  # after the second, living workers are taken for dead
NOW = {"postgresql": "SELECT extract(epoch FROM clock_timestamp())", "mysql": "SELECT unix_timestamp(now(6))"}
TO_DO = "Have every machine set its clock by the network: apt install systemd-timesyncd; timedatectl says how it goes."


def examine(settings: Settings) -> Iterator[Finding]:
    """Each clock that we can ask, held against ours."""
    asked = {}
    with suppress(QueueAway), connect(settings.redis_url) as client:
        before = time.time()
        seconds, microseconds = client.time()
        asked["the queue's server"] = seconds + microseconds / 1e6 - (before + time.time()) / 2
    with suppress(SQLAlchemyError):
        difference = _of_database(settings)
        if difference is not None:
            asked["the database"] = difference
    for name, difference in asked.items():
        if abs(difference) > NOTED_SECONDS:
            judge = wrong if abs(difference) > WRONG_SECONDS else attention
            side = "behind" if difference > 0 else "ahead of"
            yield judge(PART, f"is {abs(difference):.0f} s {side} that of {name}.", TO_DO)
    if not asked:
        yield attention(PART, "has nothing to be held against: neither queue nor database tells the time.", TO_DO)
    elif all(abs(difference) <= NOTED_SECONDS for difference in asked.values()):
        yield ok(PART, f"agrees with {' and '.join(asked)}.")


def _of_database(settings: Settings) -> float | None:
    """By how much it is ahead; none for SQLite, which has no clock of its own."""
    engine = connectable(settings)
    try:
        if engine.dialect.name not in NOW:
            return None
        with engine.connect() as connection:
            before = time.time()
            told = float(connection.exec_driver_sql(NOW[engine.dialect.name]).scalar_one())
            return told - (before + time.time()) / 2
    finally:
        engine.dispose()
