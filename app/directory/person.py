"""Somebody of a directory, and why somebody is not let in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.directory.configuration import Roles


class NotSignedIn(Exception):
    """Nobody signs in. The sentence is for people; the reason, if there is one, for the log."""

    def __init__(self, sentence: str, reason: object = ""):
        super().__init__(sentence)
        self.reason = str(reason)


class Away(NotSignedIn):
    """It could not be found out: the directory does not answer as it should. Nobody is to blame who tried."""


@dataclass(frozen=True)
class Person:
    """Who it is, by what never changes; the name can, and what the person may."""

    issuer: str  # whose word it is
    subject: str  # unique and for ever, with the issuer
    name: str
    roles: tuple[str, ...]


def roles_of(groups: Iterable[str], mapping: Roles, same: Callable[[str], str] = str) -> tuple[str, ...]:
    """The roles that the groups give; two ways to write one group are the `same`."""
    members = {same(group) for group in groups}
    return tuple(dict.fromkeys(role for group, role in mapping if same(group) in members))
