"""Imports of heights and weights: asked for on a page and done in the queue, or done here and now."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from app import __version__, audit, remembered
from app.extensions import db
from app.faults import described
from app.identity import STORED
from app.jobs import batches, control, slices
from app.jobs.clock import now
from app.jobs.place import storage_here
from app.jobs.progress import Aborted, Progress, did
from app.models import Job, UploadedFile
from app.models.job import SIZES
from app.sizes import place
from app.sizes.identifiers import keeps
from app.sizes.importing import Import, Result
from app.sizes.outcome import Files, in_words
from app.sizes.plan import Plan
from app.sizes.table import NotATable, Table
from app.transactions import writing

FAULT = "The database or the disk failed meanwhile, and the log says how. What was added stays; upload the table again."
GONE = "The table is not there any more. Upload it again."
ON_COMMAND_LINE = "on the command line"

log = logging.getLogger(__name__)


@contextmanager
def table_of(batch: str) -> Iterator[Table]:
    """The table that was uploaded, for a while. Raises NotATable, also where there is none."""
    key = db.session.scalar(select(UploadedFile.file).where(UploadedFile.batch == batch))
    with ExitStack() as stack:
        try:
            path = stack.enter_context(storage_here().fetch(key or f"{batches.FOLDER}/none"))
        except FileNotFoundError:
            raise NotATable(GONE) from None
        yield Table.of(path)


def request(batch: str, plan: Plan, owner_id: int) -> str:
    """Ask for the table to be imported; gives the job's id."""
    asked = control.asking(audit.IMPORT_SIZES, plan.words, **asdict(plan))
    return control.submit(_job(plan, owner_id, batch=batch), asked)


def work(job_id: str) -> None:
    """Import the table. Whatever happens, the job ends ready, failed or aborted, and the table is gone."""
    if slices.begin(job_id):
        job = db.session.get_one(Job, job_id)
        db.session.rollback()
        with _ending(job_id) as counts, table_of(job.query["batch"]) as table:
            _import(job_id, table, counts)


def import_here(table: Table, plan: Plan, heard: Callable[[Result], None], watch: Callable[[int, int], None]) -> str:
    """Import the table here and now, as a job that people can look at; gives its id."""
    job_id = control.remember(_job(plan, None))
    slices.begin(job_id)
    with _ending(job_id) as counts:
        _import(job_id, table, counts, heard, watch)
    return job_id


def _job(plan: Plan, owner_id: int | None, **source: str) -> Job:
    return Job(kind=SIZES, owner_id=owner_id, title=plan.words, query={"plan": asdict(plan), **source})


def _import(
    job_id: str,
    table: Table,
    counts: dict[str, int],
    heard: Callable[[Result], None] = lambda result: None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    job, settings = db.session.get_one(Job, job_id), current_app.config["SETTINGS"]
    plan, by = Plan(**job.query["plan"]), job.owner.username if job.owner else ON_COMMAND_LINE
    at = datetime.now(UTC).isoformat(timespec="seconds")
    db.session.rollback()
    total, progress = sum(1 for _ in table.rows()), Progress(job_id)
    progress.tell(done=0, total=total)
    work = Import(plan, settings.identity, job_id, at)

    def tell(done: int) -> None:
        counts.update(work.counts)
        watch(done, total)
        progress(done)

    about = (f"{plan.words}, {at}, {by}, OpenREM {__version__}", *plan.about)
    store, named = storage_here(), keeps(plan.kind, settings) == STORED
    folder = place.folder_of(store.desk, job_id)
    with place.kept(store, job_id), Files(folder, plan, table, about, named) as files:
        try:
            for result in work.results(table, tell):
                files.note(*result)
                heard(result)
            progress.tell(done=total)
        finally:
            counts.update(work.counts)
            files.end(in_words(counts))


@contextmanager
def _ending(job_id: str) -> Iterator[dict[str, int]]:
    """The counts to keep, and the end of the job, whatever happens."""
    counts: dict[str, int] = {}
    try:
        yield counts
        _end(job_id, counts, "ready", "")
    except Aborted:
        _end(job_id, counts, "aborted", "")
    except NotATable as reason:
        _end(job_id, counts, "failed", str(reason))
    except Exception as error:
        log.error("the size import %s failed\n%s", job_id, described(error))
        _end(job_id, counts, "failed", FAULT)
    finally:
        remembered.forget()


def _end(job_id: str, counts: dict[str, int], state: str, reason: str) -> None:
    """Write down how it ended and that it did, and take the table away."""
    told = in_words(counts) if counts or not reason else ""
    job = db.session.get(Job, job_id)
    if job is None:
        return
    query, what, by = dict(job.query), job.title, job.owner.username if job.owner else None
    values = {"message": " ".join(filter(None, (reason, told))), "finished_at": now()}
    froms = ("running",) if state == "ready" else ("running", "aborting")
    ended = update(Job).where(Job.id == job_id, Job.state.in_(froms))
    with writing():
        is_so = did(ended.values(state=state, query=query | {"counts": counts}, **values))
        if is_so:
            details: dict[str, Any] = {"job": job_id, "counts": counts}
            outcome = audit.DONE if state == "ready" else state
            audit.record(audit.IMPORT_SIZES, what, outcome=outcome, details=details, username=by)
    if not is_so and state == "ready":
        return _end(job_id, counts, "aborted", "")
    batches.forget_source(SIZES, query)
