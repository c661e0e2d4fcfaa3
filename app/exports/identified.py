"""The same exports with who the patients are, for who has the separate right: what is declared, and more columns."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from app.exports.columns import Block, column
from app.exports.tidy import Described, Meaning, Tidy
from app.models import Study

# All that is stored of an identity, and this only where the site says so: elsewhere the columns are empty.
IDENTITY = (
    column("Patient ID", Study.patient_id),
    column("Patient name", Study.patient_name),
    column("Date of birth", Study.patient_birth_date),
)
TIDY = tuple(
    Described(Meaning(name, title, kind, attribute=attribute), column(name, source))
    for name, title, kind, attribute, source in (
        ("patient_id", "Patient ID", "text", "PatientID", Study.patient_id),
        ("patient_name", "Patient name", "text", "PatientName", Study.patient_name),
        ("patient_birth_date", "Date of birth", "date", "PatientBirthDate", Study.patient_birth_date),
    )
)


def with_ids(declared: Any) -> Any:
    """What is declared, with who the patient is in each block that tells of the study; the same where there is none."""
    if isinstance(declared, Tidy):
        return replace(declared, also=TIDY)
    if isinstance(declared, Block):
        of_study = any(Study.accession_number in one.sources for one in declared.columns)
        return replace(declared, columns=(*IDENTITY, *declared.columns)) if of_study else declared
    if type(declared) in (list, tuple):
        return type(declared)(with_ids(one) for one in declared)
    if is_dataclass(declared) and not isinstance(declared, type):
        told = {one.name: getattr(declared, one.name) for one in fields(declared) if one.init}
        changed = {name: with_ids(value) for name, value in told.items()}
        return declared if changed == told else replace(declared, **changed)
    return declared
