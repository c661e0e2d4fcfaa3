"""Whether the queue's server answers and forgets nothing, and whether anybody works."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from redis import Redis
from rq import Worker
from rq.worker import BaseWorker

from app.doctor.finding import Finding, attention, ok, wrong
from app.queue import EXPORT, INGEST, QueueAway, connect
from app.settings import Settings

PART, WORKERS = "Queue", "Workers"
SILENCE = timedelta(minutes=2)  # for which a worker may be busy with one object, and say nothing
PROCESSES = Path("/proc")  # where Linux tells of them
FULL = 0.8  # of the memory that the server may take
WAITS_SECONDS = 15 * 60  # for longer than this no object should lie unread
DOES = {INGEST: "reads what modalities send", EXPORT: "makes exports"}


def examine(settings: Settings) -> Iterator[Finding]:
    """Reach, and what it would lose."""
    try:
        with connect(settings.redis_url) as client:
            about: dict[str, Any] = client.info()
            faults = [*_open_to_all(client), *_faults(about)]
    except QueueAway as error:
        started = "flask up starts it: run that." if settings.embedded_redis else "Start Redis, or mend REDIS_URL."
        lost = "Objects are taken all the same and read once it is back."
        yield wrong(PART, f"does not answer ({type(error).__name__}).", f"{started} {lost}")
        return
    yield from faults
    if not faults:
        version = about.get("valkey_version") or about["redis_version"]
        yield ok(PART, f"answers: version {version}, keeps what it is told on disk, forgets nothing when full.")


def _open_to_all(client: Redis) -> Iterator[Finding]:
    """Whether everybody may write to it who reaches its port; a socket has its folder's rights."""
    about = client.connection_pool.connection_kwargs
    if "host" in about and not about.get("password"):
        yield attention(
            PART,
            "asks for no password: whoever reaches it may have workers run what he likes, as our user.",
            "Set requirepass in its configuration and the password in REDIS_URL, as docs/deploy.md tells.",
        )


def _faults(about: dict[str, Any]) -> Iterator[Finding]:
    policy, most = about.get("maxmemory_policy", "noeviction"), about.get("maxmemory", 0)
    if policy != "noeviction":
        judge = wrong if most else attention
        yield judge(
            PART,
            f"forgets what it was told when its memory is full (maxmemory-policy is {policy}).",
            "Set maxmemory-policy to noeviction in its configuration and restart it.",
        )
    if most and about["used_memory"] > FULL * most:
        yield attention(
            PART,
            f"has used {about['used_memory'] / most:.0%} of the memory that it may take.",
            "Set maxmemory higher, or to 0.",
        )
    if not about.get("aof_enabled"):
        yield attention(
            PART,
            "forgets the last minutes when it or the machine is switched off.",
            "Set appendonly to yes in its configuration: redis-cli config set appendonly yes, then config rewrite.",
        )
    if "err" in (about.get("aof_last_write_status"), about.get("rdb_last_bgsave_status")):
        yield wrong(PART, "can't write to its disk.", "Look at its log and at the free space of its disk.")


def examine_workers(settings: Settings) -> Iterator[Finding]:
    """Somebody for each queue, and nothing that waits for too long."""
    with connect(settings.redis_url) as client:
        living = _living(client)
    for queue, does in DOES.items():
        number = sum(queue in names for names in living)
        if number:
            yield ok(WORKERS, f"for the queue “{queue}”: {number}.")
        else:
            yield wrong(
                WORKERS,
                f"for the queue “{queue}” are not there: nobody {does}.",
                f"Start one: systemctl start openrem-{queue}@1; without systemd, flask up does it.",
            )
    oldest = _oldest(settings)
    if oldest > WAITS_SECONDS:
        yield attention(
            WORKERS,
            f"leave objects unread: the oldest has waited for {oldest / 60:.0f} minutes.",
            "More workers read faster: systemctl enable --now openrem-ingest@2; the log says whether reading fails.",
        )


def _living(client: Redis) -> list[list[str]]:
    """The queues of each worker that was heard of lately."""
    since = datetime.now(UTC) - SILENCE
    told = [one for one in Worker.all(connection=client) if one.last_heartbeat and one.last_heartbeat > since]
    return [one.queue_names() for one in told if not _was_killed(one)]


def _was_killed(worker: BaseWorker) -> bool:
    """Whether it ran on this machine, and has no process any more."""
    return worker.hostname == socket.gethostname() and PROCESSES.exists() and not (PROCESSES / str(worker.pid)).exists()


def _oldest(settings: Settings) -> float:
    """For how many seconds the oldest object has waited."""
    times = [path.stat().st_mtime for path in settings.spool.glob("*.dcm")]
    return time.time() - min(times) if times else 0
