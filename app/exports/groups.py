"""A fluoroscopy study's exposures in groups of similar ones, each with the least, the most and the mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from json import loads
from math import fsum
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, String, Text, cast, select, type_coerce

from app.exports.columns import Block, Column, Item, Statement, Values, among, column
from app.exports.records import EVENTS_AT_ONCE
from app.exports.similar import Exposure, groups, turned
from app.models import ProjectionEvent, Study
from app.queries.quantities import without_crumbs

PRIMARY, SECONDARY = ProjectionEvent.positioner_primary_angle, ProjectionEvent.positioner_secondary_angle
SAME = (  # in all exposures of a group
    ProjectionEvent.irradiation_event_type, ProjectionEvent.acquisition_protocol, ProjectionEvent.acquisition_plane,
    ProjectionEvent.pulse_rate, ProjectionEvent.intensifier_size, ProjectionEvent.field_of_view_width,
    ProjectionEvent.field_of_view_height, ProjectionEvent.xray_filters,
)  # fmt: skip
TELLING = (ProjectionEvent.started_at, PRIMARY, SECONDARY, *SAME)
# What differs within a group; of the columns of one quantity the first that is there counts.
QUANTITIES = {
    "kVp": (ProjectionEvent.kvp,),
    "mA": (ProjectionEvent.tube_current, ProjectionEvent.average_tube_current),
    "pulse width": (ProjectionEvent.pulse_width,),
    "Exp time": (ProjectionEvent.exposure_time,),
    "DAP": (ProjectionEvent.dap,),
    "Ref point dose": (ProjectionEvent.dose_rp,),
    "Primary angle": (PRIMARY,),
    "Secondary angle": (SECONDARY,),
}
ANGLES = {"Primary angle", "Secondary angle"}
WHICH = ("min", "max", "mean")
NUMBER = Item("exposures")
MEASURED = tuple(dict.fromkeys(column for columns in QUANTITIES.values() for column in columns))
PLACES = [
    ([len(TELLING) + MEASURED.index(one) for one in columns], name in ANGLES) for name, columns in QUANTITIES.items()
]
KEYS = [NUMBER.key, *(f"{name} {which}" for name in QUANTITIES for which in WHICH)]  # as a group is measured


def statistics(name: str, unit: str = "") -> tuple[Column, ...]:
    """The columns of a quantity."""
    return tuple(column(f"{name} {which}{unit}", Item(f"{name} {which}")) for which in WHICH)


@dataclass(frozen=True)
class Similar:
    """The groups of a study's exposures as a relation: its rows are groups, its attributes what all have the same."""

    def find(self, connection: Connection, ids: Sequence[int], block: Block) -> Mapping[int, list[Values]]:
        """What the block needs of each group."""
        wanted = self._events((*TELLING, *MEASURED), among(ProjectionEvent.study_id, ids))
        same = [TELLING.index(attribute) for attribute in block.attributes]
        items = itemgetter(*(KEYS.index(item.key) for item in block.items))
        return {
            study_id: [
                [*(_shown(some[0], place) for place in same), *items(_measured(some))] for some in _grouped(events)
            ]
            for study_id, events in _by_study(connection.execute(wanted))
        }

    def filled(self, connection: Connection, studies: Statement, block: Block) -> list[list[bool]]:
        """As many places as the study with most groups has: one pass over what decides about groups."""
        ids = studies.with_only_columns(Study.id).order_by(None)
        wanted = self._events(TELLING, ProjectionEvent.study_id.in_(ids))
        stream = connection.execute(wanted.execution_options(yield_per=EVENTS_AT_ONCE))
        most = max((len(_grouped(events)) for _, events in _by_study(stream)), default=0)
        return [[True] * len(block.columns)] * most

    @staticmethod
    def _events(columns: Sequence[Any], condition: ColumnElement[bool]) -> Statement:
        told = [_as_text(column) for column in columns]
        return select(ProjectionEvent.study_id, *told).where(condition).order_by(ProjectionEvent.study_id)


def _as_text(column: Any) -> Any:
    """The column; a list as its JSON and a moment as it is stored: most of them are the same again and again."""
    if isinstance(column.type, JSON):
        return cast(column, Text)
    return type_coerce(column, String) if column is ProjectionEvent.started_at else column


def _by_study(rows: Any) -> Iterator[tuple[int, list[Values]]]:
    for study_id, some in groupby(rows, key=itemgetter(0)):
        yield study_id, [row[1:] for row in some]


def _grouped(events: Sequence[Values]) -> list[list[Values]]:
    return [[events[place] for place in group] for group in groups([_exposure(event) for event in events])]


def _exposure(event: Values) -> Exposure:
    at, primary, secondary, *same, filters = event[: len(TELLING)]
    return Exposure((*same, _filters(filters)), primary, secondary, at)


@lru_cache
def _filters(told: str | None) -> tuple[Any, ...]:
    """What the filters are made of and how thick they are, in whatever order they stand."""
    return tuple(sorted((_filter(one) for one in _list(told)), key=repr))


def _filter(told: Mapping[str, Any]) -> tuple[Any, ...]:
    material = (told.get("material") or {}).get("value")
    return material, told.get("thickness_minimum"), told.get("thickness_maximum")


@lru_cache(maxsize=10_000)
def _list(told: str | None) -> Sequence[Any]:
    return loads(told) or () if told else ()


def _shown(event: Values, place: int) -> Any:
    return event[place] if TELLING[place] is not ProjectionEvent.xray_filters else _list(event[place])


def _measured(events: Sequence[Values]) -> list[Any]:
    """How many there are, and of each quantity the least, the most and the mean: as KEYS has them."""
    found: list[Any] = [len(events)]
    for places, is_angle in PLACES:
        values = [value for event in events for value in _values(event, places)]
        found += _statistics([turned(value, values[0]) for value in values] if is_angle else values)
    return found


def _statistics(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    if not values:
        return None, None, None
    if len(values) == 1:
        return values[0], values[0], values[0]
    return min(values), max(values), without_crumbs(fsum(values) / len(values))


def _values(event: Values, places: Sequence[int]) -> Sequence[float]:
    for place in places:
        told = event[place]
        if isinstance(told, str):
            told = _list(told)
            if told:
                return told
        elif told is not None:
            return (told,)
    return ()
