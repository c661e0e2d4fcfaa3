"""The history of exports: a page of it, and what is to be deleted of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func

from app.extensions import db
from app.models import Job, User
from app.models.job import FINISHED
from app.queries.filters import BadParameter
from app.queries.jobs import exports

PAGE_SIZE = 25
MOST_CHOSEN = 500


@dataclass(frozen=True)
class Shown:
    """One page of the exports that are the person's business, newest first."""

    jobs: Sequence[Job]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True)
class Going:
    """Which exports are to be deleted: some that were chosen, or all that had ended by then."""

    user: User
    ids: Sequence[str] = ()
    ended_by: datetime | None = None
    count: int = 0
    size: int = 0
    others: int = 0  # that other people asked for

    @property
    def asked(self) -> list[tuple[str, str]]:
        """The same as the fields of a form."""
        if self.ended_by is not None:
            return [("what", "finished"), ("ended_by", self.ended_by.isoformat())]
        return [("job", id) for id in self.ids]

    @property
    def condition(self) -> ColumnElement[bool]:
        """Which they are, of those that are the person's business."""
        return Job.id.in_(self.ids) if self.ended_by is None else Job.finished_at <= self.ended_by

    def jobs(self) -> Sequence[Job]:
        """The exports themselves."""
        return db.session.scalars(exports(self.user).where(Job.state.in_(FINISHED), self.condition)).all()


def history(user: User, page: int) -> Shown:
    """The page of the history. Raises BadParameter for one that there is not."""
    total = db.session.scalar(exports(user).with_only_columns(func.count()).order_by(None)) or 0
    shown = exports(user).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    if page > max(1, -(-total // PAGE_SIZE)):
        raise BadParameter(f"There is no page {page}.", "page")
    return Shown(db.session.scalars(shown).all(), total, page)


def going(user: User, ids: Sequence[str] = (), ended_by: datetime | None = None) -> Going:
    """What would be deleted, measured. Raises BadParameter for more than a few pages of them."""
    if len(ids) > MOST_CHOSEN:
        raise BadParameter(f"These are more than {MOST_CHOSEN} exports.", "job")
    asked = Going(user, ids, ended_by)
    others = func.coalesce(func.sum(case((Job.owner_id == user.id, 0), else_=1)), 0)
    measured = exports(user).where(Job.state.in_(FINISHED), asked.condition).order_by(None)
    count, size, strange = db.session.execute(
        measured.with_only_columns(func.count(), func.coalesce(func.sum(Job.size), 0), others)
    ).one()
    return Going(user, ids, ended_by, count, int(size), int(strange))
