"""A site with something for each kind of export."""

from app.dicom.concept import Concept
from app.ingest.receive import receive
from tests.factories import PROJECTION, REPORT, ct_report, fluoroscopy_report, nuclear_report, report_file, row_of, uid

STATIONARY = Concept("113611", "DCM", "Stationary Acquisition")
BREAST, LEFT = Concept("76752008", "SCT", "Breast"), Concept("7771000", "SCT", "Left")
CC = Concept("399162004", "SCT", "cranio-caudal")


def report(modality, *events):
    """A report of the modality that has these events."""
    if modality == "ct":
        return ct_report(*events)
    if modality == "rf":
        return fluoroscopy_report(*events)
    if modality == "nm":
        return nuclear_report(*events)
    of_breast = {"anatomical_structure": BREAST, "laterality": LEFT, "image_view": CC, "average_glandular_dose": 1.5}
    standard = {"irradiation_event_type": STATIONARY, "kvp": [29.0]} | (
        of_breast if modality == "mg" else {"dap": 1e-5}
    )
    told = [{"irradiation_event_uid": uid()} | standard | event for event in events]
    return row_of(REPORT, {"procedure_reported": PROJECTION, "projection_event": told})


def store(modality, *events, identity=None, **header):
    """Stores a study of the modality with these events, or with one."""
    file = report_file(report(modality, *(events or ({},))), **({"PatientID": "0012"} | header))
    assert receive(file, **({"identity": identity} if identity else {})).result == "imported"
