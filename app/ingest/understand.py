"""From a data set to what it says of a study, ready to be stored."""

from datetime import UTC, datetime
from typing import Any

from pydicom.dataset import Dataset

from app.dicom import damage
from app.dicom.damage import Damaged
from app.dicom.header import Header
from app.dicom.layout import Layout, Row
from app.dicom.objects import read_object
from app.dicom.reader import Problem, Reading
from app.extensions import db
from app.identity import Identity
from app.ingest import patient
from app.ingest.equipment import device_uid
from app.ingest.flatten import is_table, shared_values
from app.ingest.layouts import EQUIPMENT, REPORT, STUDY
from app.ingest.listed import listed_names
from app.ingest.lookups import ids
from app.ingest.modality import modality
from app.ingest.plausibility import contradictions
from app.ingest.store import Received
from app.ingest.told import NUMBER, Told, sealed

AS_WRITTEN = Identity()
LONGEST_ACCESSION_NUMBER = 64  # characters; DICOM allows 16, an index does not take any number


def understand(dataset: Dataset, patterns: patient.Patterns, identity: Identity = AS_WRITTEN) -> Received:
    """What the object says, its accession number as the site keeps it.

    Raises NotADoseObject, or Damaged, with the reason where that is nothing.
    """
    reading = read_object(dataset, REPORT)
    with damage.reading("Its header"):
        header = Header(dataset)
        study, equipment, own = (_read_header(header, layout, reading) for layout in (STUDY, EQUIPMENT, REPORT))
    if "study_instance_uid" not in study.values or "sop_instance_uid" not in own.values:
        raise Damaged("Its UIDs are not valid; it can't be told from other objects.")
    reading.problems += contradictions(reading, study.values, datetime.now(UTC).date())
    values = study.values | {
        "patient_age": patient.age(header, study.values.get("study_date")),
        **patient.test_marks(header, patterns),
        "modality": modality(reading.row),
    }
    written = str(values.pop(NUMBER, ""))
    if number := identity.accession_key(written):
        values[NUMBER] = number
    reading.problems += _keep_short(values) + patient.age_problem(header) + patient.keep_plausible(values)
    device = equipment.values | _device_uid(header, reading, study, own)
    events = {name: [row.values for row in rows] for name, rows in reading.row.parts.items()}
    names = shared_values(study) | shared_values(reading.row) | listed_names(study.values, events)
    known = ids(db.engine, names)
    return Received(_told(reading, own, values, device, is_numbered=bool(written)), reading, own, known, names)


def _told(reading: Reading, own: Row, study: dict[str, Any], equipment: dict[str, Any], *, is_numbered: bool) -> Told:
    told = Told(
        own.values["sop_instance_uid"],
        reading.kind,
        own.values.get("content_date"),
        own.values.get("content_time"),
        "",
        study,
        equipment,
        {name: rows for name, rows in reading.row.parts.items() if is_table(rows[0].layout)},
        len(reading.problems),
        is_numbered=is_numbered,
    )
    return sealed(told, reading.row, own)


def _device_uid(header: Header, reading: Reading, study: Row, own: Row) -> dict[str, str]:
    written = (reading.row.values.get("device_observer_uid"), header["DeviceUID"])
    uid = device_uid(written, study.values["study_instance_uid"], own.values["sop_instance_uid"])
    return {"device_uid": uid} if uid else {}


def _keep_short(study: dict[str, Any]) -> list[Problem]:
    """Take out an accession number that no index would take; it is a problem."""
    number = str(study.get(NUMBER, ""))
    if len(number) <= LONGEST_ACCESSION_NUMBER:
        return []
    del study[NUMBER]
    return [Problem("Accession Number (0008,0050)", "is too long", number)]


def _read_header(header: Header, layout: Layout, reading: Reading) -> Row:
    row, problems = header.row(layout)
    reading.problems += problems
    return row
