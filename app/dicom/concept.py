"""Coded concepts: equal when scheme and code are equal, whatever the wording."""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from pydicom.sr import _concepts_dict as standard
from pydicom.sr._snomed_dict import mapping as snomed

RETIRED_SNOMED = {"SRT", "SNM3", "99SDM"}

# Fully specified SNOMED names end with the hierarchy that they stand in.
SNOMED_HIERARCHY = re.compile(r" \((procedure|attribute|body structure|qualifier value|substance|finding)\)$")

# Codes that the standard itself replaced; both say the same.
SUPERSEDED = {("113735", "DCM"): ("113824", "DCM")}


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

    DICOM's own codes get the standard's wording. SNOMED's keep what was written: DICOM uses its terms under other
    names than SNOMED does (“Spiral Acquisition” is SNOMED's “Spiral computed tomography scan”).
    """
    value, scheme = _current(value.strip(), scheme.strip())
    known = standard_meaning(value, scheme) if scheme == "DCM" or not meaning.strip() else ""
    return Concept(value, scheme, known or meaning.strip())


def _current(value: str, scheme: str) -> tuple[str, str]:
    if scheme in RETIRED_SNOMED:
        current = snomed["SRT"].get(value)
        return (current, "SCT") if current else (value, "SRT")
    return SUPERSEDED.get((value, scheme), (value, scheme))


def standard_meaning(value: str, scheme: str) -> str:
    """What pydicom's copy of the standard calls the code; empty where it does not have it."""
    return SNOMED_HIERARCHY.sub("", _meanings(scheme).get(value, ""))


@cache
def _meanings(scheme: str) -> dict[str, str]:
    concepts: dict[str, Any] = standard.concepts.get(scheme, {})  # by keyword, then by code: meaning first
    return {value: entry[0] for codes in concepts.values() for value, entry in codes.items()}
