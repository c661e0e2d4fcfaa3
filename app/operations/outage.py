"""A database that does not answer: the commonest reason for a queue that is stuck, and alarms are remembered in it.

So this one alarm is remembered in Redis, for each machine that asks; one of them tells.
"""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app import queue
from app.operations import mail
from app.settings import QUEUE, Settings

SURE_SECONDS = 180  # for which it does not answer: what passes by itself is no alarm
TRY_SECONDS = 60  # until a mail that was not taken is sent again
DAY_SECONDS = 24 * 3600  # after which it is told again
# Keys in Redis: since when, by machine; which machine has told; how many mails there were, by day.
AWAY, TOLD, MAILS = "openrem:database:away:", "openrem:database:told", "openrem:database:mails:"
SUBJECT = "The database does not answer"
WHAT_TO_DO = (
    "What modalities send is safe: it waits in the queue and the spools. Until the database answers, nothing is read, "
    "pages do not open, and no other alarm is raised. See whether its service runs, whether its disk is full, and "
    "whether the network between the machines works; `flask doctor` says more."
)

log = logging.getLogger(__name__)


@contextmanager
def noticed(settings: Settings) -> Iterator[None]:
    """Whether the database answers in the block: mails say so when it does not for minutes, and when it does again."""
    try:
        yield
    except SQLAlchemyError as error:
        _unless_silent(settings, _is_away, type(error).__name__)
        raise
    _unless_silent(settings, _answers)


def _unless_silent(settings: Settings, do: Any, *about: str) -> None:
    if settings.mails and QUEUE in settings.alarms:
        with suppress(queue.QueueAway):  # nobody can remember it, then
            do(settings, queue.shared_connection(settings.redis_url), socket.gethostname(), *about)


def _is_away(settings: Settings, redis: Any, host: str, error: str) -> None:
    redis.set(f"{AWAY}{host}", time.time(), nx=True)
    redis.expire(f"{AWAY}{host}", DAY_SECONDS + SURE_SECONDS)
    since = float(redis.get(f"{AWAY}{host}"))
    is_sure = time.time() - since >= SURE_SECONDS
    if is_sure and redis.set(TOLD, "", nx=True, ex=TRY_SECONDS) and _may_mail(settings, redis):
        about = (
            f"{SUBJECT}, or not as it should ({error}); {host} asks.\n  since {_moment(since)} UTC\n\n{WHAT_TO_DO}\n"
        )
        if _sent(settings, SUBJECT, about):
            redis.set(TOLD, host, ex=DAY_SECONDS)


def _answers(settings: Settings, redis: Any, host: str) -> None:
    since = redis.getdel(f"{AWAY}{host}")
    if since is None or redis.get(TOLD) != host.encode():
        return
    period = f"from {_moment(float(since))} to {_moment(time.time())} UTC"
    if _sent(settings, f"over: {SUBJECT}", f"The database answers again.\n  {period}\n"):
        redis.delete(TOLD)
    else:
        redis.set(f"{AWAY}{host}", since, ex=DAY_SECONDS)


def _may_mail(settings: Settings, redis: Any) -> bool:
    """Whether there were not as many mails today as there may be; a database may come and go."""
    today = f"{MAILS}{datetime.now(UTC).date()}"
    sent = redis.incr(today)
    redis.expire(today, 2 * DAY_SECONDS)
    return sent <= settings.alarm_mails


def _sent(settings: Settings, subject: str, text: str) -> bool:
    try:
        mail.send(settings, subject, text)
    except mail.NotSent as error:
        log.warning("%s", error)
        return False
    return True


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
