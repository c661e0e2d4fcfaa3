"""Where the log of an import lies, and the rows that it rejected."""

import shutil
from pathlib import Path

FOLDER = "sizes"


def folder_of(media_root: Path, job_id: str) -> Path:
    """The folder of the job."""
    return media_root / FOLDER / job_id


def log_of(folder: Path) -> Path:
    """What became of each row."""
    return folder / "log.txt"


def rejected_of(folder: Path) -> Path:
    """The rows that were rejected, with the reasons."""
    return folder / "rejected.csv"


def remove(folder: Path) -> None:
    """Take both away."""
    shutil.rmtree(folder, ignore_errors=True)
