"""Audit entries as DICOM audit messages (PS3.15 A.5): the XML that archives of such messages understand."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from xml.etree import ElementTree  # nosec B405 # it writes XML and reads none
from xml.etree.ElementTree import Element, SubElement  # nosec B405 # it writes XML and reads none

from app import audit
from app.models import AuditEntry

Code = tuple[str, str]  # of DCM, with its meaning
OWN = "99OPENREM"  # the coding scheme of what the standard has no code for
STUDIES_AT_A_TIME = 50  # in one message: a datagram holds no more than 64 kB
APPLICATION, DESTINATION = ("110150", "Application"), ("110154", "Destination Media")
STUDY = ("110180", "Study Instance UID")
IP_ADDRESS, SYSTEM_OBJECT, REPORT, SECURITY_RESOURCE = "2", "2", "3", "13"
OUTCOMES = {audit.REFUSED: "4", audit.ABORTED: "4", audit.FAILED: "8"}  # others went well


@dataclass(frozen=True)
class Event:
    """What the standard calls an action of ours."""

    code: Code
    act: str  # C, R, U, D, E: create, read, update, delete, execute
    type: Code | None = None


ACTIVITY, ALERT = ("110100", "Application Activity"), ("110113", "Security Alert")
ACCESSED, DELETED = ("110103", "DICOM Instances Accessed"), ("110105", "DICOM Study Deleted")
EXPORT, IMPORT, QUERY = ("110106", "Export"), ("110107", "Import"), ("110112", "Query")
AUTHENTICATION, LOG_USED = ("110114", "User Authentication"), ("110101", "Audit Log Used")
PATIENT = ("110110", "Patient Record")
USER, ROLES = ("110137", "User Security Attributes Changed"), ("110136", "Security Roles Changed")
OBJECT = ("110135", "Object Security Attributes Changed")
RECORDING, CONFIGURED = ("110134", "Audit Recording Started"), ("110131", "Software Configuration")

NETWORK = ("110128", "Network Configuration")

USUAL = Event(ACTIVITY, "E")
EVENTS = {
    audit.SIGN_IN: Event(AUTHENTICATION, "E", ("110122", "Login")),
    audit.SIGN_OUT: Event(AUTHENTICATION, "E", ("110123", "Logout")),
    audit.LOCK: Event(ALERT, "E", OBJECT),
    audit.UNLOCK: Event(ALERT, "E", OBJECT),
    audit.END_SESSIONS: Event(ALERT, "E", USER),
    audit.CREATE_USER: Event(ALERT, "E", USER),
    audit.RENAME_USER: Event(ALERT, "E", USER),
    audit.DISABLE_USER: Event(ALERT, "E", USER),
    audit.ENABLE_USER: Event(ALERT, "E", USER),
    audit.CHANGE_PASSWORD: Event(ALERT, "E", USER),
    audit.RESET_PASSWORD: Event(ALERT, "E", USER),
    audit.CHANGE_ROLES: Event(ALERT, "E", ROLES),
    audit.EXPORT: Event(EXPORT, "R"),
    audit.DOWNLOAD: Event(EXPORT, "R"),
    audit.DOWNLOAD_OBJECT: Event(EXPORT, "R"),
    audit.DOWNLOAD_SIZES: Event(EXPORT, "R"),
    audit.EXPORT_AUDIT: Event(LOG_USED, "R"),
    audit.UPLOAD_FILES: Event(IMPORT, "C"),
    audit.RETRY_OBJECTS: Event(IMPORT, "C"),
    audit.IMPORT_SIZES: Event(IMPORT, "U"),
    audit.VIEW_PATIENT: Event(ACCESSED, "R"),
    audit.SEARCH_PATIENT: Event(QUERY, "E"),
    audit.REREAD: Event(ACCESSED, "U"),
    audit.DELETE_OBJECTS: Event(ACCESSED, "D"),
    audit.DELETE_STUDIES: Event(DELETED, "D"),
    audit.CHANGE_IDENTIFIERS: Event(PATIENT, "U"),
    audit.TEST_PATIENTS: Event(PATIENT, "U"),
    audit.ERASE_PATIENT: Event(PATIENT, "D"),
    audit.CHANGE_ROOM: Event(ACTIVITY, "E", CONFIGURED),
    audit.ADD_LISTENER: Event(ALERT, "E", NETWORK),
    audit.CHANGE_LISTENER: Event(ALERT, "E", NETWORK),
    audit.REMOVE_LISTENER: Event(ALERT, "E", NETWORK),
    audit.ADD_SENDER: Event(ALERT, "E", NETWORK),
    audit.CHANGE_SENDER: Event(ALERT, "E", NETWORK),
    audit.REMOVE_SENDER: Event(ALERT, "E", NETWORK),
    audit.ADD_RULE: Event(ACTIVITY, "E", CONFIGURED),
    audit.REMOVE_RULE: Event(ACTIVITY, "E", CONFIGURED),
    audit.CHANGE_POLICY: Event(ALERT, "E", CONFIGURED),
    audit.BACKUP: Event(EXPORT, "R"),
    audit.RESTORE: Event(ALERT, "E", RECORDING),
    # The standard has no word for these.
    audit.DELETE_EXPORT: USUAL,
    audit.DELETE_SIZES: USUAL,
    audit.SHARE_FILTER: USUAL,
    audit.STOP_JOB: USUAL,
    audit.REPEAT_JOB: USUAL,
    audit.ECHO: USUAL,
}


def messages(entry: AuditEntry, source: str) -> Iterator[bytes]:
    """The entry as one message, or several where it names many studies; `source` is this machine's name.

    What stands in the entry's sentence stays here: a filter in it may quote an accession number.
    """
    studies = _studies(entry.details or {})
    for first in range(0, max(1, len(studies)), STUDIES_AT_A_TIME):
        yield _message(entry, source, studies[first : first + STUDIES_AT_A_TIME])


def _message(entry: AuditEntry, source: str, studies: list[str]) -> bytes:
    message = Element("AuditMessage")
    event = EVENTS.get(entry.action, USUAL)
    _add_event(message, entry, event)
    _add_participants(message, entry, event)
    SubElement(message, "AuditSourceIdentification", AuditSourceID=source)
    for uid in studies:
        _add_object(message, uid, REPORT, STUDY, "DCM", "study")
    chained = _add_object(message, str(entry.id), SECURITY_RESOURCE, ("entry", "Audit entry"), OWN, "entry")
    # The digest, where nobody with a hand on our database can change it: it shows what the entry was.
    value = base64.b64encode(entry.digest.encode()).decode()
    SubElement(chained, "ParticipantObjectDetail", type="digest", value=value)
    return ElementTree.tostring(message, encoding="utf-8", xml_declaration=True)


def _add_event(message: Element, entry: AuditEntry, event: Event) -> None:
    identified = SubElement(
        message,
        "EventIdentification",
        EventActionCode=event.act,
        EventDateTime=entry.at.replace(tzinfo=UTC).isoformat(timespec="milliseconds"),
        EventOutcomeIndicator=OUTCOMES.get(entry.outcome, "0"),
    )
    _add_code(identified, "EventID", event.code)
    if event.type:
        _add_code(identified, "EventTypeCode", event.type)
    _add_code(identified, "EventTypeCode", (entry.action, entry.action), OWN)
    SubElement(identified, "EventOutcomeDescription").text = entry.outcome


def _add_participants(message: Element, entry: AuditEntry, event: Event) -> None:
    person = {"UserID": entry.username or "system", "UserIsRequestor": "true"}
    if entry.remote_address:
        person |= {"NetworkAccessPointID": entry.remote_address, "NetworkAccessPointTypeCode": IP_ADDRESS}
    somebody = SubElement(message, "ActiveParticipant", _legal(person))
    if event.code == EXPORT:
        _add_code(somebody, "RoleIDCode", DESTINATION)
    ours = SubElement(message, "ActiveParticipant", UserID="OpenREM", UserIsRequestor="false")
    _add_code(ours, "RoleIDCode", APPLICATION)


def _add_object(message: Element, id: str, role: str, code: Code, scheme: str, name: str) -> Element:
    attributes = {
        "ParticipantObjectID": id,
        "ParticipantObjectTypeCode": SYSTEM_OBJECT,
        "ParticipantObjectTypeCodeRole": role,
    }
    added = SubElement(message, "ParticipantObjectIdentification", _legal(attributes))
    _add_code(added, "ParticipantObjectIDTypeCode", code, scheme)
    SubElement(added, "ParticipantObjectName").text = name
    return added


def _add_code(parent: Element, name: str, code: Code, scheme: str = "DCM") -> None:
    value, meaning = code
    attributes = {"csd-code": value, "codeSystemName": scheme, "displayName": meaning, "originalText": meaning}
    SubElement(parent, name, attributes)


def _studies(details: Mapping[str, Any]) -> list[str]:
    """The UIDs of the studies that the entry is about."""
    told = details.get("studies"), details.get("study")
    listed = told[0] if isinstance(told[0], list) else []
    return [uid for uid in (*listed, told[1]) if isinstance(uid, str)]


def _legal(attributes: dict[str, str]) -> dict[str, str]:
    """Without signs that XML has no way to write: somebody may have typed them as a user name."""
    return {
        name: "".join(sign if _may_be(ord(sign)) else "\ufffd" for sign in text) for name, text in attributes.items()
    }


def _may_be(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
