"""Takes out of an object's texts what its header says of who the patient is, and names of staff where asked.

Devices let people type anything: the patient's name into a comment, the ID into a protocol. What is known from the
header is looked for in all texts and replaced by a mark. An object that has nothing of it is not touched.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

from app.dicom.characters import OF_MANY_BYTES, Encodings
from app.dicom.copying import Element, encoded
from app.dicom.damage import UNREADABLE, reading
from app.dicom.file import PIXELS, data_set
from app.dicom.header import Header

Staff = Callable[[str], str]
MARK = "[removed]"
TEXTS = {"LO", "LT", "SH", "ST", "UC", "UT"}  # representations that people type into
PATIENT_GROUP, FREE = 0x0010, {"LT", "ST", "UT"}
COMMENTS = {"121106"}  # items of a report that are free text; other texts are names of protocols, and only of them
CODES = {int(Tag(one)) for one in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning", "LongCodeValue")}
STAFF = ("OperatorsName", "PerformingPhysicianName", "ReferringPhysicianName", "RequestingPhysician",
         "PhysiciansOfRecord", "NameOfPhysiciansReadingStudy")  # fmt: skip
NUMBERS = ("PatientID", "OtherPatientIDs")
CONTACTS = ("PatientAddress", "PatientTelephoneNumbers", "PatientMotherBirthName", "PatientBirthName")
SHORTEST_NUMBER, SHORTEST_NAME, SHORTEST_CONTACT = 4, 3, 5  # signs; shorter ones are parts of other words
BOUNDED, BETWEEN = r"(?<![^\W_]){}(?![^\W_])", r"[\W_]+"
WORD = re.compile(r"[^\W_]+")
ALIKE = ("Σσς", "Iiİı")  # letters of which more than two are one
BOUNDED_BYTES, BETWEEN_BYTES = rb"(?<![A-Za-z0-9])%b(?![A-Za-z0-9])", rb"[^A-Za-z0-9]+"
CHARACTER_SET = re.compile(rb"\x08\x00\x05\x00|\x00\x08\x00\x05")  # the attribute: an item may have one of its own
HALVES = OF_MANY_BYTES | {"shift_jis"}  # have signs of two bytes, the second of which may be a letter of ASCII
ESCAPE = re.compile(rb"\x1b[$()]")  # changes the character set, with letters of ASCII that are none (PS3.5, 6.1.2.5)
NUMBER_TAG = int(Tag("AccessionNumber"))


@dataclass
class Secrets:
    """What is looked for: everywhere, and in free text alone, where a name is not part of what a protocol is called."""

    encodings: Encodings = ("utf8",)
    everywhere: list[str] = field(default_factory=list)  # patterns
    free: list[str] = field(default_factory=list)
    # What is in the bytes if any secret is: patterns by the longest part of them, which is found quickly.
    needles: dict[bytes, list[re.Pattern[bytes]]] = field(default_factory=dict)
    foreign: list[re.Pattern[bytes]] = field(default_factory=list)  # the same for words with other letters

    def add(self, words: list[str], *, everywhere: bool) -> None:
        """Look for the words, with whatever between them."""
        if not words:
            return
        bounded = BOUNDED.format(BETWEEN.join(map(re.escape, words)))
        (self.everywhere if everywhere else self.free).append(bounded)
        if foreign := [word for word in words if not word.isascii()]:
            self.foreign.append(re.compile(_written(max(foreign, key=len), {"utf8", self.encodings[0]})))
            return
        plain = [word.lower().encode() for word in words]
        # With halves of signs among them there is no telling where a word begins.
        pattern = b"" if self.encodings[0].lower() in HALVES else BOUNDED_BYTES % BETWEEN_BYTES.join(plain)
        self.needles.setdefault(max(plain, key=len), []).append(re.compile(pattern))

    def may_be_in(self, value: object) -> bool:
        """Whether one may be in the value, as it was written or as it was understood."""
        written = value if isinstance(value, bytes) else str(value).encode(errors="replace")
        lowered = written.lower()
        if ESCAPE.search(written) or (self.foreign and CHARACTER_SET.search(written)):
            return True
        return any(pattern.search(written) for pattern in self.foreign) or any(
            needle in lowered and any(pattern.search(lowered) for pattern in patterns)
            for needle, patterns in self.needles.items()
        )


def _written(word: str, encodings: Iterable[str]) -> bytes:
    """A pattern of the word's bytes, in small letters and large; what can't be written so is held to be anywhere."""
    ways = set()
    for encoding in encodings:
        signs = [{one.encode(encoding, "ignore") for one in _alike(sign)} - {b""} for sign in word]
        if all(signs):
            ways.add(b"".join(b"(?:%b)" % b"|".join(map(re.escape, sorted(sign))) for sign in signs))
    return b"|".join(sorted(ways))


def _alike(sign: str) -> set[str]:
    """What stands for the sign where capitals make no difference."""
    more = next((alike for alike in ALIKE if sign in alike), "")
    return {sign, sign.lower(), sign.upper(), *more}


def scrubbed(dataset: Dataset, *, number_too: bool = False, staff: Staff | None = None) -> Dataset:
    """The object without who its patient is, in its texts; the same object where nothing of that is there.

    With `number_too` its accession number is among what is looked for. `staff` gives what stands in place of a name of
    a person who is not the patient. Raises Damaged where it can't be written without it.
    """
    with reading("A text that names its patient"):
        secrets = _secrets(Header(dataset), number_too, staff)
        suspects = list(dataset.keys()) if staff else _suspects(dataset, secrets)
        if not suspects:
            return dataset
        elements: dict[int, Element] = {int(tag): element for tag, element in sorted(dataset.items())}
        readable = [element for tag, element in elements.items() if tag not in PIXELS]
        copy = data_set(BytesIO(encoded(dataset, readable)))
        changed = _Scrub(secrets, staff, number_too).walk(copy, [tag for tag in suspects if tag in copy])
        if not changed:
            return dataset
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of values that were too long before
            told = [copy[tag] if tag in changed else element for tag, element in elements.items() if tag not in PIXELS]
            return data_set(BytesIO(encoded(copy, told)))


def _secrets(header: Header, number_too: bool, staff: Staff | None) -> Secrets:
    secrets = Secrets(header.encodings)
    for person in _people(header, STAFF if staff else ()):
        _add_name(secrets, person)
    for person in _people(header, ("PatientName",)):
        _add_name(secrets, person)
        for part in person:
            if len("".join(part)) >= SHORTEST_NAME:
                secrets.add(part, everywhere=False)
    for text in (*_numbers(header, number_too), *_contacts(header)):
        secrets.add(WORD.findall(text), everywhere=True)
    for day in _birthdays(header["PatientBirthDate"]):
        secrets.add(day, everywhere=True)
    return secrets


def _people(header: Header, keywords: Iterable[str]) -> Iterator[list[list[str]]]:
    """The words of family and given name of each, in each way that it is written."""
    for keyword in keywords:
        for written in re.split(r"[\\=]", header[keyword]):
            yield [WORD.findall(part) for part in written.split("^")[:2]]


def _add_name(secrets: Secrets, parts: list[list[str]]) -> None:
    """Look for family and given name, in whatever order."""
    if len(parts) == 2 and all(parts):
        secrets.add(parts[0] + parts[1], everywhere=True)
        secrets.add(parts[1] + parts[0], everywhere=True)


def _numbers(header: Header, number_too: bool) -> list[str]:
    keywords = (*NUMBERS, *(("AccessionNumber",) if number_too else ()))
    written = [one.strip() for keyword in keywords for one in header[keyword].split("\\")]
    written += [item.at("PatientID") for item in header.items("OtherPatientIDsSequence")]
    return [one for one in written if len(one) >= SHORTEST_NUMBER and any(sign.isdigit() for sign in one)]


def _contacts(header: Header) -> list[str]:
    return [header[keyword] for keyword in CONTACTS if len(header[keyword]) >= SHORTEST_CONTACT]


def _birthdays(written: str) -> Iterator[list[str]]:
    if re.fullmatch(r"\d{8}", written):
        year, month, day = written[:4], written[4:6], written[6:]
        yield from ([written], [year, month, day], [day, month, year], [month, day, year])


def _suspects(dataset: Dataset, secrets: Secrets) -> list[BaseTag]:
    """The attributes whose bytes may have one; decoding all texts to be certain takes long."""
    return [
        tag
        for tag, element in dataset.items()
        if tag.group != PATIENT_GROUP and int(tag) not in PIXELS and int(tag) != NUMBER_TAG
        if secrets.may_be_in(element.value)
    ]


class _Scrub:
    """Walks through a data set and changes it."""

    def __init__(self, secrets: Secrets, staff: Staff | None, number_too: bool):
        self.everywhere = re.compile("|".join(secrets.everywhere) or r"(?!)", re.IGNORECASE)
        self.free = re.compile("|".join([*secrets.everywhere, *secrets.free]) or r"(?!)", re.IGNORECASE)
        self.staff, self.number_too = staff, number_too

    def walk(self, dataset: Dataset, suspects: Iterable[BaseTag], *, is_top: bool = True) -> set[int]:
        """Change what these attributes have, and what is below them; gives the tags of what was changed."""
        is_free = "ValueType" not in dataset or is_top or _concept(dataset) in COMMENTS
        changed = set()
        for tag in suspects:
            if tag.group == PATIENT_GROUP:
                continue  # nobody reads it but for what is known; nor is it kept
            try:
                if self._changes(dataset[tag], is_free, is_top):
                    changed.add(int(tag))
            except UNREADABLE:
                continue  # what nobody can read tells nobody anything
        return changed

    def _changes(self, element: DataElement, is_free: bool, is_top: bool) -> bool:
        if element.VR == "SQ":
            return any([self.walk(item, list(item.keys()), is_top=False) for item in element.value or ()])
        if element.VR == "PN" and self.staff is not None:
            return _set(element, self.staff)
        if int(element.tag) == NUMBER_TAG:  # the object's own is read, and kept as the site wants it
            return self.number_too and not is_top and _set(element, lambda number: "")
        if element.VR not in TEXTS | {"PN"} or int(element.tag) in CODES:
            return False
        pattern = self.free if is_free and element.VR in FREE else self.everywhere
        return _set(element, lambda text: pattern.sub(MARK, text))


def _set(element: DataElement, change: Callable[[str], str]) -> bool:
    """Change the element's values; gives whether that made a difference."""
    values = list(element.value) if isinstance(element.value, MultiValue) else [element.value]
    changed = [change(str(value)) if value else value for value in values]
    if [str(value or "") for value in changed] == [str(value or "") for value in values]:
        return False
    element.value = changed if isinstance(element.value, MultiValue) else changed[0]
    return True


def _concept(item: Dataset) -> str:
    names = item.get("ConceptNameCodeSequence") or ()
    return str(names[0].get("CodeValue", "")) if names else ""
