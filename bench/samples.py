"""What is measured: real files where they lie beside us, made reports where not, in copies that are new studies."""

import re
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from pydicom import dcmread
from pydicom.dataset import Dataset

from app.settings import ROOT
from tests.factories import ct_report, fluoroscopy_report, report_file

DICOM_FOLDER = ROOT.parent / "shared" / "dicom"
EVENT_UID = "113769"
ENDING = 12  # characters of a UID that differ between copies


@dataclass(frozen=True)
class Sample:
    """One kind of object: its file, what stands in for it, and how long it may take beside a plain walk."""

    name: str
    events: int  # of the made report that stands in for the file where it is absent; 0 for images
    ratio: float  # at most, of the plain walk over the same file, for images over the first sample
    is_image: bool = False

    def content(self) -> bytes | None:
        """The bytes of the file, or of a made report; None for an image that is absent."""
        path = DICOM_FOLDER / f"{self.name}.dcm"
        if path.is_file():
            return path.read_bytes()
        return None if self.is_image else made(self.name, self.events)


SAMPLES = (
    Sample("CT-RDSR-Siemens_Flash-TAP-SS", 5, 0.35),
    Sample("RF-RDSR-Siemens-Zee", 15, 0.30),
    Sample("RF-RDSR-Philips_Azurion", 120, 0.25),
    Sample("MG-Im-GE_Seno_1_ForPresentation", 0, 0.35, is_image=True),
    Sample("DX-Im-GE_XR220-1", 0, 0.35, is_image=True),
)


def made(name: str, events: int) -> bytes:
    """A made report of the kind that the name begins with."""
    report = ct_report if name.startswith("CT") else fluoroscopy_report
    return report_file(report(*[{} for _ in range(events)])).getvalue()


class Copies:
    """Copies of one object that are studies of their own: its UIDs get other endings of the same length."""

    def __init__(self, content: bytes):
        self.content = content
        uids = sorted(own_uids(dcmread(BytesIO(content), force=True)), key=len, reverse=True)
        self.pattern = re.compile(b"|".join(re.escape(uid.encode()) for uid in uids))

    def copy(self, number: int) -> bytes:
        """The copy with this number, the same one each time."""
        return self.pattern.sub(lambda match: _another(match.group(), number), self.content)


def own_uids(dataset: Dataset) -> set[str]:
    """The UIDs that make the object what it is: its study's, its own, and those of its events."""
    uids = {str(dataset.get(name, "")) for name in ("StudyInstanceUID", "SOPInstanceUID", "IrradiationEventUID")}
    return {uid for uid in uids | _event_uids(dataset) if uid}


def _event_uids(dataset: Dataset) -> set[str]:
    found = set()
    for item in dataset.get("ContentSequence") or ():
        concept = (item.get("ConceptNameCodeSequence") or [Dataset()])[0]
        if concept.get("CodeValue") == EVENT_UID:
            found.add(str(item.get("UID", "")))
        found |= _event_uids(item)
    return found


def _another(uid: bytes, number: int) -> bytes:
    digits = iter(sha256(uid + b"#%d" % number).digest())
    ending = (char if char == ord(".") else ord("1") + next(digits) % 9 for char in uid[-ENDING:])
    return uid[:-ENDING] + bytes(ending)
