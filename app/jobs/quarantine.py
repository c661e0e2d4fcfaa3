"""Refused objects: a file and a row each, which come and go together."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, select, update

from app import __version__, audit
from app.extensions import db
from app.ingest.outline import outline
from app.ingest.policy import NO_MATCH
from app.ingest.receive import NOT_A_DOSE_OBJECT, Outcome
from app.jobs.clock import now
from app.jobs.place import storage_here
from app.jobs.reading import STORED, of_this_month, read_file
from app.models import Refusal
from app.queries.quarantine import Refusals
from app.reception import current
from app.transactions import writing

FOLDER = "dicom_refused"
BATCH = 500  # rows deleted by one statement
GONE = "gone"  # what became of a file that somebody took away


def refuse(file: Path, outcome: Outcome, received_at: datetime | None = None) -> str:
    """Keep what could not be read, and write down why: somebody may mend it, another version may know it.

    Gives the key under which it is kept, or nothing.

    The row comes first: a file without its row would be found by upkeep only. Where the site deletes what says nothing
    of dose, the row is all that is kept. When it was received says the file where nobody else does.
    """
    key, status = of_this_month(FOLDER, file.name), file.stat()
    row = {
        "file": key,
        "kept": outcome.result != NOT_A_DOSE_OBJECT or NO_MATCH not in current.policy().deleted,
        "size": status.st_size,
        "received_at": received_at or datetime.fromtimestamp(status.st_mtime, UTC).replace(tzinfo=None),
        "tries": 1,
    }
    with writing():
        db.session.execute(delete(Refusal).where(Refusal.file == row["file"]))
        db.session.add(Refusal(**row, **outline(file), **_verdict(outcome)))
    if row["kept"]:
        storage_here().take(file, key)
        return key
    file.unlink(missing_ok=True)
    return ""


def try_again(id: int) -> str:
    """Read the refused object again; gives the result. What reads well is stored and no longer refused."""
    refusal = db.session.get(Refusal, id)
    if refusal is None or not refusal.kept:
        return GONE
    store, key = storage_here(), refusal.file
    db.session.rollback()  # returns the connection; reading takes one of its own
    try:
        with store.fetch(key) as file:
            outcome = read_file(file)
    except FileNotFoundError:
        forget([id])
        return GONE
    if outcome.result in STORED:
        store.remove(key)
        forget([id])
    else:
        with writing():
            again = {**_verdict(outcome), "tries": Refusal.tries + 1}
            db.session.execute(update(Refusal).where(Refusal.id == id).values(again))
    return outcome.result


def remove(ids: Sequence[int]) -> int:
    """Delete the refused objects with their files; gives how many there were."""
    for some in batched(ids):
        rows = db.session.execute(select(Refusal.file, Refusal.sop_instance_uid).where(Refusal.id.in_(some))).all()
        for row in rows:
            # First: a file without a row would be taken for a new refusal.
            storage_here().remove(row.file)
        with writing():
            db.session.execute(delete(Refusal).where(Refusal.id.in_(some)))
            what = f"{len(rows):,} refused {'object' if len(rows) == 1 else 'objects'}"
            audit.record(audit.DELETE_OBJECTS, what, details={"objects": [row.sop_instance_uid for row in rows]})
    return len(ids)


def ids(refusals: Refusals) -> list[int]:
    """The refused objects as they are now, the oldest first; what is refused meanwhile is not among them."""
    return list(db.session.scalars(refusals.select(Refusal.id).order_by(Refusal.id)))


def ids_of_files(refusals: Refusals) -> list[int]:
    """The same of those whose file is kept."""
    return list(db.session.scalars(refusals.select(Refusal.id).where(Refusal.kept).order_by(Refusal.id)))


def forget(ids: Sequence[int]) -> None:
    """Delete the rows of refused objects whose files are dealt with."""
    for some in batched(ids):
        with writing():
            db.session.execute(delete(Refusal).where(Refusal.id.in_(some)))


def batched(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The numbers in portions that one statement takes."""
    return (ids[first : first + BATCH] for first in range(0, len(ids), BATCH))


def _verdict(outcome: Outcome) -> dict[str, object]:
    return {"result": outcome.result, "reason": outcome.message, "refused_at": now(), "read_by": __version__}
