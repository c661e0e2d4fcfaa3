"""Exposures of one study that are alike: made the same way, from nearly the same direction."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

TOLERATED = 5.0  # degrees between a group's first exposure and any other, in either angle
CRUMB = 1e-9  # of binary subtraction
TURN = 360.0
NEAR = TOLERATED + CRUMB


class Exposure(NamedTuple):
    """What decides whether two exposures are alike."""

    made: Hashable  # plane, protocol, field, pulse rate, filters, type: the same or not
    primary: float | None  # angles in degrees; who tells none is like those that tell none
    secondary: float | None
    at: str | None = None  # the moment in ISO 8601, as the device tells it


def groups(exposures: Sequence[Exposure]) -> list[list[int]]:
    """The places of the exposures in groups, each in exactly one, in the order of time.

    The first exposure that fits no group begins one. In whatever order equal moments come, the groups are the same.
    """
    orders = [_order(one) for one in exposures]
    found: list[list[int]] = []
    begun: dict[Hashable, list[tuple[Exposure, list[int]]]] = {}
    for place in sorted(range(len(exposures)), key=orders.__getitem__):
        one = exposures[place]
        alike = begun.setdefault(one.made, [])
        group = next((group for first, group in alike if is_near(first, one)), None)
        if group is None:
            group = []
            alike.append((one, group))
            found.append(group)
        group.append(place)
    return sorted(found, key=lambda group: (orders[group[0]], repr(exposures[group[0]].made)))


def is_near(one: Exposure, other: Exposure) -> bool:
    """Whether both angles are within what is tolerated."""
    return _is_close(one.primary, other.primary) and _is_close(one.secondary, other.secondary)


def turned(angle: float, towards: float) -> float:
    """The angle as it is called nearest to the other: 181 for -179, beside 178."""
    if abs(angle - towards) <= TURN / 2:
        return angle
    return angle + TURN if angle < towards else angle - TURN


def _is_close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    gap = abs(one - other) % TURN
    return gap <= NEAR or gap >= TURN - NEAR


def _order(one: Exposure) -> tuple[Any, ...]:
    primary, secondary = one.primary, one.secondary
    return one.at is None, one.at, primary is None, primary or 0.0, secondary is None, secondary or 0.0
