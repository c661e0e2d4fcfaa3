"""Whose jobs there are, and how far they are."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.models import Job, User
from app.models.job import FINISHED


def visible(user: User) -> Select[Job]:
    """The jobs that are the person's business, newest first: the own ones, and all for an administrator."""
    jobs = select(Job).join(Job.owner).options(contains_eager(Job.owner)).order_by(Job.created_at.desc(), Job.id)
    return jobs if user.may("admin") else jobs.where(Job.owner_id == user.id)


def unfinished(user: User) -> int:
    """How many of them still have something to happen."""
    open_ones = select(func.count()).select_from(Job).where(Job.state.not_in(FINISHED))
    return db.session.scalar(open_ones if user.may("admin") else open_ones.where(Job.owner_id == user.id)) or 0
