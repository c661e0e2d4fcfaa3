"""Reading refused objects again because somebody asked: in the queue, telling how far it is and what came of it."""

import logging
from collections import Counter

from app import audit
from app.extensions import db
from app.faults import described
from app.ingest.receive import FAILED, IGNORED, NOT_A_DOSE_OBJECT
from app.jobs import control, quarantine
from app.jobs.clock import now
from app.jobs.progress import Aborted, Progress, advance
from app.jobs.quarantine import GONE
from app.jobs.reading import STORED
from app.models import Job
from app.models.job import RETRY
from app.queries.quarantine import Refusals

FAULT = "The database or the disk failed meanwhile, and the log says how. What was not read is still here; try again."

log = logging.getLogger(__name__)


def request(refusals: Refusals, owner_id: int) -> None:
    """Ask for the refused objects to be read again."""
    title = "One refused object" if refusals.id else "Refused objects"
    query = refusals.but().query
    job = Job(kind=RETRY, owner_id=owner_id, title=title, query=query)
    control.submit(job, control.asking(audit.RETRY_OBJECTS, title, query=query))


def retry(job_id: str) -> None:
    """Read again what the job asks for. Whatever happens, the job ends ready, failed or aborted."""
    if not advance(job_id, "waiting", state="running", started_at=now()):
        return  # aborted before we came to it, or begun already
    query = db.session.get_one(Job, job_id).query
    db.session.rollback()  # returns the connection
    counts: Counter[str] = Counter()
    try:
        _read_again(Refusals.from_args(query), Progress(job_id), counts)
        end = {"state": "ready", "message": in_words(counts)}
    except Aborted:
        end = {"state": "aborted", "message": in_words(counts)}
    except Exception as error:
        log.error("reading refused objects again failed\n%s", described(error))
        end = {"state": "failed", "message": FAULT}
    advance(job_id, "running", "aborting", **end, done=counts.total(), finished_at=now())


def _read_again(refusals: Refusals, progress: Progress, counts: Counter[str]) -> None:
    ids = quarantine.ids_of_files(refusals)
    progress.tell(done=0, total=len(ids))
    for id in ids:
        counts[quarantine.try_again(id)] += 1
        progress(counts.total())


def in_words(counts: Counter[str]) -> str:
    """What came of reading again: 12 read again: 8 are stored now, 4 are refused again."""
    if not counts.total():
        return "There was nothing to read again."
    told = (
        (sum(counts[result] for result in STORED), "stored now"),
        (sum(counts[result] for result in (FAILED, NOT_A_DOSE_OBJECT, IGNORED)), "refused again"),
        (counts[GONE], "not there any more"),
    )
    parts = [f"{count:,} {'is' if count == 1 else 'are'} {what}" for count, what in told if count]
    return f"{counts.total():,} read again: {', '.join(parts)}."
