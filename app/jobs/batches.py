"""What was uploaded together, until it is read: its files, and what is remembered of them."""

from uuid import UUID

from sqlalchemy import delete

from app.extensions import db
from app.jobs.place import storage_here
from app.models import UploadedFile
from app.models.job import ONCE
from app.sizes import place
from app.transactions import writing

FOLDER = "uploads"


def forget(batch: str) -> None:
    """Delete the batch: what was not read yet, and what is remembered of all of it."""
    if is_uuid(batch):
        storage_here().remove_below(f"{FOLDER}/{batch}")
    with writing():
        members = UploadedFile.archive_id.is_not(None)
        db.session.execute(delete(UploadedFile).where(UploadedFile.batch == batch, members))
        db.session.execute(delete(UploadedFile).where(UploadedFile.batch == batch))


def forget_source(kind: str, query: dict) -> None:
    """Delete what a job that has ended was to read, where it is not read again."""
    if kind in ONCE and "batch" in query:
        forget(query["batch"])


def remove_results(kind: str, job_id: str) -> None:
    """Take away what the job wrote beside what it stored."""
    if kind in ONCE:
        storage_here().remove_below(place.key_of(job_id))


def is_uuid(name: str) -> bool:
    """Whether it can be the name of a batch."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
