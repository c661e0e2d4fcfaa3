"""Slows down who guesses passwords: after a few failures each further one waits twice as long."""

import hashlib
import logging
from functools import lru_cache

from flask import current_app, request
from redis import Redis

from app.queue import QueueAway, connect

FREE = 5  # failures without a wait
LONGEST_WAIT_SECONDS = 15 * 60

log = logging.getLogger(__name__)
_connection = lru_cache(connect)


def seconds_to_wait(username: str) -> int:
    """How long this name has to wait at this address before it may try again."""
    try:
        return max(_redis().ttl(f"{_key(username)}:wait"), 0)
    except QueueAway:
        # Better to let people in unhindered than to keep everybody out while Redis is away.
        log.warning("failed sign-ins are not counted: the queue's server does not answer")
        return 0


def failed(username: str) -> None:
    """Count a failure."""
    key = _key(username)
    try:
        count = _redis().incr(key)
        _redis().expire(key, LONGEST_WAIT_SECONDS)
        if count >= FREE:
            _redis().set(f"{key}:wait", 1, ex=min(2 ** (count - FREE + 1), LONGEST_WAIT_SECONDS))
    except QueueAway:
        log.warning("a failed sign-in was not counted: the queue's server does not answer")


def forget(username: str) -> None:
    """Start anew after a success."""
    try:
        _redis().delete(_key(username))
    except QueueAway:
        log.warning("failed sign-ins are not forgotten: the queue's server does not answer")


def _redis() -> Redis:
    return _connection(current_app.config["SETTINGS"].redis_url)


def _key(username: str) -> str:
    """By name and address together, so that nobody can lock out somebody else from afar."""
    told = f"{username.casefold()}\0{request.remote_addr}"
    return f"sign-in-failures:{hashlib.sha256(told.encode()).hexdigest()}"
