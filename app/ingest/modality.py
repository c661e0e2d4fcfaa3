"""Which modality a report belongs to. The report itself says CT or mammography; fluoroscopy and radiography share
one code, so what was done decides."""

from app.dicom.concept import Concept
from app.dicom.layout import Row

CT = Concept("77477000", "SCT", "Computed tomography")
MAMMOGRAPHY = Concept("71651007", "SCT", "Mammography")
# Only fluoroscopy equipment makes events of these types, or counts fluoroscopy time.
FLUOROSCOPY_EVENTS = {
    Concept("44491008", "SCT", "Fluoroscopy"),
    Concept("113613", "DCM", "Rotational Acquisition"),
    Concept("113612", "DCM", "Stepping Acquisition"),
}
NUCLEAR = ("administration", "patient_characteristics")
RADIOGRAPHY_DEVICES = {
    Concept("113957", "DCM", "Fluoroscopy-Guided Projection Radiography System"): "RF",
    Concept("113958", "DCM", "Integrated Projection Radiography System"): "DX",
    Concept("113959", "DCM", "Cassette-based Projection Radiography System"): "DX",
}

# What images call themselves; reports call themselves SR, and secondary captures what they like.
IMAGES = {
    "CT": "CT", "MG": "MG", "XA": "RF", "RF": "RF", "CR": "DX", "DX": "DX", "PX": "DX", "IO": "DX", "RG": "DX",
    "NM": "NM", "PT": "NM", "ST": "NM",
}  # fmt: skip


def modality(report: Row) -> str:
    """CT, MG, RF, DX or NM."""
    procedure = report.values.get("procedure_reported")
    if procedure == CT or report.parts.get("ct_event"):
        return "CT"
    if procedure == MAMMOGRAPHY or _has_glandular_dose(report):
        return "MG"
    if report.values.get("modality") in IMAGES:
        return IMAGES[report.values["modality"]]
    if _has_fluoroscopy(report):
        return "RF"
    if _is_nuclear(report):
        return "NM"
    return RADIOGRAPHY_DEVICES.get(report.values.get("acquisition_device_type"), "DX")


def _is_nuclear(report: Row) -> bool:
    """Whether it tells of radiopharmaceuticals and of no X-rays."""
    has_events = report.parts.get("projection_event") or report.parts.get("projection_accumulated")
    told = report.values.get("associated_procedure") or any(report.parts.get(name) for name in NUCLEAR)
    return bool(told) and not has_events


def _has_glandular_dose(report: Row) -> bool:
    """Whether an event has the dose that only breasts have, whatever the image calls itself."""
    return any(event.values.get("average_glandular_dose") for event in report.parts.get("projection_event", []))


def _has_fluoroscopy(report: Row) -> bool:
    events = report.parts.get("projection_event", [])
    accumulated = report.parts.get("projection_accumulated", [])
    return any(event.values.get("irradiation_event_type") in FLUOROSCOPY_EVENTS for event in events) or any(
        row.values.get("total_fluoro_time") or row.values.get("fluoro_dap_total") for row in accumulated
    )
