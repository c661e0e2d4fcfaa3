"""Coded concepts: equal when scheme and code are equal, whatever the wording."""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from pydicom.sr import _concepts_dict as standard
from pydicom.sr._snomed_dict import mapping as snomed

from app.dicom.snomed import is_identifier

OWN = "99OPENREM"  # our scheme, for what devices tell and the standard has no code for; quirks translate into it
RETIRED_SNOMED = {"SRT", "SNM3", "99SDM"}

# Other names of the schemes: spellings, and their UIDs (PS3.16, chapter 8).
SCHEMES = {scheme: scheme for scheme in ("DCM", "SCT", *RETIRED_SNOMED)} | {
    "DICOM": "DCM", "1.2.840.10008.2.16.4": "DCM", "SNOMED-CT": "SCT", "SNOMED CT": "SCT", "SNOMEDCT": "SCT",
    "2.16.840.1.113883.6.96": "SCT", "SNOMED-RT": "SRT", "SNOMED RT": "SRT", "2.16.840.1.113883.6.5": "SRT",
}  # fmt: skip
DICOM_CODE = re.compile(r"1\d{5}")
SNOMED_URN = re.compile(r"https?://snomed\.info/(?:id|sct/\d+/id)/(\d+)|urn:oid:2\.16\.840\.1\.113883\.6\.96\.(\d+)")

# Fully specified SNOMED names end with the hierarchy that they stand in.
SNOMED_HIERARCHY = re.compile(r" \((procedure|attribute|body structure|qualifier value|substance|finding)\)$")

# Codes that the standard itself replaced; both say the same. Filters and anodes were of “copper or a copper
# compound” until CID 10006 and 10016 named the elements; pydicom's map does not have those codes.
SUPERSEDED = {
    ("113735", "DCM"): ("113824", "DCM"),  # Exposure Time
    ("C-120F9", "SRT"): ("12503006", "SCT"),
    ("105830007", "SCT"): ("12503006", "SCT"),  # Aluminum
    ("C-127F9", "SRT"): ("66925006", "SCT"),  # Copper
    ("C-132F9", "SRT"): ("88488004", "SCT"),  # Lead
    ("C-137F9", "SRT"): ("41967008", "SCT"),  # Silver
    ("C-150F9", "SRT"): ("71128006", "SCT"),  # Molybdenum
    ("C-156F9", "SRT"): ("45215009", "SCT"),  # Tantalum
    ("C-164F9", "SRT"): ("26194003", "SCT"),  # Tungsten
    ("C-167F9", "SRT"): ("59801003", "SCT"),  # Rhodium
    ("C-1190E", "SRT"): ("767776000", "SCT"),  # Niobium
    ("C-1190F", "SRT"): ("767775001", "SCT"),  # Europium
    ("F-61FDB", "SRT"): ("349358000", "SCT"),  # Radiopharmaceutical agent (TID 10022 had both, one after the other)
    ("113710", "DCM"): ("767776000", "SCT"),
    ("113711", "DCM"): ("767775001", "SCT"),
    ("F-10440", "SRT"): ("C86043", "NCIt"),  # erect (CID 19)
}


@dataclass(frozen=True, slots=True)
class Concept:
    """A code of a coding scheme; the meaning is for people and takes no part in comparison."""

    value: str
    scheme: str
    meaning: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.meaning or f"{self.value} ({self.scheme})"

    def as_json(self) -> dict[str, str]:
        """The concept as a JSON object."""
        return {"value": self.value, "scheme": self.scheme, "meaning": self.meaning}


@lru_cache(maxsize=20_000)  # free text in codes must not fill the memory
def fold(value: str, scheme: str, meaning: str = "") -> Concept:
    """The concept brought up to date: retired SNOMED as SCT, superseded codes as their successors.

    A code under a scheme that can't have it goes to the one that has it; where that is not certain it stays.
    DICOM's own codes get the standard's wording. SNOMED's keep what was written: DICOM uses its terms under other
    names than SNOMED does (“Spiral Acquisition” is SNOMED's “Spiral computed tomography scan”).
    """
    value, scheme = _current(*_scheme(value.strip(), scheme.strip()))
    known = standard_meaning(value, scheme) if scheme == "DCM" or not meaning.strip() else ""
    return Concept(value, scheme, known or meaning.strip())


def _scheme(value: str, scheme: str) -> tuple[str, str]:
    """The code and the scheme that it is of, which devices confuse: (111642, SRT), (C-120F9, DCM), (121050, SCT)."""
    urn = SNOMED_URN.fullmatch(value)
    if urn:
        return urn[1] or urn[2], "SCT"
    scheme = SCHEMES.get(scheme.upper(), scheme)
    if scheme not in RETIRED_SNOMED | {"DCM", "SCT", ""} or standard_meaning(value, scheme):
        return value, scheme
    if value in snomed["SRT"] or (value, "SRT") in SUPERSEDED:
        return value, "SRT" if scheme not in RETIRED_SNOMED else scheme
    if (
        DICOM_CODE.fullmatch(value)
        and standard_meaning(value, "DCM")
        and not (scheme == "SCT" and is_identifier(value))
    ):
        return value, "DCM"
    if scheme and is_identifier(value) and (value in snomed["SCT"] or standard_meaning(value, "SCT")):
        return value, "SCT"
    return value, scheme


def _current(value: str, scheme: str) -> tuple[str, str]:
    retired = scheme in RETIRED_SNOMED
    successor = SUPERSEDED.get((value, "SRT" if retired else scheme))
    if successor:
        return successor
    if retired:
        current = snomed["SRT"].get(value)
        return (current, "SCT") if current else (value, "SRT")
    return value, scheme


def standard_meaning(value: str, scheme: str) -> str:
    """What pydicom's copy of the standard calls the code; empty where it does not have it."""
    return SNOMED_HIERARCHY.sub("", _meanings(scheme).get(value, ""))


@cache
def _meanings(scheme: str) -> dict[str, str]:
    concepts: dict[str, Any] = standard.concepts.get(scheme, {})  # by keyword, then by code: meaning first
    return {value: entry[0] for codes in concepts.values() for value, entry in codes.items()}
