"""The importer: one object in, one outcome out."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import BinaryIO

from pydicom.dataset import Dataset

from app.dicom import damage
from app.dicom.damage import Damaged
from app.dicom.deidentify import keepable
from app.dicom.header import Header
from app.dicom.identify import NotADoseObject, open_object
from app.dicom.layout import Row
from app.dicom.objects import read_object
from app.dicom.reader import Problem, Reading
from app.extensions import db
from app.ingest import patient
from app.ingest.equipment import device_uid
from app.ingest.flatten import is_table, shared_values
from app.ingest.layouts import EQUIPMENT, REPORT, STUDY
from app.ingest.lookups import ids
from app.ingest.modality import modality
from app.ingest.plausibility import contradictions
from app.ingest.rows import EVENTS
from app.ingest.store import Duplicate, Received, store
from app.ingest.told import Told, as_bytes, digest, pack

LONGEST_ACCESSION_NUMBER = 64  # characters; DICOM allows 16, an index does not take any number
IMPORTED, DUPLICATE, NOT_A_DOSE_OBJECT, FAILED = "imported", "duplicate", "not a dose object", "failed"


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
    source: str | BinaryIO, test_patient_patterns: patient.Patterns = MappingProxyType({}), *, keep: bool = True
) -> Outcome:
    """Read the object and store what it says, in one transaction; the outcome says what became of it.

    With `keep` the object itself is stored too, without its patient, so that it can be read again.
    """
    try:
        dataset = open_object(source)
    except Damaged as reason:
        return Outcome(FAILED, str(reason))
    about = partial(
        Outcome, study_instance_uid=str(dataset.StudyInstanceUID), sop_instance_uid=str(dataset.SOPInstanceUID)
    )
    try:
        reading = read_object(dataset, REPORT)
        received = _received(dataset, reading, test_patient_patterns)
        received.kept = _kept(dataset) if keep else None
        in_transaction(lambda connection: store(connection, received))
    except NotADoseObject as reason:
        return about(NOT_A_DOSE_OBJECT, str(reason))
    except Damaged as reason:
        return about(FAILED, str(reason))
    except Duplicate:
        return about(DUPLICATE, "It is stored already; nothing was changed.")
    problems = [problem.as_json() for problem in reading.problems]
    return about(IMPORTED, _told(reading), problems=problems, unread=reading.unread)


def _kept(dataset: Dataset) -> bytes | None:
    """The object to keep; none where it is so odd that it can't be written: what it says is stored all the same."""
    try:
        return keepable(dataset)
    except Damaged:
        return None


def in_transaction(work: Callable) -> None:
    """Do the work in a transaction of its own; it is undone where the work raises."""
    with db.engine.connect().execution_options(write=True) as connection, connection.begin():
        work(connection)


def _received(dataset: Dataset, reading: Reading, patterns: patient.Patterns) -> Received:
    """The reading with what the header adds, shared values resolved."""
    with damage.reading("Its header"):
        header = Header(dataset)
        study, equipment, report = (_read_header(header, layout, reading) for layout in (STUDY, EQUIPMENT, REPORT))
    if "study_instance_uid" not in study.values or "sop_instance_uid" not in report.values:
        raise Damaged("Its UIDs are not valid; it can't be told from other objects.")
    reading.problems += contradictions(reading, study.values, datetime.now(UTC).date())
    known = ids(db.engine, shared_values(study) | shared_values(reading.row))
    values = study.values | {
        "patient_age": patient.age(header, study.values.get("study_date")),
        **patient.test_marks(header, patterns),
        "modality": modality(reading.row),
    }
    own = (reading.row.values.get("device_observer_uid"), header["DeviceUID"])
    uid = device_uid(own, study.values["study_instance_uid"], report.values["sop_instance_uid"])
    equipment.values |= {"device_uid": uid} if uid else {}
    reading.problems += _keep_short(values) + patient.age_problem(header) + patient.keep_plausible(values)
    return Received(_told_by(reading, report, values, equipment.values), reading, report, known)


def _told_by(reading: Reading, header: Row, study: dict, equipment: dict) -> Told:
    """What the object says of its study."""
    told = Told(
        header.values["sop_instance_uid"],
        reading.kind,
        header.values.get("content_date"),
        header.values.get("content_time"),
        "",
        study,
        equipment,
        {name: rows for name, rows in reading.row.parts.items() if is_table(rows[0].layout)},
        len(reading.problems),
    )
    told.digest = digest((pack(told), as_bytes(reading.row.values), as_bytes(header.values)))
    return told


def _keep_short(study: dict) -> list[Problem]:
    """Take out an accession number that no index would take; it is a problem."""
    number = str(study.get("accession_number", ""))
    if len(number) <= LONGEST_ACCESSION_NUMBER:
        return []
    del study["accession_number"]
    return [Problem("Accession Number (0008,0050)", "is too long", number)]


def _read_header(header: Header, layout, reading: Reading) -> Row:
    row, problems = header.row(layout)
    reading.problems += problems
    return row


def _told(reading: Reading) -> str:
    events = sum(len(reading.row.parts.get(table, ())) for table in EVENTS)
    told = {"event": events, "problem": len(reading.problems), "unread item": reading.unread_count}
    parts = [f"{count} {what}{'' if count == 1 else 's'}" for what, count in told.items() if count or what == "event"]
    return ", ".join(parts) + "."
