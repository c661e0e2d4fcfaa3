"""What somebody wants of a table: which columns are what, in which units; and what speaks against it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.sizes.headings import guess
from app.sizes.identifiers import ACCESSION, DATES, IDENTIFIERS, PATIENT, UID, day_of, guessed_order
from app.sizes.measures import (
    HEIGHT,
    MEASURES,
    WEIGHT,
    Absurd,
    Measure,
    check_both,
    guessed_unit,
    is_usual,
    numbers,
    spread,
)
from app.sizes.table import Row, Table

JUDGED = 1000  # rows that guesses and doubts rest on
MOST = 0.5  # share of them
FEW, CLEARLY = 10, 0.6  # rows that tell nothing for sure, and the share of a spread that is clearly less
MOST_DAYS = 365
USUAL_DAYS = 7
IN_ANY = {one.name: one.units[0].name for one in MEASURES}


@dataclass(frozen=True)
class Plan:
    """How to read the table. Columns are counted from 0; height or weight may be without one."""

    kind: str
    identifier: int
    height: int | None
    weight: int | None
    height_unit: str = HEIGHT.units[0].name
    weight_unit: str = WEIGHT.units[0].name
    date: int | None = None  # where the identifier is a patient's
    order: str = "iso"  # of the dates' parts
    days: int = USUAL_DAYS  # between the date of a row and that of its study
    overwrite: bool = False

    def column(self, measure: Measure) -> int | None:
        """Where the measure stands."""
        return getattr(self, measure.name)

    def unit(self, measure: Measure) -> str:
        """In which unit."""
        return getattr(self, f"{measure.name}_unit")

    @property
    def words(self) -> str:
        """What is imported, and by what."""
        told = [measure.title for measure in MEASURES if self.column(measure) is not None]
        what = " and ".join(told).capitalize().replace("Height and weight", "Heights and weights")
        return f"{what} by {_small(IDENTIFIERS[self.kind].title)}"

    @property
    def about(self) -> list[str]:
        """Where the numbers stand, and what becomes of those that studies have."""
        columns = [(one, self.column(one)) for one in MEASURES]
        told = [f"{one.title}: column {place + 1}, in {self.unit(one)}" for one, place in columns if place is not None]
        return [
            *told,
            "What a study has already is overwritten" if self.overwrite else "What a study has already stays",
        ]

    @property
    def columns(self) -> list[int]:
        """The columns that matter."""
        wanted = (self.identifier, self.date if self.kind == PATIENT else None, self.height, self.weight)
        return [column for column in wanted if column is not None]


@dataclass(frozen=True)
class Line:
    """One row as it is understood; where it can't be, the reason."""

    number: int
    cells: tuple[str, ...]  # of the columns that matter, the identifier first
    values: Mapping[str, float] = field(default_factory=dict)  # by the measure's name
    day: date | None = None
    reason: str = ""

    @property
    def written(self) -> str:
        """The identifier."""
        return self.cells[0]


def guessed(table: Table, kinds: Sequence[str]) -> Plan:
    """What the headings and the first rows make likely."""
    found, rows = guess(table.headings), table.beginning(JUDGED)
    kind = next((kind for kind in (ACCESSION, UID, PATIENT) if kind in found and kind in kinds), kinds[0])
    plan = Plan(kind, found.get(kind, 0), found.get(HEIGHT.name), found.get(WEIGHT.name), date=found.get("date"))
    dates = _cells(rows, plan.date)
    return with_units(replace(plan, order=guessed_order(dates)), table, rows)


def with_units(plan: Plan, table: Table, rows: Sequence[Row]) -> Plan:
    """The same with the units that the numbers make likely."""
    heights, weights = (_cells(rows, plan.column(one)) for one in MEASURES)
    titles = ["" if plan.column(one) is None else table.headings[plan.column(one) or 0] for one in MEASURES]
    height = guessed_unit(HEIGHT, titles[0], heights, weights)
    weight = WEIGHT.told_by(titles[1]) or ("lb" if height == "in" else guessed_unit(WEIGHT, titles[1], weights))
    return replace(plan, height_unit=height, weight_unit=weight)


def lines(table: Table, plan: Plan) -> Iterator[Line]:
    """Each row of the table, understood or with the reason why not. Raises NotATable."""
    for row in table.rows():
        yield line(row, plan)


def line(row: Row, plan: Plan) -> Line:
    """The row, understood or with the reason why not."""
    number, cells = row
    chosen = tuple(cells[column] for column in plan.columns)
    day = day_of(cells[plan.date or 0], plan.order) if plan.kind == PATIENT else None
    if not chosen[0]:
        return Line(number, chosen, reason="It has no identifier")
    if plan.kind == PATIENT and day is None:
        return Line(number, chosen, reason="Its date is missing or can't be read")
    try:
        values = _values(cells, plan)
    except Absurd as reason:
        return Line(number, chosen, reason=str(reason))
    return Line(number, chosen, values, day, "" if values else "It has neither height nor weight")


def _values(cells: Sequence[str], plan: Plan) -> dict[str, float]:
    found = {}
    for measure in MEASURES:
        column = plan.column(measure)
        value = None if column is None else measure.read(cells[column], plan.unit(measure))
        if value is not None:
            found[measure.name] = value
    check_both(found.get(HEIGHT.name), found.get(WEIGHT.name))
    return found


def doubts(table: Table, plan: Plan) -> list[str]:
    """What speaks against the plan, judged by the first rows: said before anything is imported."""
    rows = table.beginning(JUDGED)
    if _swapped(rows, plan) or _may_be_swapped(rows, plan, table):
        return ["Height and weight look swapped: in each other's place most rows would make sense."]
    told = [doubt for measure in MEASURES if (doubt := _doubt(measure, rows, table, plan))]
    if plan.kind == PATIENT and rows:
        bad = sum(day_of(cell, plan.order) is None for cell in _cells(rows, plan.date))
        told += ["Most rows have no date that can be read so."] if bad > len(rows) * MOST else []
    return told


def _doubt(measure: Measure, rows: Sequence[Row], table: Table, plan: Plan) -> str:
    column, unit = plan.column(measure), plan.unit(measure)
    filled = [cell for cell in _cells(rows, column) if cell]
    if column is None or not filled:
        return ""
    found = numbers(filled)
    where = f"The column “{table.headings[column]}”"
    if len(found) < len(filled) * MOST:
        return f"{where} has few numbers. Is it the {measure.name}?"
    if measure.fits(found, unit) >= len(found) * MOST:
        return ""
    best = max(measure.units, key=lambda one: measure.fits(found, one.name))
    fits = measure.fits(found, best.name) >= len(found) * MOST
    hint = f" In {best.name} they would be." if fits else f" Is it the {measure.name}?"
    return f"{where}: in {unit} most of its numbers are no {measure.name}s of {measure.limits}.{hint}"


def _swapped(rows: Sequence[Row], plan: Plan) -> bool:
    """Whether most rows are of no usual person, and with the columns swapped are."""
    if plan.height is None or plan.weight is None:
        return False
    other = replace(plan, height=plan.weight, weight=plan.height)
    if max(_usual(rows, plan), _usual(rows, _by_numbers(plan, rows))) >= MOST:
        return False  # as they are, perhaps in other units
    return max(_usual(rows, other), _usual(rows, _by_numbers(other, rows))) > MOST


def _may_be_swapped(rows: Sequence[Row], plan: Plan, table: Table) -> bool:
    """Whether inches and pounds, which no heading tells, could be kilograms and centimetres as well.

    What many people weigh differs much more than how tall they are.
    """
    if (
        plan.height is None
        or plan.weight is None
        or plan.height_unit != "in"
        or HEIGHT.told_by(table.headings[plan.height])
    ):
        return False
    metric = replace(plan, height=plan.weight, weight=plan.height, height_unit="cm", weight_unit="kg")
    if _usual(rows, metric) < MOST:
        return False
    heights, weights = (numbers(_cells(rows, column)) for column in (plan.height, plan.weight))
    return len(rows) < FEW or spread(heights) > spread(weights) * CLEARLY


def _by_numbers(plan: Plan, rows: Sequence[Row]) -> Plan:
    """The same in the units that the numbers make likely, whatever the headings say."""
    heights, weights = (_cells(rows, plan.column(one)) for one in MEASURES)
    height = guessed_unit(HEIGHT, "", heights, weights)
    return replace(plan, height_unit=height, weight_unit="lb" if height == "in" else guessed_unit(WEIGHT, "", weights))


def _usual(rows: Sequence[Row], plan: Plan) -> float:
    """The share of usual people among the rows that have both numbers."""
    both = [(cells[plan.height or 0], cells[plan.weight or 0]) for _, cells in rows]
    both = [one for one in both if all(one)]
    return sum(_is_usual(*one, plan) for one in both) / len(both) if both else 1.0


def _is_usual(height: str, weight: str, plan: Plan) -> bool:
    try:
        told = HEIGHT.read(height, plan.height_unit), WEIGHT.read(weight, plan.weight_unit)
    except Absurd:
        return False
    return is_usual(*told)


def _cells(rows: Sequence[Row], column: int | None) -> list[str]:
    return [] if column is None else [cells[column] for _, cells in rows]


def _small(title: str) -> str:
    """The title inside a sentence: but for names that are capitals anyway."""
    return title if title.startswith("Study") else title[:1].lower() + title[1:]


ORDERS = tuple(DATES)
