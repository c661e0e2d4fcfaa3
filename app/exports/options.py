"""What an export asks before it begins, beside the selection: a survey number, for one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.queries.filters import BadParameter

PREFIX = "export."  # of options among what a job was asked; no filter is called so


class BadOption(BadParameter):
    """What was filled in can't be taken; it says what can."""


@dataclass(frozen=True)
class Option:
    """One question: its field, what may be answered, and what holds where nobody was asked."""

    key: str
    title: str
    hint: str
    standard: str
    pattern: str
    takes: str  # in words

    def checked(self, value: str) -> str:
        """The answer as it is kept. Raises BadOption."""
        value = value.strip()
        if not re.fullmatch(self.pattern, value):
            raise BadOption(f"{self.title} takes {self.takes}.", self.key)
        return value


def answered(options: Sequence[Option], given: Mapping[str, str]) -> dict[str, str]:
    """An answer for each option. Raises BadParameter for an option that there is not, BadOption for a wrong answer."""
    known = {option.key: option for option in options}
    for key in given:
        if key not in known:
            raise BadParameter(f"This export does not ask for “{key}”.", key)
    return {key: option.checked(given.get(key, option.standard)) for key, option in known.items()}


def joined(query: Mapping[str, str | list[str]], answers: Mapping[str, str]) -> dict[str, str | list[str]]:
    """What a job remembers: the selection and the answers."""
    return {**query, **{PREFIX + key: value for key, value in answers.items()}}


def parted(query: Mapping[str, str | list[str]]) -> tuple[dict[str, str | list[str]], dict[str, str]]:
    """The selection and the answers, from what a job remembers."""
    answers = {key.removeprefix(PREFIX): str(value) for key, value in query.items() if key.startswith(PREFIX)}
    return {key: value for key, value in query.items() if not key.startswith(PREFIX)}, answers
