"""Whose jobs there are, and how far they are."""

from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.models import Job, Refusal, User
from app.models.job import FINISHED, UPKEEP


@dataclass(frozen=True)
class Waiting:
    """How many of the person's exports are not finished, and how many refused objects are the person's business."""

    exports: int
    refused: int


def visible(user: User) -> Select[Job]:
    """The exports that are the person's business, newest first: the own ones, and all for an administrator."""
    jobs = select(Job).join(Job.owner).options(contains_eager(Job.owner)).order_by(Job.created_at.desc(), Job.id)
    jobs = jobs.where(Job.kind.not_in(UPKEEP))
    return jobs if user.may("admin") else jobs.where(Job.owner_id == user.id)


def waiting(user: User) -> Waiting:
    """What the bar says waits for the person, in one statement."""
    open_ones = select(func.count()).select_from(Job).where(Job.state.not_in(FINISHED), Job.kind.not_in(UPKEEP))
    refused = select(func.count()).select_from(Refusal)
    if user.may("admin"):
        asked = select(open_ones.scalar_subquery(), refused.scalar_subquery())
    else:
        asked = select(open_ones.where(Job.owner_id == user.id).scalar_subquery(), literal(0))
    return Waiting(*db.session.execute(asked).one())


def latest(kind: str) -> Job | None:
    """The newest job of the kind, whoever asked for it."""
    jobs = select(Job).where(Job.kind == kind).join(Job.owner).options(contains_eager(Job.owner))
    return db.session.scalars(jobs.order_by(Job.created_at.desc(), Job.id).limit(1)).first()
