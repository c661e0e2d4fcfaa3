"""Finding texts by their words: the same on every database, whatever its locale."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.models import Equipment, Name, Study

MOST_WORDS = 20  # more would make a statement that databases refuse

# Whether a text of the study contains all of the words.
Has = Callable[[tuple[str, ...]], ColumnElement[bool]]


class BadWords(ValueError):
    """The text can't be searched for; says what it has that is wrong."""


@dataclass(frozen=True)
class Words:
    """What was typed: words that have to be there, and with ! before them words that must not."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]

    @classmethod
    def of(cls, typed: str) -> "Words":
        """The words of what was typed. Raises BadWords for what no database could look for."""
        words = typed.split()
        if len(words) > MOST_WORDS:
            raise BadWords(f"has {len(words)} words; it takes at most {MOST_WORDS}")
        if "\0" in typed:
            raise BadWords("has a character that no text has")
        wanted = tuple(word for word in words if not _is_unwanted(word))
        return cls(wanted, tuple(word[1:] for word in words if _is_unwanted(word)))

    @property
    def several(self) -> str:
        """The wanted words: “thorax” and “abdomen”."""
        return " and ".join(f"“{word}”" for word in self.wanted)

    def __str__(self) -> str:
        """What is asked of the text: contains “thorax” and “abdomen” but not “contrast”."""
        wanted, unwanted = (" and ".join(f"“{word}”" for word in words) for words in (self.wanted, self.unwanted))
        if not wanted:
            return f"without {unwanted.replace(' and ', ' or ')}"
        return f"contains {wanted}" + (f" but not {unwanted.replace(' and ', ' or ')}" if unwanted else "")


def _is_unwanted(word: str) -> bool:
    return word.startswith("!") and word != "!"


def contains(text: Any, word: str) -> ColumnElement[bool]:
    """Whether the text contains the word, whatever the case of either."""
    # SQLite, and PostgreSQL in the C locale, lower nothing beyond ASCII: what else the word has is lowered by hand.
    lowered = func.lower(text)
    for letter in sorted(set(word.lower())):
        capital = letter.upper()
        if not letter.isascii() and capital != letter and len(capital) == 1:
            lowered = func.replace(lowered, capital, letter)
    return lowered.contains(word.lower(), autoescape=True)


def _contains_all(text: Any, words: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(*(contains(text, word) for word in words))


def _names(words: tuple[str, ...]) -> Select[int]:
    """The names that contain all of the words: few rows, whatever the number of studies."""
    return select(Name.id).where(*(Name.folded.contains(Name.fold(word), autoescape=True) for word in words))


def _on_one_line(words: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a name of several lines has all of the words on one of them."""
    ahead = "".join(f"(?=[^\n]*{re.escape(Name.fold(word))})" for word in words)
    return Name.folded.regexp_match(f"(^|\n){ahead}")


def in_accession_number() -> Has:
    """The accession number; looked for in its index, which is a small part of the table."""
    numbered = aliased(Study)
    found = select(numbered.id)
    return lambda words: Study.id.in_(found.where(_contains_all(numbered.accession_number, words)))


def in_name(column: InstrumentedAttribute[int | None]) -> Has:
    """Texts that studies share."""
    return lambda words: column.in_(_names(words))


def in_equipment(column: InstrumentedAttribute[Any]) -> Has:
    """Texts of the study's room."""
    return lambda words: Study.equipment_id.in_(select(Equipment.id).where(_contains_all(column, words)))


def in_lines(column: InstrumentedAttribute[int | None]) -> Has:
    """Protocols or agents of the study, each on a line of one name; one of them has to contain all of the words."""

    def has(words: tuple[str, ...]) -> ColumnElement[bool]:
        names = _names(words)
        return column.in_(names.where(_on_one_line(words)) if len(words) > 1 else names)

    return has
