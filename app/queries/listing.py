"""One page of a selection: its studies and what the page says of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Name, Study
from app.queries.filters import Condition, in_sentence
from app.queries.modalities import TITLE
from app.queries.selection import SIZES, Selection


@dataclass(frozen=True)
class Listing:
    """What a list shows; `selection` is on a page that exists."""

    selection: Selection
    studies: list[Study]
    titles: Mapping[int, str | None]  # what each study is called
    protocols: Mapping[int, list[str]]  # of each study's events (or their agents), in their order
    count: int  # studies that match
    total: int  # studies of the modality

    @property
    def words(self) -> str:
        """The selection, as it goes on behind a number."""
        return in_sentence(self.selection.words)

    @property
    def pages(self) -> int:
        """How many pages the matching studies fill; an empty list is a page too."""
        return _pages(self.count, self.selection)

    @property
    def first(self) -> int:
        """The place of the page's first study among those that match."""
        return (self.selection.page - 1) * self.selection.size + 1

    @property
    def last(self) -> int:
        """The place of the page's last study."""
        return self.first + len(self.studies) - 1

    @property
    def nearby(self) -> list[int | None]:
        """The pages worth a link: the first, the last, those around; None where some are left out between."""
        page = self.selection.page
        near = sorted({1, self.pages, *range(max(1, page - 2), min(self.pages, page + 2) + 1)})
        gaps = [[None, number] if number - before > 1 else [number] for before, number in pairwise([0, *near])]
        return [number for part in gaps for number in part]

    @property
    def sizes(self) -> list[int]:
        """The page sizes that make a difference."""
        return [size for smaller, size in pairwise((0, *SIZES)) if self.count > smaller or size == self.selection.size]

    def share(self, study: Study) -> float:
        """The study's dose as a share of the highest on the page, in percent."""
        return 100 * (self.selection.modality.dose.of(study) or 0) / self._highest if self._highest else 0.0

    @cached_property
    def _highest(self) -> float:
        doses = (self.selection.modality.dose.of(study) for study in self.studies)
        return max((dose for dose in doses if dose is not None), default=0.0)


def listing(selection: Selection) -> Listing:
    """The page that the selection asks for, or the last one where it asks for more; three statements."""
    everything = selection.but(conditions=())
    count, total = db.session.execute(select(_count(selection), _count(everything))).one()
    selection = selection.but(page=min(selection.page, _pages(count, selection)))
    page = selection.ordered().limit(selection.size).offset((selection.page - 1) * selection.size)
    titled = page.outerjoin(Name, Name.id == TITLE).add_columns(Name.text).options(joinedload(Study.equipment))
    rows = db.session.execute(titled).all() if count else []
    studies, titles = [study for study, _ in rows], {study.id: title for study, title in rows}
    return Listing(selection, studies, titles, _protocols(selection, studies), count, total)


def tightest(selection: Selection) -> tuple[Condition, int] | None:
    """The condition without which the most studies would be found, and how many; None where that is none."""
    counts = [_count(selection.without(condition)).label(condition.parameter) for condition in selection.conditions]
    if not counts:
        return None
    found = zip(selection.conditions, db.session.execute(select(*counts)).one(), strict=True)
    condition, count = max(found, key=lambda pair: int(pair[1]))
    return (condition, count) if count else None


def _protocols(selection: Selection, studies: list[Study]) -> dict[int, list[str]]:
    if not studies:
        return {}
    event, called = selection.modality.event, selection.modality.called
    text: Any = called.selected_columns[1]
    wanted = (
        called.where(event.study_id.in_([study.id for study in studies]), text.is_not(None))
        .group_by(event.study_id, text)
        .order_by(func.min(event.number), text)
    )
    protocols = defaultdict(list)
    for study_id, told in db.session.execute(wanted):
        protocols[study_id].append(told)
    return protocols


def _count(selection: Selection) -> ScalarSelect[int]:
    return selection.studies().with_only_columns(func.count()).scalar_subquery()


def _pages(count: int, selection: Selection) -> int:
    return max(1, ceil(count / selection.size))
