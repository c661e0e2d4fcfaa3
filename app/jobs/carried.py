"""Finds what listeners have carried to the store of files and the queue has not heard of, or lost."""

import logging
import os
from pathlib import Path

from flask import current_app

from app import astray, queue, storage
from app.settings import Settings
from app.storage import StorageAway

TURN, DOUBTED = "openrem:carried:turn", "openrem:carried:doubted"  # keys in Redis
EVERY_SECONDS = 30  # one worker of all looks so often: nobody's turn comes sooner
DOUBTED_SECONDS = 600

log = logging.getLogger(__name__)


def sweep() -> None:
    """Have read what waits there, where it is our turn; workers of every machine ask for theirs.

    As in the sweep of the spool, what has lost its job is asked for again once it was found so twice.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if not storage.is_elsewhere(settings):
        return
    try:
        redis = queue.shared_connection(settings.redis_url)
        if redis.set(TURN, "taken", nx=True, ex=EVERY_SECONDS):
            _sweep(settings)
    except queue.QueueAway:
        pass  # when it is back, so are we
    except StorageAway as reason:
        log.warning("what was carried can't be listed: %s", reason)


def _sweep(settings: Settings) -> None:
    paths = [Path(one.key) for one in storage.of(settings).below(storage.INCOMING) if one.key.endswith(".dcm")]
    unheard, lost = astray.unheard_of(settings, paths)
    redis = queue.shared_connection(settings.redis_url)
    doubted = {Path(os.fsdecode(told)) for told in redis.smembers(DOUBTED)}
    again = astray.ask_again(settings, unheard, lost, doubted)
    redis.delete(DOUBTED)
    if newly := [str(path) for path in lost if path not in doubted]:
        redis.sadd(DOUBTED, *newly)
        redis.expire(DOUBTED, DOUBTED_SECONDS)
    if unheard or again:
        log.warning("asked for %d objects that were carried here and forgotten", len(unheard) + len(again))
