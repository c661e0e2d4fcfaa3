"""Attributes of headers that have to do with dose and that no column took."""

from collections import defaultdict
from collections.abc import Iterable

from app.dicom.attributes import UNITS
from app.dicom.enumerated import WORDS
from app.dicom.header import Header

RELEVANT = (
    *UNITS, *WORDS, "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "FilterMaterial", "FilterType",
    "CommentsOnRadiationDose", "ExposureDoseSequence", "XRay3DAcquisitionSequence", "AnatomicRegionSequence",
    "ViewCodeSequence", "CTDIPhantomTypeCodeSequence", "TotalTimeOfFluoroscopy",
    "TotalNumberOfExposures", "ExposureModulationType", "EntranceDoseDerivation", "ExposedArea", "RadiationMode",
    "BodyPartExamined", "ImageType", "ProtocolName", "SeriesDescription", "SpiralPitchFactor", "OrganExposed",
)  # fmt: skip
# These stand in the header for other reasons, and matter only in the items that are rows.
OF_ITEMS = {"SeriesDescription", "ProtocolName"}


def unread(headers: Iterable[Header]) -> dict[str, list[str]]:
    """The values by the attribute's name, in the order of the headers; several headers of one item are one."""
    taken: dict[int, set[str]] = defaultdict(set)
    distinct = {id(header.dataset): header for header in headers}
    for header in headers:
        taken[id(header.dataset)] |= header.taken
    found: dict[str, list[str]] = {}
    for place, header in distinct.items():
        for keyword in RELEVANT:
            value = _left(header, keyword) if keyword not in taken[place] else ""
            if value:
                found.setdefault(header.label(keyword), []).append(value)
        for name, value in header.left.items():
            found.setdefault(name, []).append(value)
    return found


def _left(header: Header, keyword: str) -> str:
    if keyword in OF_ITEMS and header.above is None:
        return ""
    items = header.items(keyword) if keyword.endswith("Sequence") else []
    return f"{len(items)} items" if items else header.at(keyword)
