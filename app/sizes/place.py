"""Where the log of an import lies, and the rows that it rejected."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.storage import Storage

FOLDER = "sizes"


def key_of(job_id: str) -> str:
    """Below which key both are kept."""
    return f"{FOLDER}/{job_id}"


def folder_of(desk: Path, job_id: str) -> Path:
    """The folder of the job on a desk."""
    return desk / key_of(job_id)


@contextmanager
def kept(store: Storage, job_id: str) -> Iterator[None]:
    """Have both where all machines find them, once they are written on the desk."""
    folder = folder_of(store.desk, job_id)
    try:
        yield
    finally:
        for file in (log_of(folder), rejected_of(folder)):
            if file.exists():
                store.take(file, f"{key_of(job_id)}/{file.name}")


def log_of(folder: Path) -> Path:
    """What became of each row."""
    return folder / "log.txt"


def rejected_of(folder: Path) -> Path:
    """The rows that were rejected, with the reasons."""
    return folder / "rejected.csv"
