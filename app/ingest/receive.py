"""The importer: one object in, one outcome out."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from types import MappingProxyType
from typing import BinaryIO, TypeVar

from pydicom.dataset import Dataset
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app.dicom.damage import Damaged
from app.dicom.deidentify import keepable
from app.dicom.header import Header
from app.dicom.identify import NotADoseObject, open_object
from app.dicom.reader import Reading
from app.dicom.scrub import scrubbed
from app.extensions import db
from app.identity import STORED, Identity
from app.ingest import lookups, patient
from app.ingest.equipment import note_version_once
from app.ingest.policy import KEEP_ALL, Ignored, Policy
from app.ingest.store import Duplicate, Received, note_patient, store
from app.ingest.told import EVENTS
from app.ingest.understand import understand
from app.transactions import changing, undisturbed

T = TypeVar("T")

NO_PATIENT_ID = Identity()
IMPORTED, DUPLICATE, NOT_A_DOSE_OBJECT, FAILED = "imported", "duplicate", "not a dose object", "failed"
IGNORED = "ignored"


@dataclass
class Outcome:
    """What became of one object, for people and for programs."""

    result: str
    message: str
    study_instance_uid: str | None = None
    sop_instance_uid: str | None = None
    problems: list[dict[str, str]] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The outcome as a JSON object."""
        return asdict(self)


def receive(
    source: str | BinaryIO,
    test_patient_patterns: patient.Patterns = MappingProxyType({}),
    identity: Identity = NO_PATIENT_ID,
    policy: Policy = KEEP_ALL,
) -> Outcome:
    """Read the object and store what it says, in one transaction; the outcome says what became of it.

    Where the policy keeps it, the object itself is stored too, without its patient, so that it can be read again.
    """
    try:
        dataset = open_object(source)
    except Damaged as reason:
        return Outcome(FAILED, str(reason))
    about = partial(
        Outcome, study_instance_uid=str(dataset.StudyInstanceUID), sop_instance_uid=str(dataset.SOPInstanceUID)
    )
    try:
        with _collecting_later():
            header = Header(dataset)
            policy.check(header)
            clean = without_names(dataset, identity)
            received = understand(clean, test_patient_patterns, identity)
            received.whose = patient.whose(header, identity)
            keeps = policy.keeps(received.told.kind, received.told.study.get("modality"))
            received.kept, received.staff = kept(clean, identity) if keeps else None, identity.staff
        room = storing(received, lambda connection: store(connection, received))
    except NotADoseObject as reason:
        return about(NOT_A_DOSE_OBJECT, str(reason))
    except Ignored as reason:
        return about(IGNORED, str(reason))
    except Damaged as reason:
        return about(FAILED, str(reason))
    except Duplicate:
        in_transaction(lambda connection: note_patient(connection, received))
        return about(DUPLICATE, "It is stored already; nothing was changed.")
    if room:
        # Apart from the object: workers that read objects of one room would wait for each other.
        software, told = received.header.values.get("software_versions"), received.told
        note_version_once(db.engine, room.id, software, told.equipment.get("device_uid"), told.study.get("study_date"))
    reading = received.reading
    problems = [problem.as_json() for problem in reading.problems]
    return about(IMPORTED, _told(reading), problems=problems, unread=reading.unread)


def without_names(dataset: Dataset, identity: Identity) -> Dataset:
    """The object without who its patient is, in its texts, and with names of staff as the site wants them."""
    staff = None if identity.staff == STORED else identity.staff_name
    return scrubbed(dataset, number_too=identity.accession != STORED, staff=staff)


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Let nobody look for garbage: reading makes thousands of objects, and none of them is garbage yet."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def kept(dataset: Dataset, identity: Identity) -> bytes | None:
    """The object to keep; none where it is so odd that it can't be written: what it says is stored all the same."""
    try:
        return keepable(dataset, with_number=identity.accession == STORED)
    except Damaged:
        return None


def in_transaction(work: Callable[[Connection], T]) -> T:
    """Do the work in a transaction of its own; it is undone where the work raises."""

    def transaction() -> T:
        with changing(db.engine) as connection:
            return work(connection)

    return undisturbed(transaction)


def storing(received: Received, work: Callable[[Connection], T]) -> T:
    """The same for what was received; once more where a name was swept whose number is remembered."""
    try:
        return in_transaction(work)
    except IntegrityError:
        received.ids = lookups.anew(db.engine, received.names)
        return in_transaction(work)


def _told(reading: Reading) -> str:
    events = sum(len(reading.row.parts.get(table, ())) for table in EVENTS)
    told = {"event": events, "problem": len(reading.problems), "unread item": reading.unread_count}
    parts = [f"{count} {what}{'' if count == 1 else 's'}" for what, count in told.items() if count or what == "event"]
    return ", ".join(parts) + "."
