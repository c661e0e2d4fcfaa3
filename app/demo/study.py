"""One made study: which room, which patient, when; and the reports of it as DICOM files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from app.demo import calendar, ct, fluoroscopy, mammography, nuclear, radiography
from app.demo.chance import about, one_of, uid
from app.demo.ct_protocols import PROTOCOLS
from app.demo.fluoroscopy_protocols import PROCEDURES
from app.demo.people import person, phantom
from app.demo.rooms import CT_ROOMS, FLUOROSCOPY_ROOMS, MAMMOGRAPHY_ROOMS, RADIOGRAPHY_ROOMS, Room
from app.demo.visit import Visit
from app.dicom.concept import Concept
from app.dicom.dialects import SIEMENS_PET, Dialect
from app.dicom.document import HeaderValue, to_bytes
from app.dicom.layout import Layout
from app.dicom.writer import row_of, write

Header = dict[str, HeaderValue]

OPERATORS = ("Adams^Ruth", "Brandt^Nils", "Chen^Li", "Duarte^Sofia", "Eriksen^Ole", "Frank^Mia", "Gupta^Ravi")
PHYSICIANS = ("Haller^Eva", "Ito^Ken", "Jensen^Anne", "Keller^Max", "Lindqvist^Per", "Moreau^Luc")
STUDY, DEVICE = Concept("113014", "DCM", "Study"), Concept("121007", "DCM", "Device")
PHANTOMS = 0.015  # share of studies that are of no patient


@dataclass(frozen=True)
class Kind:
    """One kind of study: its rooms, what they do, and what they report."""

    share: float
    rooms: Sequence[Room]
    protocols: Sequence[Any]
    report: Callable[[Any], dict[str, Any]]
    sexes: str = "FM"


KINDS = (
    Kind(0.5, CT_ROOMS, PROTOCOLS, ct.report),
    Kind(0.22, FLUOROSCOPY_ROOMS, PROCEDURES, fluoroscopy.report),
    Kind(0.13, MAMMOGRAPHY_ROOMS, mammography.EXAMINATIONS, mammography.report, "F"),
    Kind(0.15, RADIOGRAPHY_ROOMS, radiography.EXAMINATIONS, radiography.report),
)
RADIOPHARMACEUTICALS = "petct"  # the group of protocols before which something is administered
NUCLEAR_REPORT = Concept("113500", "DCM", "Radiopharmaceutical Radiation Dose Report")


@dataclass(frozen=True)
class Study:
    """A made study."""

    study_instance_uid: str
    files: list[bytes]  # its reports


def study(seed: int, number: int, until: date, layout: Layout) -> Study:
    """A study with its reports as DICOM files: the same bytes for the same seed, number and last day."""
    random = Random(f"{seed}/{number}")
    # The last day must change dates only; so the days have a dice of their own.
    at = calendar.moment(Random(f"{seed}/{number}/when"), until)
    kind = _one_of(random, KINDS)
    visit = _visit(random, kind, at, is_updated=calendar.progress(at, until) > 0.5)
    header = _study(visit, at) | _equipment(visit.room) | visit.person.header(random)
    files = [_file(visit, kind.report, header, layout, visit.room.dialect)]
    if visit.protocol.group == RADIOPHARMACEUTICALS:
        own = header | {"SeriesInstanceUID": uid(random), "SOPInstanceUID": uid(random)}
        files.append(_file(visit, nuclear.report, own, replace(layout, claims=NUCLEAR_REPORT), SIEMENS_PET))
    return Study(str(header["StudyInstanceUID"]), files)


def _file(
    visit: Visit[Any], report: Callable[[Any], dict[str, Any]], header: Header, layout: Layout, dialect: Dialect
) -> bytes:
    values = report(visit) | _context(visit.room, header["StudyInstanceUID"])
    return to_bytes(write(row_of(layout, values), header, dialect))


def _one_of(random: Random, things: Sequence[Any]) -> Any:
    return one_of(random, things, [thing.share for thing in things])


def _visit(random: Random, kind: Kind, at: datetime, is_updated: bool) -> Visit[Any]:
    room = _one_of(random, kind.rooms)
    protocol = _one_of(random, [protocol for protocol in kind.protocols if protocol.group in room.does.split()])
    who = phantom(random) if random.random() < PHANTOMS else person(random, at.date(), protocol.ages, kind.sexes)
    dose = about(random, room.dose * (room.update if is_updated else 1), 0.2)
    return Visit(room, protocol, who, at + timedelta(minutes=5), dose, random)


def _study(visit: Visit[Any], at: datetime) -> Header:
    random, written = visit.random, at + timedelta(minutes=visit.random.randrange(90, 180))
    return {
        "StudyInstanceUID": uid(random), "SeriesInstanceUID": uid(random), "SOPInstanceUID": uid(random),
        "StudyDate": at.date(), "StudyTime": at.time(), "ContentDate": written.date(), "ContentTime": written.time(),
        "AccessionNumber": f"A{random.randrange(10**8):08}", "StudyID": str(random.randrange(10**6)),
        "StudyDescription": visit.protocol.name, "ProtocolName": visit.protocol.name,
        "RequestedProcedureDescription": visit.protocol.requested,
        "PerformedProcedureStepDescription": visit.protocol.name, "SeriesDescription": "Dose Report",
        "OperatorsName": random.choice(OPERATORS), "PerformingPhysicianName": random.choice(PHYSICIANS),
    }  # fmt: skip


def _equipment(room: Room) -> Header:
    return {
        "InstitutionName": room.hospital, "InstitutionalDepartmentName": room.department,
        "Manufacturer": room.manufacturer, "ManufacturerModelName": room.model, "StationName": room.station,
        "DeviceSerialNumber": room.serial_number, "SoftwareVersions": room.software,
    }  # fmt: skip


def _context(room: Room, study_instance_uid: HeaderValue) -> dict[str, Any]:
    """Who observed, and over what the doses are added up (TID 1002, TID 10001)."""
    return {
        "observer_type": [DEVICE],
        "device_observer_uid": uid(Random(room.station)),
        "device_observer_name": room.station,
        "device_observer_manufacturer": room.manufacturer,
        "device_observer_model_name": room.model,
        "device_observer_serial_number": room.serial_number,
        "scope": STUDY,
        "scope_study_uid": study_instance_uid,
    }
