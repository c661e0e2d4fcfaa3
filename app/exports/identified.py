"""The same exports with patients' IDs, for who has the separate right: what is declared, and one more column."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from app.exports.columns import Block, column
from app.exports.tidy import Described, Meaning, Tidy
from app.models import Study

# Nothing else of an identity is stored, and this only where the site says so: elsewhere the column is empty.
PATIENT_ID = column("Patient ID", Study.patient_id)
TIDY = Described(
    Meaning("patient_id", "Patient ID", "text", attribute="PatientID"), column("patient_id", Study.patient_id)
)


def with_ids(declared: Any) -> Any:
    """What is declared, with the ID in each block that tells of the study; the same where there is none."""
    if isinstance(declared, Tidy):
        return replace(declared, also=(TIDY,))
    if isinstance(declared, Block):
        of_study = any(Study.accession_number in one.sources for one in declared.columns)
        return replace(declared, columns=(PATIENT_ID, *declared.columns)) if of_study else declared
    if type(declared) in (list, tuple):
        return type(declared)(with_ids(one) for one in declared)
    if is_dataclass(declared) and not isinstance(declared, type):
        told = {one.name: getattr(declared, one.name) for one in fields(declared) if one.init}
        changed = {name: with_ids(value) for name, value in told.items()}
        return declared if changed == told else replace(declared, **changed)
    return declared
