"""Numbers at random, as doses are spread, in the digits that devices write."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import exp
from random import Random
from typing import TypeVar

Thing = TypeVar("Thing")


def about(random: Random, median: float, spread: float) -> float:
    """A number around the median; its logarithm is spread normally, as doses are."""
    return median * exp(random.gauss(0, spread))


def between(random: Random, lowest: float, highest: float, digits: int = 0) -> float:
    """A number in the range with this many decimals."""
    return round(random.uniform(lowest, highest), digits)


def one_of(random: Random, things: Sequence[Thing], weights: Sequence[float]) -> Thing:
    """One of the things, each as often as it weighs."""
    return random.choices(things, weights)[0]


def uid(random: Random) -> str:
    """A UID made from a random number (PS3.5 B.2)."""
    return f"2.25.{random.getrandbits(122)}"


def shares(random: Random, number: int) -> list[float]:
    """Parts of a whole, none of them tiny."""
    parts = [about(random, 1, 0.6) for _ in range(number)]
    return [part / sum(parts) for part in parts]


def total(values: Iterable[float]) -> float:
    """The sum without the crumbs of binary addition."""
    return float(sum(Decimal(repr(value)) for value in values))
