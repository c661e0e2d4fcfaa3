"""Pictures of a study's dose: bars by event, steps over time, points against another quantity.

A picture knows no pixels: what is stretched to its place lies between 0 and 1000, names of axes are in percent.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from app.dicom.layout import Field
from app.queries.axis import Axis, Clock, Tick, counted, round_axis
from app.queries.event_table import row_name
from app.queries.modalities import Modality
from app.queries.quantities import brief, for_people, unit_words
from app.queries.study import Stored
from app.queries.tiles import short

SIZE = 1000
WIDEST = 60  # a bar, so that two are no walls
LEAST = 4  # of the height, so that the smallest bar is seen
SHAPES = 6  # that marks.html draws
NOT_TOLD = "not in the report"


@dataclass(frozen=True)
class Mark:
    """What stands for one event: where it is, the row that it leads to, and what it tells who points at it."""

    row: str
    words: str
    x: float
    y: float = 0
    width: float = 0
    height: float = 0
    shape: int = 0


@dataclass(frozen=True)
class Line:
    """A line of steps, by its corners, and what it is of."""

    words: str
    path: str


@dataclass(frozen=True)
class Picture:
    """Marks between two axes, and what they show in words."""

    title: str
    words: str
    x_title: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    bars: list[Mark] = field(default_factory=list)
    strips: list[Mark] = field(default_factory=list)  # what one points at where there are lines
    lines: list[Line] = field(default_factory=list)
    points: list[Mark] = field(default_factory=list)
    legend: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Dose:
    """A quantity of the events of one kind, in the unit that people use, by the events' places."""

    stored: Stored
    kind: Modality
    item: Field
    events: dict[int, Any]
    values: dict[int, float | None]

    @property
    def unit(self) -> str:
        """The unit as people write it."""
        return unit_words(self.item.unit)

    @cached_property
    def told(self) -> dict[int, float]:
        """The values that there are."""
        return {place: value for place, value in self.values.items() if value is not None}

    def amount(self, value: float) -> str:
        """A value with its unit."""
        return f"{brief(float(f'{value:.6g}'))} {self.unit}".rstrip()

    def called(self, place: int) -> str:
        """The event with what tells it from others, and its dose."""
        event = self.events[place]
        started = f"{event.started_at:%H:%M:%S}" if event.started_at else None
        columns = ("irradiation_event_type", "acquisition_type", "agent", "laterality", "image_view")
        codes = (self.stored.code(event, column) for column in columns if column in vars(event))
        words = [f"Event {place}", started, self.stored.protocol(event), *(short(code) for code in codes if code)]
        value = self.values[place]
        return f"{', '.join(word for word in words if word)}: {NOT_TOLD if value is None else self.amount(value)}"

    @property
    def largest(self) -> int:
        """The place of the event with the most."""
        return max(self.told, key=self.told.__getitem__)


Drawing = Callable[[Stored, Modality], Picture | None]


def pictures(stored: Stored) -> list[Picture]:
    """A picture for each kind of dose that the study has; none where there is nothing to compare."""
    return [picture for kind in stored.kinds if (picture := DRAWINGS[kind.stored](stored, kind)) is not None]


def by_event(*columns: str) -> Drawing:
    """A bar for each event in the order they happened, of the first of the columns that they have."""

    def draw(stored: Stored, kind: Modality) -> Picture | None:
        dose = _dose(stored, kind, columns)
        return _bars(dose) if dose else None

    return draw


def over_time(*columns: str) -> Drawing:
    """What the events add up to, over the clock where all tell their time; a line for each plane."""

    def draw(stored: Stored, kind: Modality) -> Picture | None:
        dose = _dose(stored, kind, columns)
        return _steps(dose) if dose else None

    return draw


def against(column: str, other: str) -> Drawing:
    """A point for each event with both quantities, by side and view; bars where none has both."""

    def draw(stored: Stored, kind: Modality) -> Picture | None:
        dose, across = _dose(stored, kind, (column,)), _dose(stored, kind, (other,))
        if dose and across and len(dose.told.keys() & across.told.keys()) > 1:
            return _points(dose, across)
        return _bars(dose) if dose else None

    return draw


DRAWINGS: dict[str, Drawing] = {
    "CT": by_event("dlp"),
    "RF": over_time("dose_rp", "dap"),
    "MG": against("average_glandular_dose", "compression_thickness"),
    "DX": by_event("dap", "dose_rp"),
    "NM": by_event("administered_activity"),
}


def _dose(stored: Stored, kind: Modality, columns: Iterable[str]) -> Dose | None:
    """The first of the columns in which an event has something; None where there are not two events."""
    events = stored.of(kind)
    for column in columns if len(events) > 1 else ():
        if any(getattr(event, column) for event in events.values()):
            item = kind.event.__table__.columns[column].info["field"]
            return Dose(stored, kind, item, events, {
                place: for_people(getattr(event, column), item.unit) for place, event in events.items()
            })  # fmt: skip
    return None


def _bars(dose: Dose) -> Picture:
    axis, slot = round_axis(0, max(dose.told.values())), SIZE / len(dose.values)
    width = min(0.8 * slot, WIDEST)
    bars = []
    for place, value in dose.values.items():
        height = max(SIZE * axis.share(value), LEAST) if value is not None else 0
        left = (place - 0.5) * slot - width / 2
        bars.append(_mark(dose, place, left, SIZE - height, width=width, height=height))
    total = dose.amount(sum(dose.told.values()))
    return Picture(
        f"{dose.item.title} by event, {dose.unit}", f"{total} in all. Most: {dose.called(dose.largest)}.",
        f"{dose.kind.events} in the order they happened", counted(len(dose.values)), axis.ticks, bars=bars,
    )  # fmt: skip


def _mark(dose: Dose, place: int, x: float, y: float, **more: Any) -> Mark:
    return Mark(row_name(dose.kind, place), dose.called(place), x, y, **more)


def _steps(dose: Dose) -> Picture:
    """A line for each plane; strips from half-way to the event before to half-way to the one after."""
    where, x_title, ticks = _abscissa(dose)
    planes: dict[str, list[int]] = {}
    for place in dose.told:
        plane = dose.stored.code(dose.events[place], "acquisition_plane")
        planes.setdefault(str(plane or "Plane not told"), []).append(place)
    totals = {plane: sum(dose.told[place] for place in places) for plane, places in planes.items()}
    axis = round_axis(0, max(totals.values()))
    lines = [
        Line(f"{plane}: {dose.amount(totals[plane])}", _path(dose, planes[plane], where, axis))
        for plane in sorted(planes)
    ]
    return Picture(
        f"{dose.item.title} added up, {dose.unit}",
        f"{dose.amount(sum(totals.values()))} in all. Most: {dose.called(dose.largest)}.",
        x_title, ticks, axis.ticks, lines=lines, strips=_strips(dose, where),
        legend=[line.words for line in lines] if len(lines) > 1 else [],
    )  # fmt: skip


def _path(dose: Dose, places: Iterable[int], where: dict[int, float], axis: Axis) -> str:
    """From nothing, a step up at each event, and on to the right end."""
    total, path = 0.0, [f"M0 {SIZE}"]
    for place in places:
        total += dose.told[place]
        path.append(f"H{where[place]:.1f}V{SIZE * (1 - axis.share(total)):.1f}")
    return "".join(path) + f"H{SIZE}"


def _abscissa(dose: Dose) -> tuple[dict[int, float], str, list[Tick]]:
    """Where each event lies from left to right, what the axis is called, and its names."""
    times = {place: event.started_at.replace(tzinfo=None) for place, event in _timed(dose)}
    if len(times) == len(dose.values) and len(set(times.values())) > 1:
        clock = Clock(min(times.values()), max(times.values()))
        return {place: SIZE * clock.share(moment) for place, moment in times.items()}, _days(times), clock.ticks
    count = len(dose.values)
    places = {place: SIZE * (place - 0.5) / count for place in dose.values}
    return places, f"{dose.kind.events} in the order they happened", counted(count)


def _timed(dose: Dose) -> list[tuple[int, Any]]:
    return [(place, event) for place, event in dose.events.items() if event.started_at]


def _days(times: dict[int, datetime]) -> str:
    days = sorted({f"{moment:%Y-%m-%d}" for moment in times.values()})
    return f"Time, {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "")


def _strips(dose: Dose, where: dict[int, float]) -> list[Mark]:
    order = sorted(where, key=where.__getitem__)
    middles = [(where[one] + where[other]) / 2 for one, other in pairwise(order)]
    edges = pairwise([0, *middles, SIZE])
    return [
        _mark(dose, place, left, 0, width=right - left, height=SIZE)
        for place, (left, right) in zip(order, edges, strict=True)
    ]


def _points(dose: Dose, across: Dose) -> Picture:
    both = [place for place in dose.told if place in across.told]
    y, x = round_axis(0, max(dose.told.values())), _wide(across, both)
    groups = list(dict.fromkeys(_seen(dose, place) for place in both))
    points = [
        Mark(row_name(dose.kind, place), f"{dose.called(place)} at {across.amount(across.told[place])}",
             100 * x.share(across.told[place]), 100 * (1 - y.share(dose.told[place])),
             shape=min(groups.index(_seen(dose, place)), SHAPES - 1))
        for place in both
    ]  # fmt: skip
    missing = len(dose.values) - len(both)
    rest = f" {missing} of the events do not tell both." if missing else ""
    words = f"Highest: {dose.called(dose.largest)}.{rest}"
    title = f"{dose.item.title} against {across.item.title.lower()}, {dose.unit}"
    return Picture(title, words, f"{across.item.title}, {across.unit}", x.ticks, y.ticks, points=points, legend=groups)


def _wide(across: Dose, places: list[int]) -> Axis:
    values = [across.told[place] for place in places]
    return round_axis(min(values) - 1, max(values) + 1)


def _seen(dose: Dose, place: int) -> str:
    """The side and the view of an event."""
    codes = [dose.stored.code(dose.events[place], column) for column in ("laterality", "image_view")]
    return ", ".join(str(code) for code in codes if code) or "side and view unknown"
