"""What dose needs of a patient: age, size, and whether it is a patient at all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.dicom.header import Header
from app.dicom.reader import Problem
from app.dicom.values import Unreadable, day
from app.identity import Identity
from app.ingest.possible import NOBODYS_DAYS

AGE = re.compile(r"(\d{1,3})([DWMY])")
DAYS = {"D": 1, "W": 7, "M": 30.4375, "Y": 365.25}
# Outside of these a value is a slip of the keyboard: the tallest man was 2.72 m, the heaviest 635 kg.
PLAUSIBLE = {"patient_age": (0, 130), "patient_size": (0.1, 2.8), "patient_weight": (0.2, 650)}
TOLD = {
    "patient_age": ("Patient's Age (0010,1010)", "years"),
    "patient_size": ("Patient's Size (0010,1020)", "m"),
    "patient_weight": ("Patient's Weight (0010,1030)", "kg"),
}

# A study's marks: “name: phy” is the pattern “phy”, found in the name.
LOOKED_INTO = {"name": "PatientName", "ID": "PatientID"}
LONGEST_PATTERN = 64  # characters that are kept

# Columns of the study that depend on what is not kept of a patient: name, ID, birthday; and as the site wants it.
OF_IDENTITY = ("patient_age", "test_patient", "test_patterns", "accession_number")

Patterns = Mapping[str, Sequence[str]]  # by where they are looked for


def age(header: Header, studied: date | None) -> float | None:
    """Years of age, from the age attribute, else (or where that says zero) from the date of birth."""
    match = AGE.fullmatch(header["PatientAge"].upper())
    if match and int(match[1]):
        return round(int(match[1]) * DAYS[match[2]] / 365.25, 3)
    born = _born(header)
    if born is None:
        return 0.0 if match else None
    years = (studied - born).days / 365.25 if studied and born not in NOBODYS_DAYS else -1
    return round(years, 1 if years >= 2 else 3) if 0 <= years <= PLAUSIBLE["patient_age"][1] else None


def birthday(header: Header) -> date | None:
    """The date of birth, where it is somebody's."""
    born = _born(header)
    return None if born in NOBODYS_DAYS else born


def _born(header: Header) -> date | None:
    try:
        return day(header["PatientBirthDate"])
    except Unreadable:
        return None


def age_problem(header: Header) -> list[Problem]:
    """The age attribute, where it says something that is no age: without its unit, or less than none."""
    written = header["PatientAge"]
    return (
        [] if not written or AGE.fullmatch(written.upper()) else [Problem(TOLD["patient_age"][0], "is no age", written)]
    )


def keep_plausible(values: dict[str, object]) -> list[Problem]:
    """Take out what can't be true of a person; each is a problem. Zero is how devices say that they don't know."""
    problems = []
    for name, (lowest, highest) in PLAUSIBLE.items():
        value = values.get(name)
        if isinstance(value, float) and not lowest <= value <= highest:
            del values[name]
            if value or name == "patient_age":
                attribute, unit = TOLD[name]
                problems.append(Problem(attribute, "can't be true of a person", f"{value:g} {unit}"))
    return problems


def test_marks(header: Header, patterns: Patterns) -> dict[str, object]:
    """What marks a test patient: each pattern that the name or the ID contains, and where. Never the name itself."""
    marks = [
        f"{where}: {pattern}"
        for where, keyword in LOOKED_INTO.items()
        for pattern in patterns.get(where, ())
        if pattern and pattern.casefold() in header[keyword].casefold()
    ]
    return {"test_patient": pattern_of(marks[0]) if marks else None, "test_patterns": marks or None}


@dataclass(frozen=True)
class Whose:
    """Whose a study is, as far as the site wants that kept: its columns, and by what a name is found."""

    columns: dict[str, Any] = field(default_factory=dict)
    name_keys: Sequence[str] = ()


def whose(header: Header, kept: Identity) -> Whose:
    """Whose the object says that the study is."""
    name = header["PatientName"]
    numbered: dict[str, Any] = {**kept.columns(header["PatientID"], header["IssuerOfPatientID"])}
    return Whose(numbered | kept.person(name, birthday(header)), kept.name_keys(name))


def pattern_of(mark: str) -> str:
    """The pattern of a mark, as far as its column takes it."""
    return mark.partition(": ")[2][:LONGEST_PATTERN]
