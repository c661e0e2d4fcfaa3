"""What a site keeps of who a patient is: nothing, a keyed hash that finds it again, or what was written."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

NONE, HASHED, STORED = "none", "hashed", "stored"
LONGEST_ID, LONGEST_NAME = 64, 324  # characters (PS3.5, LO, and PN with its three ways to write a name)
KEY_LETTERS, ISSUER_LETTERS, NUMBER_LETTERS = 64, 16, 32  # of the hashes; issuers are few
HASH = "hashed:"  # stands before the hash of a number or a name, where that stands in place of it
UNWANTED = "!"  # in a filter, before a word that must not be there
NUMBERED = re.compile(r"(^|\.)accession(__has)?$")  # parameters that take accession numbers
COUNTING = 3  # parts of a name that tell people apart: family, given and middle names, not titles (PS3.5 6.2.1)
# Letters that Unicode does not take apart; and the vowels that German keyboards write for two dots, after those went.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "a", "œ": "o"})
UMLAUT = re.compile("([aou])e")


@dataclass(frozen=True)
class Identity:
    """What the site keeps, and the secret without which nobody can tell whose a hash is."""

    keeps: str = NONE  # of the patient's ID
    secret: str = field(default="", repr=False)
    name: str = NONE
    accession: str = STORED
    birth_date: str = NONE
    staff: str = STORED

    def columns(self, patient_id: str, issuer: str) -> dict[str, str | None]:
        """What a study keeps of the ID and of who issued it; nothing where the site keeps none, or there is none."""
        key = self.key(patient_id)
        if key is None:
            return {}
        shown = patient_id.strip()[:LONGEST_ID] if self.keeps == STORED else None
        return {"patient_key": key, "patient_issuer": self._hash("issuer", issuer, ISSUER_LETTERS), "patient_id": shown}

    def key(self, patient_id: str) -> str | None:
        """The same for each way to write one ID; none where the site keeps none, or nothing is written."""
        return None if self.keeps == NONE else self._hash("patient", patient_id, KEY_LETTERS)

    def person(self, name: str, born: date | None) -> dict[str, str | date]:
        """What a study keeps as it was written of the patient's name and birthday."""
        told: dict[str, str | date | None] = {
            "patient_name": name.strip()[:LONGEST_NAME] if self.name == STORED else None,
            "patient_birth_date": born if self.birth_date == STORED else None,
        }
        return {column: value for column, value in told.items() if value}

    def name_keys(self, name: str) -> list[str]:
        """By what a study is found where somebody types the patient's name, in DICOM's form or in people's.

        Family and given name, with the middle name and without, in any order; each word alone only where the site
        stores names: a hash of a family name is shared by too many, and tells who they are.
        """
        if self.name == NONE:
            return []
        keys = (self._name_key(words) for words in _found_by(name, alone=self.name == STORED))
        return sorted({key for key in keys if key})

    def name_key(self, typed: str) -> str | None:
        """The one of these that was typed; none where the site keeps no names."""
        return None if self.name == NONE else self._name_key(words_of(typed))

    def issuer_key(self, issuer: str) -> str | None:
        """Who issued an ID, as studies keep it."""
        return self._hash("issuer", issuer, ISSUER_LETTERS)

    def staff_name(self, written: str) -> str:
        """What stands in place of the name of a physician or an operator; hashes tell them apart."""
        if self.staff == STORED or (self.staff == HASHED and written.startswith(HASH)):
            return written
        found = self._hash_of("staff", " ".join(words_of(written)), ISSUER_LETTERS) if self.staff == HASHED else None
        return f"{HASH}{found}" if found else ""

    def accession_key(self, number: str) -> str | None:
        """An accession number as studies have it: the same for each way to write it, where the site keeps hashes."""
        if self.accession == HASHED and not number.startswith(HASH):
            return self.hashed(number)
        return None if self.accession == NONE else number or None

    def hashed(self, number: str) -> str | None:
        """What stands in place of an accession number, whatever the site keeps today; none without the secret."""
        found = self._hash("accession", number, NUMBER_LETTERS) if self.secret else None
        return found and f"{HASH}{found}"

    def in_address(self, asked: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The parameters with hashes in place of accession numbers, where the site keeps those."""
        if self.accession != HASHED:
            return list(asked)
        return [(name, self._asked(value) if NUMBERED.search(name) else value) for name, value in asked]

    def _asked(self, number: str) -> str:
        mark = UNWANTED if number.startswith(UNWANTED) else ""
        return mark + (self.accession_key(number.removeprefix(mark).strip()) or "")

    def _name_key(self, words: tuple[str, ...]) -> str | None:
        return self._hash_of("name", " ".join(words), KEY_LETTERS)

    def _hash(self, what: str, written: str, letters: int) -> str | None:
        return self._hash_of(what, normal(written), letters)

    def _hash_of(self, what: str, plain: str, letters: int) -> str | None:
        message = f"{what}\0{plain}".encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()[:letters] if plain else None


def normal(written: str) -> str:
    """Letters and digits alone, in lower case: people and devices add spaces and dashes. Leading zeros stay."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", written).casefold() if sign.isalnum())


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in an order of ours, without accents: Müller, MUELLER and Muller are one."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign)).translate(LETTERS)
    return tuple(sorted(UMLAUT.sub(r"\1", word) for word in re.findall(r"[^\W_]+", plain)))


def readable(name: str) -> str:
    """A name in DICOM's form as people write it: Doe, Jane Mary."""
    family, *rest = name.partition("=")[0].split("^")
    given = " ".join(filter(None, (part.strip() for part in rest[:2])))
    return ", ".join(filter(None, (family.strip(), given)))


def _found_by(name: str, *, alone: bool) -> Iterator[tuple[str, ...]]:
    """The words that each way to type the name has."""
    for written in name.split("="):
        parts = [words_of(part) for part in written.split("^")[:COUNTING]]
        yield words_of(" ".join(written.split("^")[:COUNTING]))
        if len(parts) > 1:
            first = words_of(written.split("^")[1].split(" ")[0])
            yield tuple(sorted(parts[0] + parts[1]))
            yield tuple(sorted(parts[0] + first))
        if alone:
            yield from ((word,) for part in parts for word in part)
