"""How far a job is, for people who wait for it, and whether they still want it."""

import time
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, update

from app.extensions import db
from app.models import Job
from app.transactions import undisturbed, writing

TELL_SECONDS = 0.5  # how often we say how far we are, and hear whether to stop


class Aborted(Exception):
    """Somebody told us to stop, or took the job away."""


class Progress:
    """Tells how far the job is, not too often. Raises Aborted where the job is to stop."""

    def __init__(self, job_id: str):
        self._job_id = job_id
        self._told = time.monotonic()

    def __call__(self, done: int) -> None:
        """Hear how much is done."""
        if time.monotonic() - self._told >= TELL_SECONDS:
            self.tell(done=done)

    def tell(self, **values: int) -> None:
        """Write it down."""
        if not advance(self._job_id, "running", **values):
            raise Aborted
        self._told = time.monotonic()


def did(statement: Executable) -> bool:
    """Whether the statement changed or deleted anything."""
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount > 0


def advance(job_id: str, *from_states: str, **values: object) -> bool:
    """Change the job where it is in one of these states. Gives whether it was: somebody may have been quicker."""
    changed = update(Job).where(Job.id == job_id, Job.state.in_(from_states)).values(**values)

    def change() -> bool:
        with writing():
            return did(changed)

    return undisturbed(change)
