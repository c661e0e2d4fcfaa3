"""The figures of the site, as whoever watches it asks for them every few seconds."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import __version__, heard, queue
from app.database import extent
from app.extensions import db
from app.models import Job, Refusal
from app.operations import counts, machines
from app.operations.exposition import COUNTER, GAUGE, HISTOGRAM, Family
from app.operations.queues import extents, workers
from app.settings import Settings

BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # seconds of requests
MEGABYTE = 1_000_000

Part = Callable[[Settings], Iterator[Family]]


def families(settings: Settings) -> Iterator[Family]:
    """All figures; those of a part that is away are left out, and that it is away is one of them."""
    yield _one("openrem_info", GAUGE, "Which version runs.", 1, version=__version__)
    yield from _disks(settings)
    for name, part, away in (
        ("queue", _of_queue, queue.QueueAway),
        ("database", _of_database, SQLAlchemyError),
    ):
        found: list[Family] = []
        with suppress(away):
            found = list(part(settings))
        yield _one(f"openrem_{name}_up", GAUGE, f"Whether the {name} answers.", bool(found))
        yield from found


def bucket_names(seconds: float) -> Iterator[str]:
    """The buckets of a histogram that count something that took so long."""
    yield from (f"{most:g}" for most in BUCKETS if seconds <= most)
    yield "+Inf"


def _disks(settings: Settings) -> Iterator[Family]:
    free = Family("openrem_disk_free_bytes", GAUGE, "What is free on the disk of a folder of ours.")
    size = Family("openrem_disk_size_bytes", GAUGE, "How large that disk is.")
    for name, folder in machines.folders(settings).items():
        with suppress(OSError):
            usage = shutil.disk_usage(folder)
            free.add(usage.free, folder=name)
            size.add(usage.total, folder=name)
    yield free
    yield size


def _of_queue(settings: Settings) -> Iterator[Family]:
    yield from _queues(settings)
    yield from _counted(settings)
    yield from _requests(settings)
    yield from _store(settings)


def _queues(settings: Settings) -> Iterator[Family]:
    waiting = Family("openrem_queue_waiting", GAUGE, "What waits in a queue.")
    running = Family("openrem_queue_running", GAUGE, "What of a queue is worked on.")
    failed = Family("openrem_queue_failed", GAUGE, "What of a queue has failed lately.")
    oldest = Family("openrem_queue_oldest_seconds", GAUGE, "How long the first that waits in a queue does.")
    alive = Family("openrem_workers", GAUGE, "Workers of a queue that live.")
    serving = Counter(name for worker in workers(settings) if worker.alive for name in worker.queues)
    for one in extents(settings):
        waiting.add(one.waiting, queue=one.name)
        running.add(one.running, queue=one.name)
        failed.add(one.failed, queue=one.name)
        oldest.add(one.seconds, queue=one.name)
        alive.add(serving[one.name], queue=one.name)
    yield from (waiting, running, failed, oldest, alive)


def _counted(settings: Settings) -> Iterator[Family]:
    for name, family, help, labels in (
        (counts.IMPORTS, "openrem_imports_total", "Objects read, by what became of them.", ("outcome",)),
        (counts.JOBS, "openrem_queue_jobs_total", "What workers did, by queue and outcome.", ("queue", "outcome")),
        (counts.JOB_SECONDS, "openrem_queue_job_seconds_total", "How long they took for it.", ("queue",)),
    ):
        told = Family(family, COUNTER, help)
        for values, count in sorted(counts.told(settings, name).items()):
            told.add(count, **dict(zip(labels, values, strict=False)))
        yield told


def _requests(settings: Settings) -> Iterator[Family]:
    requests = Family("openrem_http_requests_total", COUNTER, "Requests by route, method and status.")
    for (route, method, status), count in sorted(counts.told(settings, counts.REQUESTS).items()):
        requests.add(count, route=route, method=method, status=status)
    yield requests
    seconds = Family("openrem_http_request_seconds", HISTOGRAM, "How long answers took, by route and method.")
    told = counts.told(settings, counts.REQUEST_SECONDS)
    for route, method in sorted({(route, method) for route, method, _ in told}):
        labels = {"route": route, "method": method}
        for bucket in (*(f"{most:g}" for most in BUCKETS), "+Inf"):
            seconds.add(told.get((route, method, bucket), 0), "_bucket", **labels, le=bucket)
        seconds.add(told.get((route, method, "sum"), 0), "_sum", **labels)
        seconds.add(told.get((route, method, "+Inf"), 0), "_count", **labels)
    yield seconds


def _store(settings: Settings) -> Iterator[Family]:
    totals = heard.totals(settings)
    for what, help in (
        ("associations", "DICOM associations by how they ended."),
        ("objects", "Objects that were sent, by what the listener did with them."),
    ):
        told = Family(f"openrem_store_{what}_total", COUNTER, help)
        for outcome, count in sorted(totals[what].items()):
            told.add(count, outcome=outcome)
        yield told
    running = heard.listeners(settings)
    yield _one("openrem_listeners", GAUGE, "Listeners that run.", len(running))
    listening = Family("openrem_store_listening", GAUGE, "Whether a port of the store listens.")
    open_now = Family("openrem_store_associations_open", GAUGE, "Associations that are open at a port.")
    spool = Family("openrem_spool_files", GAUGE, "Objects in the spool of a listener.")
    size = Family("openrem_spool_bytes", GAUGE, "How large they are.")
    free = Family("openrem_spool_free_bytes", GAUGE, "What is free on the disk of a listener's spool.")
    full = Family("openrem_store_full", GAUGE, "Whether a listener takes nothing for want of disk.")
    for one in running:
        process = {"host": one.host, "pid": str(one.pid)}
        spool.add(one.spool_files, **process)
        size.add(one.spool_mb * MEGABYTE, **process)
        free.add(one.free_mb * MEGABYTE, **process)
        full.add(one.full, **process)
        for port in one.endpoints:
            listening.add(port.since is not None, **process, port=port.name)
            open_now.add(port.associations, **process, port=port.name)
    yield from (listening, open_now, spool, size, free, full)


def _of_database(_settings: Settings) -> Iterator[Family]:
    with db.engine.connect() as connection:
        size, connections = extent(connection)
        yield _one("openrem_database_bytes", GAUGE, "How large the database is.", size)
        if connections is not None:
            yield _one("openrem_database_connections", GAUGE, "Connections to the database, ours too.", connections)
        jobs = Family("openrem_jobs", GAUGE, "Jobs that are listed, by kind and state.")
        for kind, state, count in connection.execute(
            select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)
        ):
            jobs.add(count, kind=kind, state=state)
        yield jobs
        refused = Family("openrem_refused_objects", GAUGE, "Refused objects that are kept, by result.")
        for result, count in connection.execute(select(Refusal.result, func.count()).group_by(Refusal.result)):
            refused.add(count, result=result)
        yield refused


def _one(name: str, kind: str, help: str, value: float, **labels: str) -> Family:
    family = Family(name, kind, help)
    family.add(value, **labels)
    return family
