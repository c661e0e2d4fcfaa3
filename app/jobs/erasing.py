"""Erases a patient: studies, kept objects, refused objects, and the files that name them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, delete, false, or_, select

from app import audit, remembered
from app.exports.kinds import KINDS
from app.extensions import db
from app.identity import Identity, normal
from app.ingest import names
from app.ingest.outline import of_whom
from app.jobs import control, quarantine, slices
from app.jobs.clock import now
from app.jobs.place import storage_here
from app.jobs.progress import Aborted, Progress, advance
from app.models import Job, NameKey, Refusal, Study
from app.models.job import ERASE, FINISHED, SIZES
from app.queries.patients import of_patient
from app.storage import INCOMING
from app.transactions import writing

SWEEPING_SECONDS = 900  # at most; upkeep does the rest
BATCH = 100  # studies deleted in one transaction
TITLE = "Erase a patient"
FAULT = "Something failed meanwhile, and the log says how. What was erased stays so; try again for the rest."
BACKUPS = "Backups, files that people have downloaded, and other systems are not reached from here."


@dataclass(frozen=True)
class Wanted:
    """Whom: by one of these."""

    patient_id: str = ""
    issuer: str = ""
    accession: str = ""
    study: str = ""
    name: str = ""


@dataclass
class Found:
    """What there is of the patient."""

    studies: list[str] = field(default_factory=list)  # their UIDs
    refused: list[int] = field(default_factory=list)  # numbers of refused objects
    waiting: list[Path] = field(default_factory=list)  # objects that nobody has read yet: paths here, or keys
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


def find(wanted: Wanted, studies: Sequence[str] | None = None) -> Found:
    """All that there is; with studies, these and no others. Exports do not say which they have: all that ended may."""
    identity: Identity = current_app.config["SETTINGS"].identity
    meant = _clause(wanted, identity) if studies is None else Study.study_instance_uid.in_(studies)
    found = Found(list(db.session.scalars(select(Study.study_instance_uid).where(meant))))
    uids = set(found.studies)
    refused = db.session.execute(select(Refusal.id, Refusal.file).order_by(Refusal.id)).all()
    db.session.rollback()
    found.refused = [row.id for row in refused if _is_kept_of(row.file, wanted, uids)]
    spool = current_app.config["SETTINGS"].spool
    waiting = (path for path in sorted(spool.rglob("*")) if path.is_file()) if spool.is_dir() else ()
    found.waiting = [path for path in waiting if _is_meant(path, wanted, uids)]
    carried = [one.key for one in storage_here().below(INCOMING)]
    found.waiting += [Path(key) for key in carried if _is_kept_of(key, wanted, uids)]
    if found.studies:
        kinds = [*KINDS, SIZES]
        jobs = select(Job.id).where(Job.kind.in_(kinds), Job.state.in_(FINISHED)).order_by(Job.id)
        found.files = list(db.session.scalars(jobs))
        db.session.rollback()
    return found


def request(found: Found, owner_id: int) -> str:
    """Have a worker erase it; gives the job's id. What is looked for stays here: a job has no patient."""
    query = asdict(found) | {"waiting": [str(path) for path in found.waiting]}
    asked = control.asking(audit.ERASE_PATIENT, f"a patient: {found.words}", studies=found.studies)
    return control.submit(Job(kind=ERASE, owner_id=owner_id, title=TITLE, query=query), asked)


def work(job_id: str) -> None:
    """Erase what the job names."""
    slices.work(job_id, lambda until: _work(job_id), FAULT)


def _work(job_id: str) -> None:
    job = db.session.get_one(Job, job_id)
    told = {name: job.query[name] for name in ("studies", "refused", "files")}
    found, by = Found(**told, waiting=[Path(path) for path in job.query["waiting"]]), job.owner and job.owner.username
    progress = Progress(job_id)
    progress.tell(done=0, total=len(found.studies))
    for done in erase(found, by):
        progress(done)
    ended: dict[str, Any] = {"state": "ready", "done": len(found.studies), "finished_at": now(), "query": {}}
    if not advance(job_id, "running", message=f"Erased: {found.words}. {BACKUPS}", **ended):
        raise Aborted


def erase(found: Found, username: str | None = None) -> Iterator[int]:
    """Erase it; gives, now and then, how many studies are gone."""
    texts: set[int] = set()
    for first in range(0, len(found.studies), BATCH):
        some = found.studies[first : first + BATCH]
        with writing():
            texts |= names.used_by(db.session.connection(), some)
            db.session.execute(delete(Study).where(Study.study_instance_uid.in_(some)))
            what, details = f"{len(some):,} of a patient’s studies", {"studies": some}
            audit.record(audit.ERASE_PATIENT, what, details=details, username=username)
        yield first + len(some)
    quarantine.remove(found.refused)
    for path in found.waiting:
        if path.is_absolute():
            path.unlink(missing_ok=True)
        else:
            storage_here().remove(path.as_posix())
    for id in found.files:
        job = db.session.get(Job, id)
        if job is not None:
            control.discard(job)
    names.sweep(db.engine, SWEEPING_SECONDS, texts)  # what was typed of the patient may be a text of its own
    with writing():
        what, details = f"a patient: {found.words}", {"studies": found.studies}
        audit.record(audit.ERASE_PATIENT, what, details=details, username=username)
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
    if key := wanted.name and identity.name_key(wanted.name):
        clauses.append(Study.id.in_(select(NameKey.study_id).where(NameKey.key == key)))
    return or_(*clauses) if clauses else false()


def _is_kept_of(key: str, wanted: Wanted, uids: set[str]) -> bool:
    """The same as below, of a file under a key."""
    try:
        with storage_here().fetch(key) as path:
            return _is_meant(path, wanted, uids)
    except FileNotFoundError:
        return False  # gone meanwhile


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
