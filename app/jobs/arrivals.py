"""Uploaded files until they are read, and what is remembered of them until their job goes, batch by batch."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from flask import current_app
from sqlalchemy import Select, func, select

from app import audit
from app.extensions import db
from app.jobs import control
from app.jobs.batches import FOLDER, forget, is_uuid
from app.jobs.clock import now
from app.jobs.place import clear_desk, storage_here
from app.models import Job, UploadedFile
from app.models.job import FINISHED, SIZES, UPLOAD
from app.models.upload import TABLE, WAITING
from app.settings import Settings
from app.storage import Storage, StorageAway
from app.transactions import writing

ABANDONED = timedelta(days=1)  # a batch that nobody asked to read by then: its browser was closed on the way

WAITS_AS = {UPLOAD: WAITING, SIZES: TABLE}

Arrival = tuple[str, Callable[[Path], None]]  # what the browser calls the file, and what writes it to a path


def new_batch() -> str:
    """The name of a batch that is about to arrive."""
    return str(uuid4())


def is_batch(name: str, owner_id: int, kind: str = UPLOAD) -> bool:
    """Whether it is a batch of the person's for such a job, some of which has arrived and none of which is read yet."""
    own = select(UploadedFile.id).where(UploadedFile.batch == name, UploadedFile.owner_id == owner_id)
    meant = own.where(UploadedFile.result == WAITS_AS[kind])
    return is_uuid(name) and db.session.scalar(meant.limit(1)) is not None and _job_of(name) is None


def add(batch: str, owner_id: int, files: Iterable[Arrival], kind: str = UPLOAD) -> None:
    """Keep the files under names of our own, for such a job; a full disk raises, and of this request nothing stays."""
    clear_desk()  # a web server has nobody else who does
    store = storage_here()
    kept: list[tuple[str, str, int]] = []
    try:
        for name, save in files:
            key = f"{FOLDER}/{batch}/{uuid4().hex}.dcm"
            kept.append((name, key, _kept(store, key, save)))
    except OSError:
        with suppress(StorageAway):
            for _, key, _ in kept:
                store.remove(key)
        raise
    with writing():
        for name, key, size in kept:
            row = UploadedFile(batch=batch, owner_id=owner_id, name=name, file=key, size=size)
            row.result, row.uploaded_at = WAITS_AS[kind], now()
            db.session.add(row)


def _kept(store: Storage, key: str, save: Callable[[Path], None]) -> int:
    """The size of the file that was written to the desk, and from there to where all machines find it."""
    path = store.desk / key
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        save(path)
        size = path.stat().st_size
        store.take(path, key)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return size


def extent(batch: str) -> tuple[int, int]:
    """How many files of the batch have arrived, and how many bytes."""
    counted = select(func.count(), func.coalesce(func.sum(UploadedFile.size), 0))
    files, size = db.session.execute(counted.where(UploadedFile.batch == batch)).one()
    return files, int(size)


def request(batch: str, owner_id: int) -> str:
    """Ask for the batch to be read; gives the id of the job."""
    files, _ = extent(batch)
    title = f"Upload of {files:,} file{'' if files == 1 else 's'}"
    job = Job(kind=UPLOAD, owner_id=owner_id, title=title, query={"batch": batch})
    return control.submit(job, control.asking(audit.UPLOAD_FILES, title, batch=batch, files=files))


def drop_old() -> int:
    """Forget what was uploaded long ago, and what nobody asked to read; gives how many batches there were."""
    settings: Settings = current_app.config["SETTINGS"]
    too_old = now() - timedelta(days=settings.keep_uploads_days)
    finished = select(Job).where(Job.kind == UPLOAD, Job.state.in_(FINISHED), Job.finished_at < too_old)
    jobs = list(db.session.scalars(finished)) if settings.keep_uploads_days else []
    batches = [job.query["batch"] for job in jobs] + _abandoned()
    for job in jobs:
        control.discard(job)
    for batch in batches:
        forget(batch)
    return len(batches)


def _abandoned() -> list[str]:
    latest = func.max(UploadedFile.uploaded_at)
    old = select(UploadedFile.batch).group_by(UploadedFile.batch).having(latest < now() - ABANDONED)
    wanted = {job.query["batch"] for job in db.session.scalars(_of_uploads()) if job.repeatable or not job.finished}
    return [batch for batch in db.session.scalars(old) if batch not in wanted]


def _job_of(batch: str) -> str | None:
    jobs = db.session.scalars(_of_uploads())
    return next((job.id for job in jobs if job.query["batch"] == batch), None)


def _of_uploads() -> Select[Job]:
    """The jobs that read what was uploaded; imports of sizes on the command line have another source."""
    return select(Job).where(Job.kind.in_(WAITS_AS), Job.query["batch"].as_string().is_not(None))
