"""What one can choose from: the values that exist, with the number of studies that have each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.extensions import db
from app.models import Name, Study
from app.queries.exact import ExactFilter
from app.queries.listing import COUNTED
from app.queries.selection import Selection

SHOWN = 100  # values at once; the others are found by typing

Counts = list[tuple[str, str, int]]  # value, what it is called, number of studies


@dataclass(frozen=True)
class Choice:
    """One value: how many studies have it, and whether it is chosen."""

    value: str
    called: str
    studies: int
    chosen: bool


@dataclass(frozen=True)
class Choices:
    """The values to show, those that are chosen first, then those that most studies have."""

    shown: Sequence[Choice]
    more: int  # values that are not shown


def counted(selection: Selection, asked: ExactFilter) -> Counts:
    """How many of the studies have each value, the most frequent first."""
    found = select(Study.id).where(*selection.clauses()).subquery()
    studies = Study.id.in_(select(found.c.id)) if selection.conditions else selection.modality.studies
    numbers: Counter[str] = Counter()
    names: dict[str, str] = {}
    for row in db.session.execute(asked.source.counted(studies)):
        for value, called in asked.source.told(row[0], row[1]):
            numbers[value] += row[2]
            names[value] = asked.called.get(value, called)
    return sorted(((one, names[one], number) for one, number in numbers.items()), key=lambda one: (-one[2], one[1]))


def is_narrow(selection: Selection) -> bool:
    """Whether so few studies match that counting within them is quick."""
    some = selection.studies().with_only_columns(Study.id).limit(COUNTED + 1).subquery()
    return bool(selection.conditions) and (db.session.scalar(select(func.count()).select_from(some)) or 0) <= COUNTED


def choices(counts: Iterable[Sequence[object]], chosen: Sequence[str], like: str) -> Choices:
    """Those of the values that contain all words; what is chosen is there in any case."""
    words = Name.fold(like).split()
    every = [Choice(str(value), str(called), int(str(number)), value in chosen) for value, called, number in counts]
    known = {one.value for one in every}
    first = [Choice(one, one, 0, True) for one in chosen if one not in known] + [one for one in every if one.chosen]
    rest = [one for one in every if not one.chosen and all(word in Name.fold(one.called) for word in words)]
    return Choices([*first, *rest[:SHOWN]], max(0, len(rest) - SHOWN))
