"""One page of a selection: its studies and what the page says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil

from sqlalchemy import ScalarSelect, Select, func, select, true
from sqlalchemy.orm import aliased, defer, joinedload

from app.extensions import db
from app.models import Name, Study
from app.queries.filters import Condition, in_sentence
from app.queries.selection import Selection
from app.queries.view import SIZES

COUNTED = 10_000  # studies that match; more are counted only when somebody asks
# What no list shows, and long texts at that.
UNSHOWN = [defer(column, raiseload=True) for column in (Study.parts, Study.problems, Study.test_patterns)]


@dataclass(frozen=True)
class Listing:
    """What a list shows; `selection` is on a page that exists."""

    selection: Selection
    studies: list[Study]
    titles: Mapping[int, str | None]  # what each study is called
    protocols: Mapping[int, list[str]]  # of each study's events (or their agents), by name
    count: int  # studies that match; COUNTED where there are more
    is_counted: bool  # whether these are all
    total: int  # studies of the modality
    follows: bool = False  # whether there is another page, where not all are counted

    @property
    def words(self) -> str:
        """The selection, as it goes on behind a number."""
        return in_sentence(self.selection.words)

    @property
    def pages(self) -> int:
        """How many pages the matching studies fill, as far as is known; an empty list is a page too."""
        known = _pages(self.count, self.selection)
        return known if self.is_counted else max(known, self.selection.page + self.follows)

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


def listing(selection: Selection, total: int | None = None) -> Listing:
    """The page that the selection asks for, or the last one where it asks for more.

    Two or three statements: which studies, and how many where the selection has conditions, then what they are.
    `total` is the number of the modality's studies, where it is known.
    """
    if total is None:
        total = counted(selection.but(conditions=()))
    found, ids = (total, _walked(selection, total)) if not selection.conditions else _matching(selection)
    if not ids and selection.page > 1:
        found = counted(selection)
        selection = selection.but(page=min(selection.page - 1, _pages(found, selection)))
        ids = _walked(selection, found)
    rows = db.session.execute(_rows(selection, ids)).all() if ids else []
    rows, follows = rows[: selection.size], len(rows) > selection.size
    titles = {study.id: title for study, title, _ in rows}
    protocols = {study.id: protocols.split("\n") for study, _, protocols in rows if protocols}
    count, is_counted = (COUNTED, False) if found is None else (found, True)
    total = max(total, count)  # which may be remembered, and then older than the count
    return Listing(selection, [study for study, *_ in rows], titles, protocols, count, is_counted, total, follows)


def counted(selection: Selection) -> int:
    """How many studies match, however many these are."""
    return db.session.scalar(selection.studies().with_only_columns(func.count())) or 0


def tightest(selection: Selection) -> tuple[Condition, int] | None:
    """The condition without which the most studies would be found, and how many; None where that is none.

    It counts no further than one more than COUNTED.
    """
    counts = [_up_to_limit(selection.without(condition)).label(condition.name) for condition in selection.conditions]
    if not counts:
        return None
    found = zip(selection.conditions, db.session.execute(select(*counts)).one(), strict=True)
    condition, count = max(found, key=lambda pair: int(pair[1]))
    return (condition, count) if count else None


def _matching(selection: Selection) -> tuple[int | None, list[int]]:
    """How many studies match, None for more than COUNTED, and the ids on the page and one more, in any order.

    Where few match, a database that looks through all in their order until a page is full may look for long: so as
    many as are counted anyway are found first and sorted then. Where there are more, a page is full soon.
    """
    sorts = [column.label(f"sort{place}") for place, column in enumerate(selection.sort_columns)]
    some = selection.sortable(selection.studies()).with_only_columns(Study.id, *sorts).limit(COUNTED + 1)
    found = some.cte("found")
    for dialect in ("postgresql", "sqlite"):  # MariaDB knows no word for it
        found = found.prefix_with("MATERIALIZED", dialect=dialect)
    number = select(func.count().label("number")).select_from(found).subquery()
    columns = [found.c[sort.name] for sort in sorts]
    page = _cut(select(found.c.id).order_by(*selection.in_order(columns)), selection).subquery()
    rows = db.session.execute(select(number.c.number, page.c.id).outerjoin_from(number, page, true())).all()
    if rows[0].number > COUNTED:
        return None, _walked(selection)
    return rows[0].number, [id for _, id in rows if id is not None]


def _walked(selection: Selection, there: int | None = None) -> list[int]:
    """The ids on the page and one more, in the order of an index where there is one.

    No index has what is missing at the end for both directions. So those that miss it are left out as long as there
    are others; `there` is the number of studies that match, where it is known.
    """
    wanted = selection.size + 1
    if there is not None:
        wanted = min(wanted, there - (selection.page - 1) * selection.size)
    ids = selection.sortable(selection.studies().with_only_columns(Study.id))
    first, *others = selection.sort_columns
    reverse = selection.view.reverse
    order = [column.desc() if reverse else column.asc() for column in (first, *others)]
    page = list(db.session.scalars(_cut(ids.where(first.is_not(None)).order_by(*order), selection)))
    if len(page) >= wanted:
        return page
    return list(db.session.scalars(_cut(ids.order_by(*selection.in_order(selection.sort_columns)), selection)))


def _cut(ids: Select[int], selection: Selection) -> Select[int]:
    """The page of the ids, and one more that tells whether another page follows."""
    return ids.limit(selection.size + 1).offset((selection.page - 1) * selection.size)


def _rows(selection: Selection, ids: list[int]) -> Select[Study, str, str]:
    """The studies with what each is called, and with its protocols or agents."""
    title, protocols = aliased(Name), aliased(Name)
    rows = select(Study, title.text, protocols.text).outerjoin(title, title.id == Study.title)
    rows = rows.outerjoin(protocols, protocols.id == selection.modality.called).where(Study.id.in_(ids))
    rows = selection.sortable(rows)
    return rows.order_by(*selection.in_order(selection.sort_columns)).options(joinedload(Study.equipment), *UNSHOWN)


def _up_to_limit(selection: Selection) -> ScalarSelect[int]:
    some = selection.studies().with_only_columns(Study.id).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _pages(count: int, selection: Selection) -> int:
    return max(1, ceil(count / selection.size))
