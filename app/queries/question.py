"""The whole question of an address: conditions joined by “and”, in alternatives by “or”, each of them or its opposite.

What has no number before it, every study has to meet: `protocol__has=thorax&not.station=CT1`. `any1.`, `any2.` … make
alternatives: all conditions of at least one of them have to be met, too. What is asked of events in one of these
groups has to be met by one and the same event; the opposite of such a condition says that no event meets it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, select

from app.models import Study
from app.queries.filters import BadParameter, Condition, Filter

NAME = re.compile(r"(?:any([1-9])\.)?(not\.)?(.*)", re.DOTALL)
MOST_ALTERNATIVES = 9
MOST_CONDITIONS = 100  # more would make a statement that databases refuse

Conditions = tuple[Condition, ...]


def read(filters: Mapping[str, Filter], given: Mapping[str, Sequence[str]], whose: str) -> Conditions:
    """The conditions that were given, in the order in which they are told. Raises BadParameter for what is unknown."""
    if len(given) > MOST_CONDITIONS:
        wrong = f"The address asks {len(given)} things; it may ask {MOST_CONDITIONS}."
        raise BadParameter(wrong, list(given)[MOST_CONDITIONS])
    return in_order(filters, [_read(filters, name, values, whose) for name, values in given.items()])


def in_order(filters: Mapping[str, Filter], conditions: Iterable[Condition]) -> Conditions:
    """The conditions as they are told: those of every study first, opposites last, else as the form has them."""
    places = list(filters)
    return tuple(sorted(conditions, key=lambda one: (one.alternative, one.negated, places.index(one.parameter))))


def _read(filters: Mapping[str, Filter], name: str, values: Sequence[str], whose: str) -> Condition:
    parts = NAME.fullmatch(name)
    number, negation, parameter = parts.groups() if parts else ("", "", name)
    if parameter not in filters:
        raise BadParameter(f"There is no parameter “{name}” for {whose}.", name)
    asked, values = filters[parameter], tuple(dict.fromkeys(values))
    if len(values) > 1 and not asked.repeats:
        raise BadParameter(f"{asked.title} is there twice; it takes one value.", name)
    try:
        return replace(asked.read(*values), negated=bool(negation), alternative=int(number or 0))
    except BadParameter as reason:
        raise BadParameter(str(reason), name) from None


def groups(conditions: Conditions) -> dict[int, Conditions]:
    """The conditions that have to be met together, by the number of their alternative; 0 for those of all studies."""
    return {number: tuple(group) for number, group in groupby(conditions, key=lambda one: one.alternative)}


def clauses(conditions: Conditions, event: Any) -> list[ColumnElement[bool]]:
    """What the studies have to meet; `event` is the table of their events."""
    grouped = groups(conditions)
    together = _together(grouped.pop(0, ()), event)
    return [*together, or_(*(and_(*_together(group, event)) for group in grouped.values()))] if grouped else together


def _together(group: Conditions, event: Any) -> list[ColumnElement[bool]]:
    """The clauses of one group; no clause is true of a study that misses what it asks for."""
    of_studies = [not_(func.coalesce(one.clause, false())) if one.negated else one.clause for one in _of_studies(group)]
    denied = [not_(_has(event, one.clause)) for one in _of_events(group, negated=True)]
    of_one_event = [one.clause for one in _of_events(group, negated=False)]
    return [*of_studies, *([_has(event, *of_one_event)] if of_one_event else []), *denied]


def _has(event: Any, *wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether one event of the study meets all that is wanted of it."""
    return select(literal(1)).where(event.study_id == Study.id, *wanted).correlate(Study).exists()


def _of_studies(group: Conditions) -> list[Condition]:
    return [one for one in group if not one.of_event]


def _of_events(group: Conditions, negated: bool) -> list[Condition]:
    return [one for one in group if one.of_event and one.negated == negated]


def sentence(conditions: Conditions, event: str) -> list[str]:
    """The question in the parts of a sentence; `event` is what an event is called."""
    grouped = groups(conditions)
    told = _told(grouped.pop(0, ()), event)
    alternatives = [_told(group, event) for group in grouped.values()]
    if len(alternatives) == 1:
        return told + alternatives[0]
    each = [parts[0] if len(parts) == 1 else f"({', '.join(parts)})" for parts in alternatives]
    return [*told, f"either {' or '.join(each)}"] if each else told


def _told(group: Conditions, event: str) -> list[str]:
    of_studies = [one.denied if one.negated else one.words for one in _of_studies(group)]
    of_one_event = " and ".join(one.words for one in _of_events(group, negated=False))
    denied = [f"no {event} where {one.words}" for one in _of_events(group, negated=True)]
    return [*of_studies, *([f"one {event} where {of_one_event}"] if of_one_event else []), *denied]


def crossed(conditions: Iterable[Condition]) -> tuple[Condition, Condition] | None:
    """Both ends of a range that nothing can lie in, as the first is beyond the second."""
    for lower, upper in pairwise(conditions):  # the ends of a range are neighbours
        same = _range_of(lower) == _range_of(upper) and not (lower.negated or upper.negated)
        if same and None not in (lower.limit, upper.limit) and lower.limit > upper.limit:
            return lower, upper
    return None


def _range_of(condition: Condition) -> tuple[int, str]:
    return condition.alternative, condition.parameter.partition("__")[0]
