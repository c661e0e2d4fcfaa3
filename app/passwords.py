"""Which passwords are too easy to guess, and why."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SHORTEST = 12  # characters
LONGEST = 1000  # characters; to hash more would only cost time
FEWEST_KINDS = 5  # different characters
LEAST_OWN = 4  # letters that remain when common words, rows of keys and numbers are taken away
MOST_WORDS = 3  # common ones that make a common password; who strings more of them together has thought of something
SHORTEST_NAME = 3  # characters; a shorter user name may be part of a password by chance
SHORTEST_ROW = 3  # keys or numbers beside each other

WORDS = Path(__file__).with_name("common_words.txt")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm",
    "zxcvbnm", "yxcvbnm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik", "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmik",
)  # fmt: skip
LOOKALIKES = str.maketrans("@4310$5!7+8", "aaeiossittb")  # as people write letters to please a rule


class TooEasy(ValueError):
    """The password would be guessed; the sentence says why."""


def check(password: str, username: str, refused: str = "") -> None:
    """Raises TooEasy for a password that is short, common, in the file of refused ones, or tells the user's name."""
    if len(password) < SHORTEST:
        raise TooEasy(f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise TooEasy(f"A password has at most {LONGEST} characters.")
    folded = _folded(password)
    if len(set(folded)) < FEWEST_KINDS:
        raise TooEasy(f"Use at least {FEWEST_KINDS} different characters.")
    if len(username) >= SHORTEST_NAME and _folded(username) in folded:
        raise TooEasy("A password must not contain the user name.")
    if _is_common(folded) or _is_common(folded.translate(LOOKALIKES)):
        raise TooEasy("This is little more than common words, rows of keys or numbers. Add words of your own.")
    if refused and _in_file(folded, Path(refused)):
        raise TooEasy("Many people use this password. Choose another one.")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_common(folded: str) -> bool:
    """Whether hardly anything remains of it that was not thought of by many."""
    plain = re.sub(r"[\W_]+", "", folded)
    repeated = re.fullmatch(r"(.+?)\1+", plain)  # the same twice is as good as once
    once = repeated[1] if repeated else plain
    own = _without_rows(_common().sub(" ", once))
    words = {match[0] for match in _common().finditer(once)}
    return len(re.sub(r"[\W\d]+", "", own)) < LEAST_OWN and len(words) <= MOST_WORDS


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
def _common() -> re.Pattern[str]:
    words = (line.strip() for line in WORDS.read_text("utf-8").splitlines() if not line.startswith("#"))
    return re.compile("|".join(sorted((re.escape(word) for word in words if word), key=len, reverse=True)))


def _in_file(folded: str, path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return any(_folded(line.rstrip("\r\n")) == folded for line in lines)
    except OSError:
        raise TooEasy("COMMON_PASSWORDS names a file that can't be read, so that no password can be checked.") from None
