"""What an object that could not be read says of itself all the same; nothing about its patient."""

import re
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID

from app.dicom import damage
from app.dicom.damage import Damaged
from app.dicom.header import Header

# Each attribute and what it may look like: a damaged object may have anything there, a patient's name too.
UID_FORM = r"[0-9][0-9.]{0,63}"
TOLD = {
    "study_instance_uid": ("StudyInstanceUID", UID_FORM),
    "sop_instance_uid": ("SOPInstanceUID", UID_FORM),
    "sop_class_uid": ("SOPClassUID", UID_FORM),
    "modality": ("Modality", r"[A-Z0-9_]{1,16}"),
    "station_name": ("StationName", r"[^\x00-\x1f^=\\]{1,64}"),
}


OF_WHOM = {
    "study": "StudyInstanceUID",
    "accession": "AccessionNumber",
    "patient_id": "PatientID",
    "issuer": "IssuerOfPatientID",
}


def of_whom(file: Path) -> dict[str, str] | None:
    """Whose it is, as far as it can be read; none where nothing can. For those who look for a patient's files."""
    try:
        with damage.reading("Its header"):
            header = Header(dcmread(file, stop_before_pixels=True, specific_tags=list(OF_WHOM.values())))
            return {name: header[keyword].strip() for name, keyword in OF_WHOM.items()}
    except Damaged:
        return None


def outline(file: Path) -> dict[str, str]:
    """Its UIDs, class, modality, station and sender, as far as they can be read and look like what they should be."""
    try:
        with damage.reading("Its header"):
            dataset = dcmread(file, stop_before_pixels=True, specific_tags=[keyword for keyword, _ in TOLD.values()])
            header = Header(dataset)
    except Damaged:
        return {}
    told = {name: _text(header, keyword, form) for name, (keyword, form) in TOLD.items()}
    told["sop_class_uid"] = told["sop_class_uid"] or _announced_class(dataset)
    told["sender"] = _noted_sender(dataset)
    told["sop_class"] = _class_name(told["sop_class_uid"])
    return {name: text for name, text in told.items() if text}


def _text(header: Header, keyword: str, form: str) -> str:
    try:
        with damage.reading(keyword):
            written = header[keyword].strip()
    except Damaged:
        return ""
    return written if re.fullmatch(form, written) else ""


def _announced_class(dataset: Dataset) -> str:
    """The class that stands before the data set, where the listener wrote what the sender had announced."""
    announced = str(dataset.file_meta.get("MediaStorageSOPClassUID", ""))
    return announced if re.fullmatch(UID_FORM, announced) else ""


def _noted_sender(dataset: Dataset) -> str:
    """What the sender called itself, where the listener wrote that before the data set."""
    noted = str(dataset.file_meta.get("SourceApplicationEntityTitle", "")).strip()
    return noted if re.fullmatch(r"[ -\[\]-~]{1,16}", noted) else ""


def _class_name(uid: str) -> str:
    name = UID(uid).name if uid else ""
    return name.removesuffix(" Storage") if name != uid else ""
