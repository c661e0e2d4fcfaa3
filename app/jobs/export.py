"""What a worker does with an export that was asked for: writes the file, tells how far it is, stops when told."""

import errno
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from flask import current_app
from rq.timeouts import JobTimeoutException
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from app import __version__, audit
from app.exports.kinds import KINDS, Kind
from app.exports.options import answered, joined, parted
from app.exports.order import Order
from app.exports.place import file_of, forget, keep, part_of, provenance_of, put_in_place, remove_unfinished
from app.extensions import db
from app.faults import described
from app.jobs.clock import now
from app.jobs.place import storage_here
from app.jobs.progress import Aborted, Progress, advance, did
from app.models import Job
from app.queries.selection import BadParameter, Selection
from app.settings import Settings
from app.transactions import one_moment, writing

log = logging.getLogger(__name__)

ABOUT = {"made_with": "Made with", "made_at": "Made at", "made_by": "Made by", "selection": "Studies"}
PAUSES = (0.2, 0.5, 1, 2, 4, 8, 15)  # seconds, while the database is away


class Watch(Protocol):
    """Hears how far it is, and may raise so that it ends."""

    def __call__(self, done: int) -> None:
        """Hear how many studies are written."""

    def tell(self, **values: int) -> None:
        """Hear it at once: how many of how many."""


@dataclass(frozen=True)
class Wish:
    """An export as somebody wants it."""

    kind: Kind
    selection: Selection
    made_by: str
    answers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Job) -> "Wish":
        """What the job asks for. Raises BadParameter for what is not understood any more."""
        kind = KINDS[job.kind]
        query, given = parted(job.query)
        made_by = job.owner.username if job.owner else ""
        return cls(kind, Selection.from_args(kind.modality, query), made_by, answered(kind.options, given))

    def origin(self) -> dict[str, Any]:
        """Where the file comes from that is made now."""
        options = {"options": self.answers} if self.answers else {}
        return origin(self.made_by, self.kind.title, self.selection.words, query=self.selection.but().query, **options)

    @property
    def audited(self) -> dict[str, Any]:
        """What the audit keeps of it, for programs."""
        return {"kind": self.kind.name, "query": joined(self.selection.but().query, self.answers)}


def origin(made_by: str, export: str, selection: str, **more: Any) -> dict[str, Any]:
    """Who has a file made, of what, with which version, and when: to be kept beside it."""
    told = {"made_by": made_by, "made_with": f"OpenREM {__version__}", "export": export, "selection": selection}
    return told | more | {"made_at": datetime.now(UTC).isoformat(timespec="seconds")}


def export(job_id: str) -> None:
    """Make the file that the job asks for. Whatever happens, the job ends ready, failed or aborted."""
    if not advance(job_id, "waiting", state="running", started_at=now()):
        return  # aborted before we came to it, or begun already
    job = db.session.get_one(Job, job_id)
    store = storage_here()
    file = file_of(store.desk, job)
    try:
        wish = Wish.of(job)
        db.session.rollback()  # returns the connection; making the file takes long
        order = make(file, wish, Progress(job_id))
        told = {"done": order.total, "message": " ".join(order.notes) or None}
        size = file.stat().st_size
        _ready(job_id, wish, **told, result=keep(store, file), size=size)
    except Aborted:
        forget(store, file)
        _end(job_id, state="aborted")
    except Exception as reason:
        log.error("export %s failed\n%s", job_id, described(reason))
        remove_unfinished(file)
        _end(job_id, state="failed", message=in_words(reason), trace=described(reason))
        if not _is_ready(job_id):  # the database may have written down what it could not tell us any more
            forget(store, file)


def make(file: Path, wish: Wish, watch: Watch) -> Order:
    """Make the file and the one beside it that tells its story; gives what was written.

    Until it is whole, the file has another name.
    """
    settings: Settings = current_app.config["SETTINGS"]
    comes_from = wish.origin()
    file.parent.mkdir(parents=True, exist_ok=True)
    with one_moment() as connection:
        total = connection.scalar(wish.selection.studies().with_only_columns(func.count())) or 0
        watch.tell(done=0, total=total)
        order = Order(
            path=part_of(file),
            connection=connection,
            studies=wish.selection.ordered(),
            total=total,
            watch=watch,
            about=_about(comes_from),
            options=wish.answers,
            date_format=settings.xlsx_date,
            time_format=settings.xlsx_time,
        )
        wish.kind.write(order)
    told = {"studies": total} | ({"notes": order.notes} if order.notes else {})
    part_of(provenance_of(file)).write_text(
        json.dumps(comes_from | told | order.companion, indent=2, ensure_ascii=False), encoding="utf-8"
    )
    put_in_place(file)
    return order


def _about(comes_from: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """The same for the first sheet of a workbook."""
    return [(title, comes_from[name]) for name, title in ABOUT.items()]


def _ready(job_id: str, wish: Wish, **values: Any) -> None:
    """Write down that the file is there, and that it was made. Raises Aborted where nobody wants it any more."""
    ready = update(Job).where(Job.id == job_id, Job.state == "running")
    with writing():
        if not did(ready.values(state="ready", finished_at=now(), **values)):
            raise Aborted
        details = wish.audited | {"studies": values["done"], "job": job_id}
        audit.record(audit.EXPORT, f"{wish.kind.title}: {wish.selection.words}", details=details, username=wish.made_by)


def _end(job_id: str, **values: Any) -> None:
    """Write down how it ended, once the database is there."""
    for pause in PAUSES:
        try:
            advance(job_id, "running", "aborting", **values, finished_at=now())
            return
        except DBAPIError:
            time.sleep(pause)
    advance(job_id, "running", "aborting", **values, finished_at=now())


def _is_ready(job_id: str) -> bool:
    state = db.session.scalar(select(Job.state).where(Job.id == job_id))
    db.session.rollback()
    return state == "ready"


def in_words(reason: Exception) -> str:
    """What went wrong and what to try, for the person who waits."""
    cause = next((one for one in (reason, *reason.args) if isinstance(one, OSError)), None)  # XlsxWriter wraps it
    if isinstance(reason, BadParameter):
        return f"The filter is not understood any more. {reason}"
    if isinstance(reason, JobTimeoutException):
        return "It took too long. Export fewer studies at a time."
    if isinstance(reason, DBAPIError):
        return "The database failed or went away meanwhile. Try again once it runs."
    if cause and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. An administrator can make room; then try again."
    if cause:
        return f"The file could not be written: {cause.strerror}. An administrator can mend that; then try again."
    return "Something went wrong, and the log says what. Try again; if it happens again, tell an administrator."
