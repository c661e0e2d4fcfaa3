"""What is kept for a time only, and is neither an export nor a refused object: old jobs, and objects as they came."""

import logging
import time
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, select, update

from app.extensions import db
from app.jobs.clock import now
from app.models import Job, Original, Report
from app.models.job import FINISHED, SIZES, UPLOAD, WITHOUT_FILE
from app.operations import alarms
from app.settings import Settings
from app.transactions import writing

BATCH = 500  # rows changed by one statement
LONGEST_SECONDS = 60  # of each hour, at most; what is left has its turn the next time
# Exports, uploads and imports of sizes have times of their own, as there is more to them than a line in a list.
LISTED = [kind for kind in WITHOUT_FILE if kind not in (SIZES, UPLOAD)]

log = logging.getLogger(__name__)


def drop_old_jobs() -> int:
    """Forget jobs that ended too long ago, and those beyond so many as are kept; gives how many there were."""
    settings: Settings = current_app.config["SETTINGS"]
    over = select(Job.id).where(Job.kind.in_(LISTED), Job.state.in_(FINISHED))
    too_old = over.where(Job.finished_at < now() - timedelta(days=settings.keep_jobs_days))
    ids = set(db.session.scalars(too_old)) if settings.keep_jobs_days else set()
    if settings.keep_jobs:
        ids |= set(db.session.scalars(over.order_by(Job.finished_at.desc(), Job.id).offset(settings.keep_jobs)))
    for some in _batched(sorted(ids)):
        with writing():
            db.session.execute(delete(Job).where(Job.id.in_(some), Job.state.in_(FINISHED)))
    if ids:
        log.info("%d old jobs forgotten", len(ids))
    return len(ids)


def drop_old_alarms() -> None:
    """Forget alarms that were over so long ago."""
    if days := current_app.config["SETTINGS"].keep_jobs_days:
        alarms.drop_old(now() - timedelta(days=days))


def drop_old_objects() -> int:
    """Keep no longer what was received too long ago; what was read of it stays. Gives how many objects there were."""
    days = current_app.config["SETTINGS"].keep_objects_days
    until = time.monotonic() + LONGEST_SECONDS
    dropped = 0
    while days and time.monotonic() < until:
        too_old = Report.received_at < now() - timedelta(days=days)
        kept = (
            select(Original.report_id).join(Report, Report.id == Original.report_id).where(Original.kept.is_not(None))
        )
        ids = list(db.session.scalars(kept.where(too_old).limit(BATCH)))
        if not ids:
            break
        with writing():
            db.session.execute(update(Original).where(Original.report_id.in_(ids)).values(kept=None))
        dropped += len(ids)
    if dropped:
        log.info("%d old objects not kept any longer", dropped)
    return dropped


def _batched(ids: list[str]) -> list[list[str]]:
    return [ids[first : first + BATCH] for first in range(0, len(ids), BATCH)]
