"""What a patient is given before a PET-CT, as the scanner reports it beside the CT dose (TID 10021)."""

from datetime import timedelta
from typing import Any

from app.demo.chance import about, uid
from app.demo.visit import Visit
from app.dicom.concept import Concept

PET = Concept("241443006", "SCT", "PET study for localization of tumor")
FDG = Concept("35321007", "SCT", "Fluorodeoxyglucose F^18^")
FLUORINE = Concept("77004003", "SCT", "^18^Fluorine")
INTRAVENOUS = Concept("47625008", "SCT", "Intravenous route")
# mGy for each MBq, as publication 128 of the ICRP has it for adults.
ORGANS = {
    Concept("89837001", "SCT", "Urinary bladder"): 0.13,
    Concept("80891009", "SCT", "Heart"): 0.067,
    Concept("12738006", "SCT", "Brain"): 0.038,
    Concept("10200004", "SCT", "Liver"): 0.021,
}
EFFECTIVE = 0.019  # mSv for each MBq, the same publication

BY_WEIGHT = 3.3  # MBq for each kg
UPTAKE = 60  # minutes


def report(visit: Visit[Any]) -> dict[str, Any]:
    """The columns of the report, its parts among them."""
    activity = round(about(visit.random, BY_WEIGHT * visit.person.weight * visit.dose, 0.06), 1)
    administration = {
        "administration_event_uid": uid(visit.random),
        "agent": FDG,
        "radionuclide": FLUORINE,
        "half_life": 6586.2,
        "started_at": (visit.started - timedelta(minutes=UPTAKE)).replace(microsecond=0),
        "administered_activity": activity,
        "effective_dose": round(activity * EFFECTIVE, 2),
        "route": INTRAVENOUS,
        "organ_doses": [
            {"finding_site": organ, "organ_dose": round(activity * dose, 1)} for organ, dose in ORGANS.items()
        ],
    }
    patient = {"height": float(round(visit.person.height * 100)), "weight": round(visit.person.weight, 1)}
    return {"associated_procedure": PET, "administration": [administration], "patient_characteristics": [patient]}
