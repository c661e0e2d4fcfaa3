"""What a worker does with an export that was asked for: writes the file, tells how far it is, stops when told."""

import errno
import json
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app
from rq.timeouts import JobTimeoutException
from sqlalchemy import func

from app import __version__
from app.exports.kinds import KINDS, Kind
from app.exports.options import answered, parted
from app.exports.order import Order
from app.exports.place import file_of, part_of, provenance_of, remove
from app.extensions import db
from app.jobs import housekeeping
from app.jobs.clock import now
from app.jobs.progress import Aborted, Progress, advance
from app.models import Job
from app.queries.selection import BadParameter, Selection
from app.settings import Settings
from app.transactions import one_moment

log = logging.getLogger(__name__)

ABOUT = {"made_with": "Made with", "made_at": "Made at", "made_by": "Made by", "selection": "Studies"}


def export(job_id: str) -> None:
    """Make the file that the job asks for. Whatever happens, the job ends ready, failed or aborted."""
    housekeeping.settle()
    if not advance(job_id, "waiting", state="running", started_at=now()):
        return  # aborted before we came to it, or begun already
    job = db.session.get_one(Job, job_id)
    settings: Settings = current_app.config["SETTINGS"]
    file = file_of(settings.media_root, job)
    try:
        _make(file, job, settings)
    except Aborted:
        remove(file)
        advance(job_id, "aborting", state="aborted", finished_at=now())
    except Exception as reason:
        log.exception("export %s failed", job_id)
        remove(file)
        advance(job_id, "running", "aborting", state="failed", message=_in_words(reason), finished_at=now())


def _make(file: Path, job: Job, settings: Settings) -> None:
    """Write the files beside their places, then move them there."""
    kind = KINDS[job.kind]
    query, given = parted(job.query)
    selection, answers = Selection.from_args(kind.modality, query), answered(kind.options, given)
    provenance = {
        "made_by": job.owner.username,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_with": f"OpenREM {__version__}",
        "export": kind.title,
        "selection": selection.words,
        "query": query,
    } | ({"options": answers} if answers else {})
    job_id = job.id
    db.session.rollback()  # returns the connection; making the file takes long
    file.parent.mkdir(parents=True, exist_ok=True)
    order = _write(kind, selection, Wanted(part_of(file), _about(provenance), answers), Progress(job_id))
    told = {"studies": order.total} | ({"notes": order.notes} if order.notes else {})
    story = json.dumps(provenance | told | order.companion, indent=2, ensure_ascii=False)
    provenance_of(file).write_text(story, encoding="utf-8")
    os.replace(part_of(file), file)
    result, size = str(file.relative_to(settings.media_root)), file.stat().st_size
    ready = {"state": "ready", "done": order.total, "message": " ".join(order.notes) or None}
    if not advance(job_id, "running", **ready, result=result, size=size, finished_at=now()):
        raise Aborted


class Wanted(NamedTuple):
    """What a writer is told beside the studies."""

    path: Path
    about: Sequence[tuple[str, str]]
    answers: Mapping[str, str]


def _write(kind: Kind, selection: Selection, wanted: Wanted, progress: Progress) -> Order:
    with one_moment() as connection:
        total = connection.scalar(selection.studies().with_only_columns(func.count())) or 0
        progress.tell(done=0, total=total)
        order = Order(wanted.path, connection, selection.ordered(), total, progress, wanted.about, wanted.answers)
        kind.writer.write(order)
    return order


def _about(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same for the first sheet of a workbook."""
    return [(title, provenance[name]) for name, title in ABOUT.items()]


def _in_words(reason: Exception) -> str:
    """What went wrong and what to try, for the person who waits."""
    if isinstance(reason, BadParameter):
        return f"The filter is not understood any more. {reason}"
    if isinstance(reason, JobTimeoutException):
        return "It took too long. Export fewer studies at a time."
    if isinstance(reason, OSError) and reason.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. An administrator can make room; then try again."
    if isinstance(reason, OSError):
        return f"The file could not be written: {reason.strerror}. An administrator can mend that; then try again."
    return "Something went wrong, and the log says what. Try again; if it happens again, tell an administrator."
