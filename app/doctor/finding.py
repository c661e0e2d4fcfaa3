"""What was found of one part, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.settings import Settings

OK, ATTENTION, WRONG = "ok", "attention", "wrong"  # fine; works, but look at it; does not work


@dataclass(frozen=True)
class Finding:
    """One line of the report; without patients, passwords and addresses that hold them."""

    part: str
    verdict: str
    told: str
    advice: str = ""


Examination = Callable[[Settings], Iterator[Finding]]


def ok(part: str, told: str) -> Finding:
    """It is as it should be."""
    return Finding(part, OK, told)


def attention(part: str, told: str, advice: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(part, ATTENTION, told, advice)


def wrong(part: str, told: str, advice: str) -> Finding:
    """It does not work, or will soon not."""
    return Finding(part, WRONG, told, advice)
