"""Attributes of a header that have to do with dose and that no column took."""

from app.dicom.attributes import UNITS
from app.dicom.enumerated import WORDS
from app.dicom.header import Header

RELEVANT = (
    *UNITS, *WORDS, "FilterMaterial", "FilterType", "CommentsOnRadiationDose", "ExposureDoseSequence",
    "XRayAcquisitionDoseSequence", "TotalTimeOfFluoroscopy", "TotalNumberOfExposures", "ExposureModulationType",
    "EntranceDoseDerivation", "ExposedArea", "RadiationMode", "NumberOfFrames",
)  # fmt: skip


def unread(header: Header) -> dict[str, list[str]]:
    """The values by the attribute's name, in the order of the header."""
    found = ((keyword, header.at(keyword) or _counted(header, keyword)) for keyword in RELEVANT)
    return {header.label(keyword): [value] for keyword, value in found if value and keyword not in header.taken}


def _counted(header: Header, keyword: str) -> str:
    items = header.items(keyword) if keyword.endswith("Sequence") else []
    return f"{len(items)} items" if items else ""
