"""A CT report: the events of a protocol as this room would make them for this patient."""

from datetime import datetime, timedelta
from math import exp
from typing import Any

from app.demo.chance import about, total, uid
from app.demo.ct_protocols import CHEST, HEAD, LOCALISER, CtProtocol, Phase
from app.demo.visit import Visit
from app.dicom.concept import Concept

COMPUTED_TOMOGRAPHY = Concept("77477000", "SCT", "Computed Tomography X-Ray")
AUTOMATIC = Concept("113856", "DCM", "Automated Data Collection")
WITHOUT_CONTRAST = Concept("399331006", "SCT", "CT without contrast")
WITH_CONTRAST = Concept("27483000", "SCT", "Diagnostic radiography with contrast media")
HEAD_PHANTOM = Concept("113690", "DCM", "IEC Head Dosimetry Phantom")
BODY_PHANTOM = Concept("113691", "DCM", "IEC Body Dosimetry Phantom")
YES, NO = Concept("373066001", "SCT", "Yes"), Concept("373067005", "SCT", "No")
ITERATIVE = Concept("113963", "DCM", "Iterative Reconstruction")
SUM_OF_DIMENSIONS = Concept("113936", "DCM", "AAPM 204 Sum of Lateral and AP Dimension")

STEEPNESS = 0.06  # what exposure control does with each cm of a trunk's diameter
DOSE_PER_CHARGE = {HEAD_PHANTOM: 0.13, BODY_PHANTOM: 0.068}  # CTDIvol in mGy for each mA·s at 120 kV
STRONGEST_CURRENT = 1300.0  # mA
SECOND_VOLTAGE = 150.0  # kV of the second tube, behind tin
NOTIFIED = 60.0  # mGy, the CTDIvol from which rooms with a dose check notify


def report(visit: Visit[CtProtocol]) -> dict[str, Any]:
    """The columns of the report, its parts among them."""
    events, now = [], visit.started
    for phase in _phases(visit):
        now += timedelta(seconds=visit.random.uniform(8, 40))
        events.append(_event(visit, phase, now))
        now += timedelta(seconds=events[-1]["exposure_time"])
    accumulated = {
        "total_number_of_irradiation_events": float(len(events)),
        "dlp_total": total(event.get("dlp", 0.0) for event in events),
    }
    return {
        "procedure_reported": COMPUTED_TOMOGRAPHY,
        "start_of_irradiation": visit.started.replace(microsecond=0),
        "end_of_irradiation": now.replace(microsecond=0),
        "source_of_dose_information": [AUTOMATIC],
        "ct_accumulated": [accumulated],
        "ct_event": events,
    }


def _phases(visit: Visit[CtProtocol]) -> list[Phase]:
    """One or two localisers, and the phases of the protocol that are done this time."""
    phases, length = visit.protocol.phases, visit.protocol.localiser * min(1.0, visit.person.height / 1.6)
    localiser = Phase("Topogram", 0.12, length, phases[-1].region, type=LOCALISER, pitch=0, collimation=(0.6, 3.6))
    done = [phase for phase in phases if visit.random.random() < phase.chance]
    return [localiser] * visit.random.choice((1, 1, 2)) + done


def _event(visit: Visit[CtProtocol], phase: Phase, started: datetime) -> dict[str, Any]:
    random = visit.random
    length = round(phase.length * (random.gauss(1, 0.08) if phase.length > 20 else 1), 1)
    ctdivol = _ctdivol(visit, phase)
    event: dict[str, Any] = {
        "irradiation_event_uid": uid(random),
        "acquisition_protocol": phase.name,
        "acquisition_type": phase.type,
        "target_region": phase.region,
        "procedure_context": WITH_CONTRAST if phase.contrast else WITHOUT_CONTRAST,
        "exposure_time": _exposure_time(phase, length),
        "scanning_length": length,
        "nominal_single_collimation_width": phase.collimation[0],
        "nominal_total_collimation_width": phase.collimation[1],
        "number_of_xray_sources": len(_voltages(visit, phase)),
        "pitch_factor": phase.pitch or None,
        "ct_source": _sources(visit, phase, ctdivol),
    }
    if not phase.is_localiser or not visit.room.has("no_localiser_dose"):
        event |= {
            "mean_ctdivol": ctdivol,
            "ctdiw_phantom_type": _phantom(phase),
            "dlp": round(ctdivol * length / 10, 2),
        }
    return event | _peculiarities(visit, phase, ctdivol, started)


def _ctdivol(visit: Visit[CtProtocol], phase: Phase) -> float:
    """The dose index in mGy: that of heads depends on the age, that of trunks on the size."""
    if phase.region != HEAD:
        size = visit.size(STEEPNESS)
    else:
        size = 1.0 if visit.is_for_adults else 0.5 + min(visit.person.age, 15) / 30
    return max(0.01, round(about(visit.random, phase.ctdivol * visit.dose * size, 0.08), 2))


def _exposure_time(phase: Phase, length: float) -> float:
    """Seconds of radiation: the table's way in the widths that each rotation covers."""
    if phase.is_localiser:
        return round(length / 100, 2)
    rotations = length / (phase.collimation[1] * phase.pitch) + 1 if phase.pitch else phase.ctdivol / 5
    return round(rotations * phase.rotation, 2)


def _phantom(phase: Phase) -> Concept:
    return HEAD_PHANTOM if phase.region == HEAD and not phase.is_localiser else BODY_PHANTOM


def _voltages(visit: Visit[CtProtocol], phase: Phase) -> list[float]:
    """The voltage of each tube that the phase uses."""
    return [phase.kvp, SECOND_VOLTAGE] if phase.dual and visit.room.has("dual") else [phase.kvp]


def _sources(visit: Visit[CtProtocol], phase: Phase, ctdivol: float) -> list[dict[str, Any]]:
    """The settings of the tubes that give this dose; two share it."""
    voltages, sources = _voltages(visit, phase), []
    for name, kvp in zip("AB", voltages, strict=False):
        charge = ctdivol / len(voltages) / (DOSE_PER_CHARGE[_phantom(phase)] * (kvp / 120) ** 2.5)
        current = max(10.0, min(round(charge * (phase.pitch or 1) / phase.rotation), STRONGEST_CURRENT))
        sources.append({
            "identification": name,
            "kvp": kvp,
            "tube_current": current,
            "maximum_tube_current": min(round(current * visit.random.uniform(1, 1.5)), STRONGEST_CURRENT),
            "exposure_time_per_rotation": None if phase.is_localiser else phase.rotation,
        })  # fmt: skip
    return sources


def _peculiarities(visit: Visit[CtProtocol], phase: Phase, ctdivol: float, started: datetime) -> dict[str, Any]:
    """What only some rooms tell."""
    told: dict[str, Any] = {}
    if visit.room.has("comment"):
        modulation, body = "OFF" if phase.is_localiser else "XYZ_EC", "Head" if phase.region == HEAD else "Body"
        told["comment"] = f"X-ray Modulation Type = {modulation}, Body Region = {body}, Body Size = Adult"
    if visit.room.has("event_times"):
        told |= {"started_at": started.replace(microsecond=0), "xray_modulation_type": "CARE Dose4D"}
    if visit.room.has("reconstruction"):
        told["reconstruction_algorithm"] = [ITERATIVE]
    if visit.room.has("dose_check") and not phase.is_localiser:
        told["dose_check_notification"] = [_dose_check(ctdivol)]
    if visit.room.has("size_specific") and phase.region == CHEST and not phase.is_localiser:
        told["size_specific_dose"] = [_size_specific_dose(ctdivol, visit.person.diameter)]
    return told


def _dose_check(ctdivol: float) -> dict[str, Any]:
    check = {"dlp_configured": NO, "ctdivol_configured": YES, "ctdivol_value": NOTIFIED}
    exceeded = {"ctdivol_forward_estimate": ctdivol, "reason_for_proceeding": "Size of the patient"}
    return check | exceeded if ctdivol > NOTIFIED else check


def _size_specific_dose(ctdivol: float, diameter: float) -> dict[str, Any]:
    """The estimate of AAPM report 204 for the phantom of 32 cm."""
    return {
        "size_specific_dose": round(ctdivol * 3.704 * exp(-0.0367 * diameter), 2),
        "measurement_method": SUM_OF_DIMENSIONS,
        "lateral_dimension": round(diameter * 11.5),
        "ap_dimension": round(diameter * 8.7),
    }
