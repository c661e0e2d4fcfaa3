"""The one reader that fills every table: it walks a report once and gives each item to the column that claims it.

- Containers that nobody claims are looked through; items that have a value are not, unless a column claims what
  qualifies them (`within`).
- The item nearest its claim wins; a second, different value is a problem.
- A number arrives in the column's unit or not at all.
- What no column took is unread, and kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.layout import Field, Layout, Part, Row, Wanted
from app.dicom.values import Unreadable, parse

# Who the patient is (TID 1007) and who wrote (PNAME items) is never repeated outside the columns made for it.
SUBJECT = {"121028", "121029", "121030", "121031", "121036", "121022"}

REPORT, IMAGE = "dose report", "image"  # kinds of objects: whoever makes a report has seen every exposure
WITHHELD = "withheld: a name or number of a person"


@dataclass(frozen=True)
class Problem:
    """Something wrong in a report: where, what, and the value that was not stored."""

    path: str
    message: str
    value: str = ""

    def as_json(self) -> dict[str, str]:
        """The problem as a JSON object."""
        return {"path": self.path, "message": self.message, "value": self.value}


@dataclass
class Reading:
    """What a report gave: one row with its parts, the problems, the items that no column took."""

    row: Row
    problems: list[Problem] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)  # values by path, in the order of the report
    items: int = 0  # content items met, containers included
    kind: str = REPORT
    doubts: dict[str, list[str]] = field(default_factory=dict)  # the paths of doubtful items, by what is doubtful

    @property
    def unread_count(self) -> int:
        """How many items no column took."""
        return sum(map(len, self.unread.values()))


def read(root: Item, layout: Layout) -> Reading:
    """The report as rows of the layout."""
    reading = Reading(Row(layout))
    _Filler(reading, reading.row, path=str(root.concept or "")).fill(root)
    for doubt, paths in reading.doubts.items():
        more = f" (and {len(paths) - 1} more items)" if len(paths) > 1 else ""
        reading.problems.append(Problem(paths[0], f"may be damaged: {doubt}{more}"))
    return reading


class _Filler:
    """Fills one row from the item that its layout claims."""

    def __init__(self, reading: Reading, row: Row, path: str):
        self.reading, self.row, self.path = reading, row, path
        self.depths: dict[str, int] = {}

    def fill(self, claimed: Item) -> None:
        self._count(claimed, self.path)
        own = self._field(claimed, (), claimed)
        if own and claimed.value_type != "CONTAINER":
            self._offer(own, claimed, 0, self.path)
        elif claimed.value:
            self._unread(claimed, self.path)
        self._walk(claimed, self.path, 1, ())

    def _walk(self, parent: Item, path: str, depth: int, under: tuple[Concept, ...]) -> None:
        for item in parent.children:
            part = self._part(item, under, parent)
            item_path = f"{path} › {item.concept or 'no concept'}"
            if part:
                row = Row(part.layout)
                self.row.parts.setdefault(part.name, []).append(row)
                _Filler(self.reading, row, item_path).fill(item)
                continue
            self._count(item, item_path)
            if item.value_type != "CONTAINER":
                self._take(item, item_path, depth, under, parent)
            below = under if item.value_type == "CONTAINER" or not item.concept else (*under, item.concept)
            self._walk(item, item_path, depth + 1, below)

    def _count(self, item: Item, path: str) -> None:
        self.reading.items += 1
        if item.doubt:
            self.reading.doubts.setdefault(item.doubt, []).append(path)

    def _take(self, item: Item, path: str, depth: int, under: tuple[Concept, ...], parent: Item) -> None:
        wanted = self._field(item, under, parent)
        if wanted:
            self._offer(wanted, item, depth, path)
        else:
            self._unread(item, path)

    def _field(self, item: Item, under: tuple[Concept, ...], parent: Item) -> Field | None:
        candidates = self.row.layout.fields_by_concept.get(item.concept, ())
        if len(candidates) > 1:
            candidates = tuple(field for field in candidates if _fits(field, item)) or candidates
        return _choose(candidates, under, item, parent)

    def _part(self, item: Item, under: tuple[Concept, ...], parent: Item) -> Part | None:
        return _choose(self.row.layout.parts_by_concept.get(item.concept, ()), under, item, parent)

    def _offer(self, wanted: Field, item: Item, depth: int, path: str) -> None:
        try:
            values = parse(wanted, item)
        except Unreadable as problem:
            self._problem(path, str(problem), _kept(item))
            return
        if wanted.many and values:
            self.row.values.setdefault(wanted.name, []).extend(values)
        elif values:
            self._single(wanted, item, values[0], depth, path)

    def _single(self, wanted: Field, item: Item, value: object, depth: int, path: str) -> None:
        kept = self.row.values.get(wanted.name)
        nearer = kept is None or depth < self.depths[wanted.name]
        if nearer:
            self.row.values[wanted.name], self.depths[wanted.name] = value, depth
        if kept is not None and kept != value:
            loser = WITHHELD if _is_personal(item) else str(kept if nearer else value)
            self._problem(path, "appears again with another value; the one nearest its event was kept", loser)

    def _unread(self, item: Item, path: str) -> None:
        self.reading.unread.setdefault(path, []).append(_kept(item))

    def _problem(self, path: str, message: str, value: str) -> None:
        self.reading.problems.append(Problem(path, message, value))


def _fits(field: Field, item: Item) -> bool:
    """Whether the field holds such values, where the standard allows a code or a text for the same item."""
    return (field.kind == "code") == (isinstance(item.value, Concept) and bool(item.value.value))


def _choose(candidates: tuple[Wanted, ...], under: tuple[Concept, ...], item: Item, parent: Item) -> Wanted | None:
    """The candidate for an item below these items with values.

    Some devices write what qualifies an item beside it instead of below it: where only one candidate wants the
    concept, that is no loss; where several do, it belongs to the nearest before it.
    """
    for candidate in candidates:
        if candidate.within in under if candidate.within else not under:
            return candidate
    if not candidates or under:
        return None
    return candidates[0] if len(candidates) == 1 else _of_nearest(candidates, item, parent)


def _of_nearest(candidates: tuple[Wanted, ...], item: Item, parent: Item) -> Wanted | None:
    """The candidate that qualifies the nearest of the items before this one."""
    nearest: Wanted | None = None
    for sibling in parent.children:
        if sibling is item:
            break
        nearest = next((one for one in candidates if one.within == sibling.concept), nearest)
    return nearest


def _is_personal(item: Item) -> bool:
    return item.value_type == "PNAME" or (item.concept is not None and item.concept.value in SUBJECT)


def _kept(item: Item) -> str:
    if _is_personal(item):
        return WITHHELD
    if item.value is None:
        return item.qualifier or "empty"
    return f"{item.value} {item.unit}".strip()


def walk(item: Item) -> Iterator[Item]:
    """The item and everything below it, in the order of the report."""
    yield item
    for child in item.children:
        yield from walk(child)
