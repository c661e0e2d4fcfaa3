"""Studies of one patient, where the site keeps what tells patients apart."""

from sqlalchemy import ColumnElement, or_

from app.models import Study


def of_patient(key: str, issuer: str | None = None) -> ColumnElement[bool]:
    """Whether a study is of the patient; two that both say who issued the ID are only where it was the same."""
    same = Study.patient_key == key
    return same & or_(Study.patient_issuer.is_(None), Study.patient_issuer == issuer) if issuer else same


def same_patient(study: Study) -> ColumnElement[bool] | None:
    """Whether a study is another of this one's patient; none where nobody can tell."""
    if study.patient_key is None:
        return None
    return of_patient(study.patient_key, study.patient_issuer) & (Study.id != study.id)
