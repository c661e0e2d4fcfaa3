"""Reads what was uploaded: files one by one, archives member by member, in slices; each gets its verdict."""

import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import Row, func, select, update

from app import storage
from app.extensions import db
from app.ingest.receive import DUPLICATE, FAILED, IGNORED, IMPORTED, NOT_A_DOSE_OBJECT, Outcome
from app.ingest.sources import Source, Unopened, archived
from app.jobs import slices
from app.jobs.clock import now
from app.jobs.ingest import deal_with
from app.jobs.place import storage_here
from app.jobs.progress import Progress, advance
from app.models import Job, Refusal, UploadedFile
from app.models.upload import OPENED, WAITING
from app.transactions import writing

FAULT = "The database or the disk failed meanwhile, and the log says how. What was not read is still here; try again."
EMPTY = "There is no file in it."
TOO_LARGE = "It unpacks to more than {:,} MB, which is more than this site takes at a time. Unpack it and upload parts."
READ_BEFORE = "It was read before the worker stopped."


def read_slice(job_id: str) -> None:
    """Read on as long as a slice lasts; the queue hears of what is left, and what has its verdict is not read again."""
    slices.work(job_id, partial(_read_on, job_id), FAULT, told=lambda: in_words(_batch_of(job_id)))


def in_words(batch: str) -> str:
    """What came of it: 12 files: 8 imported, 3 stored already, 1 failed."""
    counts = _counts(batch)
    told = (
        (counts.get(IMPORTED, 0), "imported"),
        (counts.get(DUPLICATE, 0), "stored already"),
        (counts.get(NOT_A_DOSE_OBJECT, 0), "not about dose"),
        (counts.get(IGNORED, 0), "ignored by rules"),
        (counts.get(FAILED, 0), "failed"),
        (counts.get(WAITING, 0), "not read"),
    )
    total = sum(count for count, _ in told)
    parts = ", ".join(f"{count:,} {what}" for count, what in told if count)
    return f"{total:,} file{'' if total == 1 else 's'}: {parts}." if total else EMPTY


def _read_on(job_id: str, until: float) -> slices.Rest | None:
    batch = _batch_of(job_id)
    if not _read(job_id, batch, until):
        return ()
    advance(job_id, "running", "aborting", state="ready", message=in_words(batch), finished_at=now())
    return None


def _batch_of(job_id: str) -> str:
    batch: str = db.session.get_one(Job, job_id).query["batch"]
    db.session.rollback()  # returns the connection; reading takes one of its own
    return batch


def _read(job_id: str, batch: str, until: float) -> bool:
    """Whether everything is read; else the time is up."""
    rows = _waiting(batch)
    done = sum(count for result, count in _counts(batch).items() if result not in (WAITING, OPENED))
    progress = Progress(job_id)
    progress.tell(done=done, total=done + sum(map(_left_in, rows)))
    for row in rows:
        for _ in _steps(row):
            done += 1
            progress(done)
            if time.monotonic() > until:
                return False
    progress.tell(done=done)
    return True


def _waiting(batch: str) -> Sequence[Row[*tuple[Any, ...]]]:
    columns = (
        UploadedFile.id, UploadedFile.batch, UploadedFile.owner_id, UploadedFile.name, UploadedFile.file,
        UploadedFile.uploaded_at,
    )  # fmt: skip
    waiting = select(*columns).where(UploadedFile.batch == batch, UploadedFile.result == WAITING)
    rows = db.session.execute(waiting.order_by(UploadedFile.id)).all()
    db.session.rollback()
    return rows


def _counts(batch: str) -> dict[str, int]:
    counted = select(UploadedFile.result, func.count()).where(UploadedFile.batch == batch)
    counts = {result: count for result, count in db.session.execute(counted.group_by(UploadedFile.result))}
    db.session.rollback()
    return counts


def _left_in(row: Row[*tuple[Any, ...]]) -> int:
    """How many verdicts the file is still to get."""
    if storage.is_elsewhere(current_app.config["SETTINGS"]) and not row.name.lower().endswith(".zip"):
        return 1  # to look into each would cost as much as to read it
    try:
        with storage_here().fetch(row.file) as path:
            if zipfile.is_zipfile(path):
                with archived(path) as sources:
                    return max(1, len(sources) - _members_read(row.id))
    except (FileNotFoundError, Unopened):
        pass
    return 1


def _steps(row: Row[*tuple[Any, ...]]) -> Iterator[None]:
    """Read the file, or each member of the archive; comes back after each."""
    store, outcome = storage_here(), None
    try:
        with store.fetch(row.file) as path:
            if zipfile.is_zipfile(path):
                yield from _open(row, path)
            else:
                outcome = deal_with(path)
    except FileNotFoundError:
        outcome = _dealt_with(row.file)
    store.remove(row.file)
    if outcome:
        _note(row.id, outcome)
        yield


def _open(row: Row[*tuple[Any, ...]], path: Path) -> Iterator[None]:
    try:
        with archived(path) as sources:
            _check_size(sources)
            yield from _unpack(row, sources, path.parent)
            _note(row.id, Outcome(OPENED, "") if sources else Outcome(FAILED, EMPTY))
    except Unopened as reason:
        _note(row.id, Outcome(FAILED, str(reason)))
        yield


def _unpack(row: Row[*tuple[Any, ...]], sources: Sequence[Source], folder: Path) -> Iterator[None]:
    """Read the archive's members, from where somebody may have stopped."""
    for place in range(_members_read(row.id), len(sources)):
        outcome = _read_member(sources[place], folder)
        _note_member(row, place, sources[place], outcome)
        yield


def _check_size(sources: Sequence[Source]) -> None:
    most = current_app.config["SETTINGS"].upload_unpacked_mb
    if sum(source.member.file_size for source in sources if source.member) > most << 20:
        raise Unopened(TOO_LARGE.format(most))


def _read_member(source: Source, folder: Path) -> Outcome:
    """Unpack the member beside its archive, and read it as what came alone."""
    file = folder / f"{uuid4().hex}.dcm"
    try:
        with source.open() as packed, file.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
    except Unopened as reason:
        return Outcome(FAILED, str(reason))
    return deal_with(file)


def _members_read(archive_id: int) -> int:
    counted = select(func.count()).select_from(UploadedFile).where(UploadedFile.archive_id == archive_id)
    count = db.session.scalar(counted) or 0
    db.session.rollback()
    return count


def _dealt_with(key: str) -> Outcome:
    """What became of a file that was read when its worker stopped, before its verdict was written."""
    name = PurePosixPath(key).name
    refused = select(Refusal.result, Refusal.reason).where(Refusal.file.endswith(f"/{name}", autoescape=True))
    found = db.session.execute(refused).first()
    db.session.rollback()
    return Outcome(found.result, found.reason) if found else Outcome(IMPORTED, READ_BEFORE)


def _note(id: int, outcome: Outcome) -> None:
    with writing():
        db.session.execute(update(UploadedFile).where(UploadedFile.id == id).values(_verdict(outcome)))


def _note_member(row: Row[*tuple[Any, ...]], place: int, source: Source, outcome: Outcome) -> None:
    assert source.member is not None  # nosec B101 # for the type checker: it is one of an archive
    name, size = f"{row.name}: {source.member.filename}", source.member.file_size
    member = UploadedFile(batch=row.batch, owner_id=row.owner_id, name=name, size=size, archive_id=row.id, member=place)
    for column, value in _verdict(outcome).items():
        setattr(member, column, value)
    member.uploaded_at = row.uploaded_at
    with writing():
        db.session.add(member)


def _verdict(outcome: Outcome) -> dict[str, str | None]:
    stored = outcome.result in (IMPORTED, DUPLICATE)
    uid = outcome.study_instance_uid if stored else None
    return {"result": outcome.result, "reason": outcome.message, "study_instance_uid": uid}
