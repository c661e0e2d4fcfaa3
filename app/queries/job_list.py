"""The list of jobs that an address asks for: by state, by pages, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func

from app.extensions import db
from app.models import Job, User
from app.queries import jobs
from app.queries.filters import BadParameter
from app.queries.whole import whole

PAGE_SIZE = 25
STATES = {"waiting": ("waiting",), "running": ("running", "aborting"), "failed": ("failed",), "aborted": ("aborted",),
          "ready": ("ready",)}  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """One page of jobs, and how many there are of each state."""

    jobs: Sequence[Job]
    state: str  # empty: all
    page: int
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many there are, whatever their state."""
        return sum(self.counts.values())

    @property
    def pages(self) -> int:
        """How many pages there are of this state."""
        matching = self.counts[self.state] if self.state else self.total
        return max(1, -(-matching // PAGE_SIZE))

    def query(self, page: int) -> dict[str, str]:
        """The address of another page; what says nothing is left out."""
        return {
            name: str(value) for name, value in (("state", self.state), ("page", page if page > 1 else "")) if value
        }


def listing(user: User, args: Mapping[str, str]) -> Listing:
    """The page that the address asks for: administrators see all jobs, others their own that make no file.

    Raises BadParameter.
    """
    state, page = _asked(args)
    shown = jobs.visible(user) if user.may("admin") else jobs.others(user)
    of_state = shown.where(Job.state.in_(STATES[state])) if state else shown
    rows = db.session.scalars(of_state.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    by_state = shown.order_by(None).with_only_columns(Job.state, func.count()).group_by(Job.state)
    told: dict[str, int] = {one: count for one, count in db.session.execute(by_state).all()}
    counts = {name: sum(told.get(one, 0) for one in states) for name, states in STATES.items()}
    return Listing(rows, state, page, counts)


def _asked(args: Mapping[str, str]) -> tuple[str, int]:
    for name in args:
        if name not in ("state", "page"):
            raise BadParameter(f"There is no filter “{name}” here.", name)
    state = args.get("state", "")
    if state and state not in STATES:
        raise BadParameter(f"The state is “{state}”; it takes {', '.join(STATES)}.", "state")
    page: Any = whole(args["page"]) if args.get("page") else 1
    if not page:
        raise BadParameter(f"The page is “{args['page']}”; it takes a number from 1.", "page")
    return state, page
