"""Deleting studies with all that belongs to them: some at once, or all of a selection in the queue.

The database takes what hangs on a study; codes, rooms and what they are called stay, and texts that no study uses any
more go within the hour. What is deleted and sent again is imported as new.
"""

import time
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Select, delete, func

from app import audit, remembered
from app.extensions import db
from app.jobs import control, slices
from app.jobs.clock import now
from app.jobs.progress import Aborted, Progress, advance
from app.models import Job, Study
from app.models.job import DELETE
from app.queries.deletion import chosen
from app.queries.filters import in_sentence
from app.queries.selection import Selection
from app.transactions import undisturbed, writing

BATCH = 100  # studies deleted in one transaction: importers wait for it where they share one
FAULT = "The database failed meanwhile, and the log says how. What was deleted stays so; try again for the rest."


def delete_chosen(uids: Sequence[str]) -> int:
    """Delete these studies in one transaction; gives how many there were."""
    deleted = undisturbed(lambda: _delete(chosen(uids)))
    remembered.forget()
    return len(deleted)


def request(selection: Selection, upto: int, back: str, owner_id: int) -> str:
    """Ask for all studies of the selection to be deleted that came so far; gives the job's id."""
    query = {"modality": selection.modality.key, "asked": selection.asked, "upto": upto, "back": back}
    job = Job(kind=DELETE, owner_id=owner_id, title=f"Delete {in_sentence(selection.words)}", query=query)
    return control.submit(job, control.asking(audit.DELETE_STUDIES, selection.words, **query))


def delete_slice(job_id: str, after: int = 0) -> None:
    """Delete on behind the study with this number, as long as a slice lasts; the queue hears of what is left."""
    slices.work(job_id, partial(_go_through, job_id, after), FAULT)


def _go_through(job_id: str, after: int, until: float) -> slices.Rest | None:
    """The number of the last study that was deleted, where others are left."""
    job = db.session.get_one(Job, job_id)
    done, progress, by = job.done, Progress(job_id), job.owner.username if job.owner else None
    selection = Selection.from_args(job.query["modality"], job.query["asked"])
    meant = selection.studies().where(Study.id <= job.query["upto"])
    if not after:
        done = 0
        progress.tell(done=0, total=db.session.scalar(meant.with_only_columns(func.count())) or 0)
    while deleted := undisturbed(partial(_delete, _next(meant, after), by, job_id)):
        after, done = deleted[-1], done + len(deleted)
        progress(done)
        if time.monotonic() > until:
            progress.tell(done=done)
            return (after,)
    message = f"{done:,} {'study is' if done == 1 else 'studies are'} deleted."
    if not advance(job_id, "running", state="ready", done=done, message=message, finished_at=now()):
        raise Aborted
    return None


def _next(meant: Select[Study], after: int) -> Select[Study]:
    return meant.where(Study.id > after).order_by(Study.id).limit(BATCH)


def _delete(studies: Select[Study], username: str | None = None, job_id: str | None = None) -> list[int]:
    """Delete the studies and write down that it was done, in one transaction; gives their numbers."""
    # In one order, so that two who delete wait for each other, and not each for both.
    found = studies.with_only_columns(Study.id, Study.study_instance_uid).order_by(None).order_by(Study.id)
    with writing():
        rows = db.session.execute(found.with_for_update(of=Study)).all()
        ids, uids = [row.id for row in rows], [row.study_instance_uid for row in rows]
        if ids:
            db.session.execute(delete(Study).where(Study.id.in_(ids)), execution_options={"synchronize_session": False})
            what = f"{len(ids):,} {'study' if len(ids) == 1 else 'studies'}"
            audit.record(audit.DELETE_STUDIES, what, details={"studies": uids, "job": job_id}, username=username)
    return ids
