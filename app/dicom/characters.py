"""Text out of bytes in whatever character set, declared or not: as readable as can be, and never an exception."""

import re
from functools import lru_cache

from pydicom.charset import decode_bytes, python_encoding
from pydicom.dataset import Dataset

Encodings = tuple[str, ...]

ESCAPE = b"\x1b"
ESCAPE_SEQUENCE = re.compile(rb"\x1b[ -/]*[0-~]?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # PostgreSQL refuses NUL, devices write it
DELIMITERS = set(b"\r\n\t\f\\^=")
# These say what they mean in too many bytes for an accident; UTF-8 that stands under them is told apart by failing.
OF_MANY_BYTES = {"gb18030", "gbk", "gb2312"}


def _plain(term: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", term.upper())


# Misspelt terms, “ISO IR 192” or “ISO_IR100”, and names that are none of DICOM's.
SPELLINGS = {_plain(term): encoding for term, encoding in python_encoding.items() if term} | {
    "UTF8": "utf8", "UNICODE": "utf8", "ISOIR196": "utf8", "LATIN1": "latin_1", "ISO88591": "latin_1",
    "ISO88592": "iso8859_2", "LATIN2": "iso8859_2", "ISO88595": "iso8859_5", "ISO88597": "iso8859_7",
    "ISO88599": "iso8859_9", "ISO885915": "iso8859_15", "WINDOWS1252": "cp1252", "CP1252": "cp1252",
    "WINDOWS1250": "cp1250", "WINDOWS1251": "cp1251", "GB2312": "GB2312", "SHIFTJIS": "shift_jis", "ASCII": "latin_1",
}  # fmt: skip


def declared_encodings(dataset: Dataset) -> Encodings:
    """Python's names of the character sets that the data set declares; Latin-1 where it declares none that exist."""
    declared = dataset.get("SpecificCharacterSet") or ""
    terms = [declared] if isinstance(declared, str) else [str(term) for term in declared]
    known = (python_encoding.get(term.strip(" \0")) or SPELLINGS.get(_plain(term)) for term in terms)
    return tuple(filter(None, known)) or ("latin_1",)


@lru_cache(maxsize=20_000)  # reports say the same few hundred things all the time
def decode(value: bytes, encodings: Encodings) -> str:
    """The bytes as text without what pads it, never an exception.

    UTF-8 comes before a declared one-byte character set: those decode anything, and devices that declare Latin-1
    pass on UTF-8 from elsewhere; Latin-1 text that happens to be valid UTF-8 is next to impossible.
    """
    decoded = value.decode("ascii") if value.isascii() and ESCAPE not in value else _decode(value, encodings)
    return CONTROL.sub("", decoded).strip()


def _decode(value: bytes, encodings: Encodings) -> str:
    if ESCAPE in value:
        return _switching(value, encodings)
    of_many_bytes = encodings[0].lower() in OF_MANY_BYTES
    return _first_of((encodings[0], "utf8") if of_many_bytes else ("utf8", encodings[0]), value)


def _switching(value: bytes, encodings: Encodings) -> str:
    """Text that switches between character sets by escape sequences (ISO 2022)."""
    try:
        decoded = decode_bytes(value, list(encodings), DELIMITERS)
    except (LookupError, ValueError):
        decoded = "\ufffd"
    if "\ufffd" not in decoded and "\x1b" not in decoded:
        return decoded
    return _decode(ESCAPE_SEQUENCE.sub(b"", value), encodings)


def _first_of(encodings: Encodings, value: bytes) -> str:
    """The value in the first of the character sets that can be it; Windows' Latin-1 can be nearly anything."""
    for encoding in encodings:
        try:
            decoded = value.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if "latin" not in encoding and encoding != "iso8859":
            return decoded
        break
    try:
        return value.decode("cp1252")  # Latin-1, with quotation marks where that has controls
    except UnicodeDecodeError:
        return value.decode("latin_1")
