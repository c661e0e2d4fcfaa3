"""Which passwords are too easy to guess, and why."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

SHORTEST = 12  # characters
LONGEST = 1000  # characters; to hash more would only cost time
FEWEST_KINDS = 5  # different characters
LEAST_OWN = 4  # letters that remain when common words, rows of keys and numbers are taken away
MOST_WORDS = 3  # common ones that make a common password; who strings more of them together has thought of something
LONGEST_WORD = 12  # letters in one piece with numbers or signs around it are taken for a word, whichever
SHORTEST_NAME = 3  # characters; a shorter name may be part of a password by chance
SHORTEST_ROW = 3  # keys or numbers beside each other

WORDS = Path(__file__).with_name("common_words.txt")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm",
    "zxcvbnm", "yxcvbnm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik", "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmik", "1a2b3c4d5e6f7g8h9i0j", "a1b2c3d4e5f6g7h8i9j0",
)  # fmt: skip
LOOKALIKES = str.maketrans("@4310$5!7+8", "aaeiossittb")  # as people write letters to please a rule


class TooEasy(ValueError):
    """The password would be guessed; the sentence says why."""


def check(password: str, username: str, refused: str = "", site: Iterable[str] = ()) -> None:
    """Raises TooEasy for a password that is short, common, in the file of refused ones, or little more than names.

    Names are the user's, and those of the site.
    """
    if len(password) < SHORTEST:
        raise TooEasy(f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise TooEasy(f"A password has at most {LONGEST} characters.")
    folded = _folded(password)
    if len(set(folded)) < FEWEST_KINDS:
        raise TooEasy(f"Use at least {FEWEST_KINDS} different characters.")
    whole = _plain(_folded(username))
    if len(whole) >= SHORTEST_NAME and whole in _plain(folded):
        raise TooEasy("A password must not contain the user name.")
    names = {name for one in (username, *site) for name in _parts(_folded(one)) if len(name) >= SHORTEST_NAME}
    once = re.sub(r"(.)\1", r"\1", folded)  # aabbcc is abc
    if any(_is_common(form, names) for form in (folded, folded.translate(LOOKALIKES), once)):
        raise TooEasy("This is little more than common words, names, rows of keys or numbers. Add words of your own.")
    if _is_one_word(folded):
        raise TooEasy("One word with numbers or signs around it is soon guessed. Add words of your own.")
    if refused and _in_file(folded, Path(refused)):
        raise TooEasy("Many people use this password. Choose another one.")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _parts(folded: str) -> list[str]:
    return re.split(r"[\W_]+", folded)


def _plain(folded: str) -> str:
    return "".join(_parts(folded))


def _is_common(folded: str, names: Iterable[str]) -> bool:
    """Whether hardly anything remains of it that was not thought of by many."""
    common = re.compile("|".join(map(re.escape, sorted({*_words(), *names}, key=len, reverse=True))))
    once = _once(_plain(folded))
    own = _without_rows(common.sub(" ", once))
    words = set(common.findall(once))
    return len(re.sub(r"[\W\d]+", "", own)) < LEAST_OWN and len(words) <= MOST_WORDS


def _is_one_word(folded: str) -> bool:
    """Whether its letters are one piece, and so may be a word that no list has; in scripts that space words."""
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", _once(folded)).translate(LOOKALIKES)
    return word.isalpha() and word.islower() and len(word) <= LONGEST_WORD and word != folded


def _once(text: str) -> str:
    """The same twice is as good as once."""
    repeated = re.fullmatch(r"(.+?)\1+", text)
    return repeated[1] if repeated else text


def _without_rows(text: str) -> str:
    for piece in _rows():
        text = text.replace(piece, " ")
    return re.sub(r"(.)\1{2,}", " ", text)


@cache
def _rows() -> tuple[str, ...]:
    """Every piece of a row of keys or numbers, either way, the longest first."""
    rows = (*ROWS, *(row[::-1] for row in ROWS))
    return tuple(sorted({piece for row in rows for piece in _pieces(row)}, key=len, reverse=True))


def _pieces(row: str) -> Iterator[str]:
    for length in range(SHORTEST_ROW, len(row) + 1):
        yield from (row[start : start + length] for start in range(len(row) - length + 1))


@cache
def _words() -> frozenset[str]:
    lines = (line.strip() for line in WORDS.read_text("utf-8").splitlines() if not line.startswith("#"))
    return frozenset(filter(None, lines))


def _in_file(folded: str, path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return any(_folded(line.rstrip("\r\n")) == folded for line in lines)
    except OSError:
        raise TooEasy("COMMON_PASSWORDS names a file that can't be read, so that no password can be checked.") from None
