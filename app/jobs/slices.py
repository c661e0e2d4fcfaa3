"""Long work in slices: when one is done the queue hears of the next, so that nothing else waits long."""

import logging
import time
from collections.abc import Callable

from flask import current_app

from app import queue, remembered
from app.extensions import db
from app.faults import described
from app.jobs.clock import now
from app.jobs.kinds import kind_of
from app.jobs.progress import Aborted, advance
from app.models import Job

SLICE_SECONDS = 20  # then others may have their turn

Rest = tuple[object, ...]  # what the next slice is told besides its job

log = logging.getLogger(__name__)


def work(job_id: str, part: Callable[[float], Rest | None], fault: str, told: Callable[[], str | None] = str) -> None:
    """Do a slice of the job, of those that change studies; it goes on, or ends ready, failed or aborted.

    `part` hears when its time is up, and gives what the next slice is told, or None where it has brought the job to its
    end. `fault` says what to do where it fails, `told` what came of it where it is aborted.
    """
    if not begin(job_id):
        return
    try:
        rest = part(time.monotonic() + SLICE_SECONDS)
        if rest is not None:
            go_on(job_id, *rest)
    except Aborted:
        advance(job_id, "aborting", state="aborted", message=told() or None, finished_at=now())
    except Exception as error:
        trace = described(error)
        log.error("a slice of the job %s failed\n%s", job_id, trace)
        advance(job_id, "running", "aborting", state="failed", message=fault, trace=trace, finished_at=now())
    finally:
        remembered.forget()


def begin(job_id: str) -> bool:
    """Begin with the job, or with its next slice. Gives whether it is still wanted."""
    if advance(job_id, "waiting", state="running", started_at=now()):
        return True
    return advance(job_id, "running", state="running")


def go_on(job_id: str, *args: object) -> None:
    """Ask for the next slice; the queue has it before the job names it, or it would seem lost for a moment."""
    job = db.session.get_one(Job, job_id)
    work, query = kind_of(job).work, job.query | {"slice": job.query.get("slice", 0) + 1}
    db.session.rollback()
    queue.enqueue(
        current_app.config["SETTINGS"], queue.EXPORT, work, job_id, *args, job_id=f"{job_id}-{query['slice']}"
    )
    advance(job_id, "running", query=query)
