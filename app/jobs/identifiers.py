"""Applies a changed setting to what is stored of who patients are: in the queue, in slices, or here and now."""

import time
from collections.abc import Sequence
from functools import partial

from flask import current_app
from sqlalchemy import Subquery, func, select

from app import audit, remembered
from app.exports.kinds import KINDS
from app.extensions import db
from app.identity import Identity
from app.ingest import forget, staff
from app.jobs import control, slices, upkeep
from app.jobs.clock import now
from app.jobs.progress import Aborted, Progress, advance
from app.models import Job, Study
from app.models.job import FINISHED, IDENTIFIERS
from app.transactions import writing

BATCH = 100  # studies in one transaction: importers wait for it where they share one
TITLE = "Keep of patients only what the settings say"
FAULT = "The database failed meanwhile, and the log says how. What was changed stays so; start it again for the rest."


def kept() -> Identity:
    """What the site keeps."""
    identity: Identity = current_app.config["SETTINGS"].identity
    return identity


def stored() -> dict[str, int]:
    """How many studies have what of their patients."""
    return forget.counted(db.session.connection())


def too_much() -> dict[str, int]:
    """How many studies have more than the site wants, by what it is."""
    found = forget.too_much(kept()).items()
    counts = {what: db.session.scalar(select(func.count()).select_from(Study).where(test)) or 0 for what, test in found}
    return {what: count for what, count in counts.items() if count}


def request(owner_id: int) -> str:
    """Ask for it; gives the job's id."""
    asked = control.asking(audit.CHANGE_IDENTIFIERS, TITLE, **too_much())
    return control.submit(Job(kind=IDENTIFIERS, owner_id=owner_id, title=TITLE, query={}), asked)


def work_slice(job_id: str, after: int = 0) -> None:
    """Go on behind the study with this number, as long as a slice lasts; the queue hears of what is left."""
    slices.work(job_id, partial(_go_through, job_id, after), FAULT)


def apply() -> tuple[int, int]:
    """Do it here and now; gives how many studies were changed, and how many exports deleted."""
    done, after = 0, 0
    while ids := _next(after):
        done, after = done + _lessen(ids), ids[-1]
    upkeep.sweep_names()
    remembered.forget()
    return done, discard_exports()


def discard_exports() -> int:
    """Delete exports that say who patients are, where the site keeps nothing of that; gives how many there were."""
    if current_app.config["SETTINGS"].identifies:
        return 0
    return sum(control.discard(job) for job in identified_exports())


def identified_exports() -> Sequence[Job]:
    """Those that have ended: their files would outlive what they were made of."""
    kinds = [kind.name for kind in KINDS.values() if kind.identified]
    return db.session.scalars(select(Job).where(Job.kind.in_(kinds), Job.state.in_(FINISHED))).all()


def _go_through(job_id: str, after: int, until: float) -> slices.Rest | None:
    job = db.session.get_one(Job, job_id)
    done, progress, by = job.done, Progress(job_id), job.owner.username if job.owner else None
    if not after:
        done = 0
        progress.tell(done=0, total=db.session.scalar(select(func.count()).select_from(_affected())) or 0)
    while ids := _next(after):
        done, after = done + _lessen(ids, by, job_id), ids[-1]
        progress(done)
        if time.monotonic() > until:
            progress.tell(done=done)
            return (after,)
    upkeep.sweep_names()
    exports = discard_exports()
    message = f"{done:,} {'study is' if done == 1 else 'studies are'} changed."
    message += f" {exports:,} {'export' if exports == 1 else 'exports'} with patients’ IDs deleted." if exports else ""
    if not advance(job_id, "running", state="ready", done=done, message=message, finished_at=now()):
        raise Aborted
    return None


def _affected() -> Subquery:
    return forget.affected(kept()).order_by(None).subquery()


def _next(after: int) -> Sequence[int]:
    found = forget.affected(kept()).where(Study.id > after).limit(BATCH)
    ids = db.session.scalars(found).all()
    db.session.rollback()  # returns the connection; the change takes one of its own
    return ids


def _lessen(ids: Sequence[int], username: str | None = None, job_id: str | None = None) -> int:
    """Change these studies and write down that it was done, in one transaction."""
    staff.lessen(db.engine, kept(), ids)
    with writing():
        count = forget.lessen(db.session.connection(), kept(), ids)
        details = {"studies": count, "job": job_id}
        audit.record(audit.CHANGE_IDENTIFIERS, TITLE, details=details, username=username)
    return count
