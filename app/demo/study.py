"""One made study: which room, which patient, when; and the report of it as a DICOM file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from app.demo import calendar, ct, fluoroscopy
from app.demo.chance import about, one_of, uid
from app.demo.ct_protocols import PROTOCOLS, Protocol
from app.demo.fluoroscopy_protocols import PROCEDURES, Procedure
from app.demo.people import Person, person, phantom
from app.demo.rooms import CT_ROOMS, FLUOROSCOPY_ROOMS, Room
from app.dicom.concept import Concept
from app.dicom.document import to_bytes
from app.dicom.layout import Layout, Row
from app.dicom.writer import write

OPERATORS = ("Adams^Ruth", "Brandt^Nils", "Chen^Li", "Duarte^Sofia", "Eriksen^Ole", "Frank^Mia", "Gupta^Ravi")
PHYSICIANS = ("Haller^Eva", "Ito^Ken", "Jensen^Anne", "Keller^Max", "Lindqvist^Per", "Moreau^Luc")
STUDY, DEVICE = Concept("113014", "DCM", "Study"), Concept("121007", "DCM", "Device")
PHANTOMS = 0.012  # share of studies that are of no patient


@dataclass(frozen=True)
class Kind:
    """One kind of study: its rooms, what they do, and how a report of it is made."""

    share: float
    rooms: tuple[Room, ...]
    protocols: tuple[Protocol | Procedure, ...]
    study: Callable[..., Any]
    report: Callable[[Any, Layout], Row]


KINDS = (
    Kind(0.68, CT_ROOMS, PROTOCOLS, ct.CtStudy, ct.report),
    Kind(0.32, FLUOROSCOPY_ROOMS, PROCEDURES, fluoroscopy.FluoroscopyStudy, fluoroscopy.report),
)


def study_file(seed: int, number: int, until: date, layout: Layout) -> bytes:
    """The dose report of a study as a DICOM file: the same bytes for the same seed, number and last day."""
    random = Random(f"{seed}/{number}")
    kind = one_of(random, KINDS, [kind.share for kind in KINDS])
    room = one_of(random, kind.rooms, [room.share for room in kind.rooms])
    protocols = [protocol for protocol in kind.protocols if protocol.group in room.does]
    protocol = one_of(random, protocols, [protocol.share for protocol in protocols])
    at = calendar.moment(random, until)
    who = phantom(random, at.date()) if random.random() < PHANTOMS else person(random, at.date(), *protocol.ages)
    is_updated = calendar.progress(at, until) > 0.5
    dose = about(random, room.dose * (room.improved_by if is_updated else 1), 0.2)
    report = kind.report(kind.study(room, protocol, who, at + timedelta(minutes=5), dose, random), layout)
    header = _header(random, room, protocol, who, at, is_updated)
    _add_context(report, room, header)
    return to_bytes(write(report, header, room.dialect))


def _header(random: Random, room: Room, protocol, who: Person, at: datetime, is_updated: bool) -> dict[str, Any]:
    """The attributes of the object that are not in its content."""
    written = at + timedelta(minutes=random.randrange(20, 120))
    return {
        "StudyInstanceUID": uid(random), "SeriesInstanceUID": uid(random), "SOPInstanceUID": uid(random),
        "StudyDate": at.date(), "StudyTime": at.time(), "ContentDate": written.date(), "ContentTime": written.time(),
        "AccessionNumber": f"A{random.randrange(10**8):08}", "StudyID": str(random.randrange(10**6)),
        "StudyDescription": protocol.name, "ProtocolName": protocol.name,
        "RequestedProcedureDescription": protocol.requested, "PerformedProcedureStepDescription": protocol.name,
        "OperatorsName": random.choice(OPERATORS), "PerformingPhysicianName": random.choice(PHYSICIANS),
        "InstitutionName": room.hospital, "InstitutionalDepartmentName": room.department,
        "Manufacturer": room.manufacturer, "ManufacturerModelName": room.model, "StationName": room.station,
        "DeviceSerialNumber": room.serial_number, "SeriesDescription": "Dose Report",
        "SoftwareVersions": room.software + (" SP2" if is_updated else ""),
    } | who.header(random)  # fmt: skip


def _add_context(report: Row, room: Room, header: dict[str, Any]) -> None:
    """Who observed, and over what the doses were added up (TID 1002, TID 10001)."""
    report.values |= {
        "observer_type": [DEVICE],
        "device_observer_uid": uid(Random(room.station)),
        "device_observer_name": room.station,
        "device_observer_manufacturer": room.manufacturer,
        "device_observer_model_name": room.model,
        "device_observer_serial_number": room.serial_number,
        "scope": STUDY,
        "scope_study_uid": header["StudyInstanceUID"],
    }
