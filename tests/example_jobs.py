"""Jobs for tests of the queue and its workers, which find them by name."""

import os
import time
from pathlib import Path

from sqlalchemy import text

from app.extensions import db


def write(path: str, words: str = "done"):
    """Leave a trace."""
    Path(path).write_text(words)


def write_slowly(path: str):
    """Say when it begins, and that it came to its end."""
    write(f"{path}.begun")
    time.sleep(1)
    write(path)


def never_end(path: str):
    """Say which process this is, and stay."""
    write(path, str(os.getpid()))
    time.sleep(600)


def never_end_at_first(path: str):
    """Stay the first time, be quick the second."""
    if not Path(path).exists():
        never_end(path)
    write(path)


def fail_with_a_patient():
    """Fail as a database does that quotes what it was given."""
    try:
        raise KeyError("Kanarienvogel^Hansi")
    except KeyError as error:
        raise ValueError(f"no such patient: {error}") from error


def fail(path: str):
    """Count the tries, each of which ends badly."""
    with open(path, "a") as file:
        file.write("tried\n")
    raise ValueError("a sentence for the log")


def crash():
    """End the process without a word, as a fault in a C library does."""
    os._exit(1)


def break_session(path: str):
    """Leave a database session that has failed, as a job does that ends in the middle of a transaction."""
    try:
        db.session.execute(text("SELECT * FROM a_table_that_is_not_there"))
    finally:
        write(path)


def use_session(path: str):
    """Ask the database something."""
    write(path, str(db.session.execute(text("SELECT 42")).scalar()))
