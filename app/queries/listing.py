"""One page of a selection: its studies and what the page says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import aliased, joinedload

from app.extensions import db
from app.models import Name, Study
from app.queries.filters import Condition, in_sentence
from app.queries.selection import SIZES, Selection


@dataclass(frozen=True)
class Listing:
    """What a list shows; `selection` is on a page that exists."""

    selection: Selection
    studies: list[Study]
    titles: Mapping[int, str | None]  # what each study is called
    protocols: Mapping[int, list[str]]  # of each study's events (or their agents), by name
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
    """The page that the selection asks for, or the last one where it asks for more; two statements."""
    everything = selection.but(conditions=())
    count, total = db.session.execute(select(_count(selection), _count(everything))).one()
    selection = selection.but(page=min(selection.page, _pages(count, selection)))
    page = selection.ordered().limit(selection.size).offset((selection.page - 1) * selection.size)
    rows = db.session.execute(_with_texts(page, selection)).all() if count else []
    titles = {study.id: title for study, title, _ in rows}
    protocols = {study.id: protocols.split("\n") for study, _, protocols in rows if protocols}
    return Listing(selection, [study for study, *_ in rows], titles, protocols, count, total)


def tightest(selection: Selection) -> tuple[Condition, int] | None:
    """The condition without which the most studies would be found, and how many; None where that is none."""
    counts = [_count(selection.without(condition)).label(condition.name) for condition in selection.conditions]
    if not counts:
        return None
    found = zip(selection.conditions, db.session.execute(select(*counts)).one(), strict=True)
    condition, count = max(found, key=lambda pair: int(pair[1]))
    return (condition, count) if count else None


def _with_texts(page: Select[Study], selection: Selection) -> Select[Study, str, str]:
    """The same with what each study is called, and with its protocols or agents."""
    title, protocols = aliased(Name), aliased(Name)
    page = page.outerjoin(title, title.id == Study.title).outerjoin(
        protocols, protocols.id == selection.modality.called
    )
    return page.add_columns(title.text, protocols.text).options(joinedload(Study.equipment))


def _count(selection: Selection) -> ScalarSelect[int]:
    return selection.studies().with_only_columns(func.count()).scalar_subquery()


def _pages(count: int, selection: Selection) -> int:
    return max(1, ceil(count / selection.size))
