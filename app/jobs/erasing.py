"""Erases a patient: studies, kept objects, refused objects, and the files that name them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, delete, false, or_, select

from app import audit, remembered
from app.exports.kinds import KINDS
from app.extensions import db
from app.identity import Identity, normal
from app.ingest.outline import of_whom
from app.jobs import control, quarantine
from app.models import Job, Refusal, Study
from app.models.job import FINISHED, SIZES
from app.queries.patients import of_patient
from app.transactions import writing

BATCH = 100  # studies deleted in one transaction
BACKUPS = "Backups, files that people have downloaded, and other systems are not reached from here."


@dataclass(frozen=True)
class Wanted:
    """Whom: by one of these."""

    patient_id: str = ""
    issuer: str = ""
    accession: str = ""
    study: str = ""


@dataclass
class Found:
    """What there is of the patient."""

    studies: list[str] = field(default_factory=list)  # their UIDs
    refused: list[int] = field(default_factory=list)  # numbers of refused objects
    waiting: list[Path] = field(default_factory=list)  # objects that nobody has read yet
    files: list[str] = field(default_factory=list)  # jobs whose files may tell of the studies

    def __bool__(self) -> bool:
        return bool(self.studies or self.refused or self.waiting)

    @property
    def words(self) -> str:
        """How much it is."""
        told = {
            "study": ("studies", len(self.studies)),
            "refused object": ("refused objects", len(self.refused)),
            "object that waits to be read": ("objects that wait to be read", len(self.waiting)),
            "export or size import that may tell of them": (
                "exports and size imports that may tell of them", len(self.files)),
        }  # fmt: skip
        return ", ".join(f"{count:,} {one if count == 1 else many}" for one, (many, count) in told.items())


def find(wanted: Wanted) -> Found:
    """All that there is. Exports do not say which studies they have: those made since the first of these may."""
    identity: Identity = current_app.config["SETTINGS"].identity
    found = Found(list(db.session.scalars(select(Study.study_instance_uid).where(_clause(wanted, identity)))))
    uids = set(found.studies)
    refused = db.session.execute(select(Refusal.id, Refusal.file).order_by(Refusal.id)).all()
    db.session.rollback()
    found.refused = [row.id for row in refused if _is_meant(quarantine.path_of(row.file), wanted, uids)]
    spool = current_app.config["SETTINGS"].spool
    waiting = (path for path in sorted(spool.rglob("*")) if path.is_file()) if spool.is_dir() else ()
    found.waiting = [path for path in waiting if _is_meant(path, wanted, uids)]
    if found.studies:
        kinds = [*KINDS, SIZES]
        jobs = select(Job.id).where(Job.kind.in_(kinds), Job.state.in_(FINISHED)).order_by(Job.id)
        found.files = list(db.session.scalars(jobs))
        db.session.rollback()
    return found


def erase(wanted: Wanted, found: Found) -> Iterator[int]:
    """Erase it; gives, now and then, how many studies are gone."""
    for first in range(0, len(found.studies), BATCH):
        some = found.studies[first : first + BATCH]
        with writing():
            db.session.execute(delete(Study).where(Study.study_instance_uid.in_(some)))
            audit.record(audit.ERASE_PATIENT, f"{len(some):,} of a patient’s studies", details={"studies": some})
        yield first + len(some)
    quarantine.remove(found.refused)
    for path in found.waiting:
        path.unlink(missing_ok=True)
    for id in found.files:
        job = db.session.get(Job, id)
        if job is not None:
            control.discard(job)
    with writing():
        audit.record(audit.ERASE_PATIENT, f"a patient: {found.words}", details={"studies": found.studies})
    remembered.forget()


def _clause(wanted: Wanted, identity: Identity) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.study:
        clauses.append(Study.study_instance_uid == wanted.study)
    if wanted.accession:
        spellings = [wanted.accession, *filter(None, (identity.hashed(wanted.accession),))]
        clauses.append(Study.accession_number.in_(spellings))
    if key := wanted.patient_id and identity.key(wanted.patient_id):
        clauses.append(of_patient(key, identity.issuer_key(wanted.issuer)))
    return or_(*clauses) if clauses else false()


def _is_meant(path: Path, wanted: Wanted, uids: set[str]) -> bool:
    """Whether the file is of the patient; one that can't be read is searched for what was asked."""
    try:
        told = of_whom(path)
        if told is None:
            return _contains(path, [wanted.patient_id, wanted.accession, wanted.study, *uids])
    except OSError:
        return False  # gone meanwhile
    same = {name: _same(told[name], getattr(wanted, name)) for name in told}
    is_other = bool(wanted.issuer and told["issuer"]) and not same["issuer"]
    return told["study"] in uids or same["study"] or same["accession"] or (same["patient_id"] and not is_other)


def _same(written: str, asked: str) -> bool:
    return bool(asked) and normal(written) == normal(asked)


def _contains(path: Path, texts: Sequence[str]) -> bool:
    content = path.read_bytes()
    return any(text.encode() in content for text in texts if text)
