"""The kinds of jobs there are: what the queue calls, and who may ask for it."""

from dataclasses import dataclass

from app.models import Job
from app.models.job import DELETE, ECHO, ERASE, IDENTIFIERS, REREAD, RETRY, SIZES, UPLOAD


@dataclass(frozen=True)
class Kind:
    """One kind of job."""

    work: str  # what the queue calls, with the job's id
    right: str = "admin"


EXPORT = Kind("app.jobs.export.export", "export")
KINDS = {
    RETRY: Kind("app.jobs.retry.retry"),
    REREAD: Kind("app.jobs.reread.read_slice"),
    DELETE: Kind("app.jobs.deletion.delete_slice"),
    UPLOAD: Kind("app.jobs.upload.read_slice"),
    IDENTIFIERS: Kind("app.jobs.identifiers.work_slice"),
    ECHO: Kind("app.jobs.echo.work"),
    ERASE: Kind("app.jobs.erasing.work"),
    SIZES: Kind("app.jobs.sizes.work", "sizes"),
}


def kind_of(job: Job) -> Kind:
    """The kind of the job; all exports are of one."""
    return KINDS.get(job.kind, EXPORT)
