"""Whose jobs there are, and how far they are."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, literal, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.models import Job, Refusal, User
from app.models.job import FINISHED, WITHOUT_FILE


@dataclass(frozen=True)
class Waiting:
    """How many of the person's jobs are not finished, and how many refused objects are the person's business."""

    exports: int
    jobs: int  # all the others
    refused: int
    done: int = 0  # of what those jobs have to do
    total: int = 0

    @property
    def all_jobs(self) -> int:
        """How many jobs are not finished."""
        return self.exports + self.jobs


def visible(user: User) -> Select[Job]:
    """The jobs that are the person's business, newest first: the own ones, and all for an administrator."""
    jobs = select(Job).outerjoin(Job.owner).options(contains_eager(Job.owner)).order_by(Job.created_at.desc(), Job.id)
    return jobs if user.may("admin") else jobs.where(Job.owner_id == user.id)


def exports(user: User) -> Select[Job]:
    """Those of them that make a file."""
    return visible(user).where(Job.kind.not_in(WITHOUT_FILE))


def others(user: User) -> Select[Job]:
    """Those of them that make none."""
    return visible(user).where(Job.kind.in_(WITHOUT_FILE))


def waiting(user: User) -> Waiting:
    """What the bar says waits for the person, in one statement."""
    to_see = select(func.count()).where(Refusal.kept, Refusal.result != "ignored").scalar_subquery()
    refused: Any = to_see if user.may("admin") else literal(0)
    under_way = visible(user).where(Job.state.not_in(FINISHED), Job.total.is_not(None)).order_by(None)
    done, total = (
        under_way.with_only_columns(func.coalesce(func.sum(column), 0)).scalar_subquery()
        for column in (Job.done, Job.total)
    )
    asked = select(_unfinished(exports(user)), _unfinished(others(user)), refused, done, total)
    return Waiting(*db.session.execute(asked).one())


def latest(kind: str) -> Job | None:
    """The newest job of the kind, whoever asked for it."""
    jobs = select(Job).where(Job.kind == kind).join(Job.owner).options(contains_eager(Job.owner))
    return db.session.scalars(jobs.order_by(Job.created_at.desc(), Job.id).limit(1)).first()


def _unfinished(jobs: Select[Job]) -> ScalarSelect[int]:
    unfinished = jobs.where(Job.state.not_in(FINISHED)).order_by(None)
    return unfinished.with_only_columns(func.count()).scalar_subquery()
