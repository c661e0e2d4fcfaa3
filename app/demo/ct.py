"""A CT study: the events of a protocol as this room would make them for this patient."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Any

from app.demo.chance import about, total, uid
from app.demo.ct_protocols import BODY_PHANTOM, CHEST, HEAD_PHANTOM, LOCALISER, Phase, Protocol
from app.demo.people import ADULT, Person
from app.demo.rooms import Room
from app.dicom.concept import Concept
from app.dicom.layout import Layout, Row

COMPUTED_TOMOGRAPHY = Concept("77477000", "SCT", "Computed Tomography X-Ray")
WITHOUT_CONTRAST = Concept("399331006", "SCT", "CT without contrast")
WITH_CONTRAST = Concept("27483000", "SCT", "Diagnostic radiography with contrast media")
YES, NO = Concept("373066001", "SCT", "Yes"), Concept("373067005", "SCT", "No")
ITERATIVE = Concept("113963", "DCM", "Iterative Reconstruction")
SUM_OF_DIMENSIONS = Concept("113936", "DCM", "AAPM 204 Sum of Lateral and AP Dimension")

USUAL_DIAMETER = {True: 27.0, False: 17.0}  # in cm, of adults and of children
STEEPNESS = 0.06  # exposure control makes the dose grow by this part with each cm of diameter
DOSE_PER_CHARGE = {HEAD_PHANTOM: 0.13, BODY_PHANTOM: 0.068}  # CTDIvol in mGy for each mA·s at 120 kV
NOTIFIED = 60.0  # mGy, the CTDIvol from which rooms with a dose check notify
GENERATOR = 1300.0  # mA that no tube exceeds


@dataclass(frozen=True)
class CtStudy:
    """Where, what, on whom and when: all that the events of a study depend on."""

    room: Room
    protocol: Protocol
    person: Person
    started: datetime
    dose: float  # of this study, relative to the protocol's
    random: Random


def report(study: CtStudy, layout: Layout) -> Row:
    """The dose report of the study."""
    events, ended = [], study.started
    for phase in _phases(study):
        ended += timedelta(seconds=study.random.uniform(8, 40))
        events.append(_event(study, phase, ended, layout.parts_by_name["ct_event"].layout))
        ended += timedelta(seconds=events[-1].values["exposure_time"])
    accumulated = {
        "total_number_of_irradiation_events": float(len(events)),
        "dlp_total": total(event.values["dlp"] for event in events if "dlp" in event.values),
    }
    values = {
        "procedure_reported": COMPUTED_TOMOGRAPHY,
        "start_of_irradiation": study.started.replace(microsecond=0),
        "end_of_irradiation": ended.replace(microsecond=0),
        "source_of_dose_information": [Concept("113856", "DCM", "Automated Data Collection")],
    }
    accumulations = [Row(layout.parts_by_name["ct_accumulated"].layout, accumulated)]
    return Row(layout, values, {"ct_accumulated": accumulations, "ct_event": events})


def _phases(study: CtStudy) -> list[Phase]:
    """The localisers and the phases of the protocol that are done this time."""
    length = study.protocol.localiser * min(1.0, study.person.height / 1.6)
    localiser = Phase("Topogram", 0.12, length, study.protocol.phases[-1].region, LOCALISER, pitch=0.0, collimation=(0.6, 3.6))
    return [localiser] * study.random.choice((1, 1, 2)) + [
        phase for phase in study.protocol.phases if study.random.random() < phase.chance
    ]


def _event(study: CtStudy, phase: Phase, started: datetime, layout: Layout) -> Row:
    random, room = study.random, study.room
    length = round(phase.length * random.gauss(1, 0.08) if phase.length > 20 else phase.length, 1)
    values: dict[str, Any] = {
        "irradiation_event_uid": uid(random),
        "acquisition_protocol": phase.name,
        "acquisition_type": phase.type,
        "target_region": phase.region,
        "procedure_context": WITH_CONTRAST if phase.contrast else WITHOUT_CONTRAST,
        "exposure_time": _exposure_time(phase, length),
        "scanning_length": length,
        "nominal_single_collimation_width": phase.collimation[0],
        "nominal_total_collimation_width": phase.collimation[1],
        "number_of_xray_sources": 2.0 if _is_dual(study, phase) else 1.0,
    }
    if phase.pitch and phase.type != LOCALISER:
        values["pitch_factor"] = phase.pitch
    ctdivol = _ctdivol(study, phase)
    if phase.type != LOCALISER or "no_localiser_dose" not in room.traits:
        values |= _dose(phase, ctdivol, length)
    values |= _extras(study, phase, started)
    event = Row(layout, values, {"ct_source": _sources(study, phase, ctdivol, layout.parts_by_name["ct_source"].layout)})
    _add_parts(event, study, phase, ctdivol)
    return event


def _exposure_time(phase: Phase, length: float) -> float:
    """Seconds of radiation: the table's way, in the widths that each rotation covers."""
    if phase.type == LOCALISER:
        return round(length / 100, 2)
    if not phase.pitch:
        return round(phase.rotation * (20 if phase.ctdivol > 100 else 1), 2)
    return round((length / (phase.collimation[1] * phase.pitch) + 1) * phase.rotation, 2)


def _ctdivol(study: CtStudy, phase: Phase) -> float:
    """The dose index in mGy: heads by age, trunks by size."""
    if phase.is_of_head:
        size = 0.5 + 0.5 * min(study.person.age, 15) / 15 if study.protocol.ages[1] > ADULT else 1.0
    else:
        size = exp(STEEPNESS * (study.person.diameter - USUAL_DIAMETER[study.protocol.ages[1] > ADULT]))
    return max(0.01, round(about(study.random, phase.ctdivol * study.dose * size, 0.08), 2))


def _phantom(phase: Phase) -> Concept:
    return HEAD_PHANTOM if phase.is_of_head and phase.type != LOCALISER else BODY_PHANTOM


def _dose(phase: Phase, ctdivol: float, length: float) -> dict[str, Any]:
    return {"mean_ctdivol": ctdivol, "ctdiw_phantom_type": _phantom(phase), "dlp": round(ctdivol * length / 10, 2)}


def _is_dual(study: CtStudy, phase: Phase) -> bool:
    return phase.dual and "dual" in study.room.traits


def _sources(study: CtStudy, phase: Phase, ctdivol: float, layout: Layout) -> list[Row]:
    """The tube's settings that give this dose; two tubes share it, the second with a higher voltage."""
    voltages = [phase.kvp] if not _is_dual(study, phase) else [phase.kvp, 150.0 if phase.kvp < 120 else 140.0]
    sources = []
    for name, kvp in zip("AB", voltages, strict=False):
        charge = ctdivol / len(voltages) / (DOSE_PER_CHARGE[_phantom(phase)] * (kvp / 120) ** 2.5)
        current = max(10.0, min(round(charge * (phase.pitch or 1) / phase.rotation), GENERATOR))
        values = {
            "identification": name, "kvp": kvp, "tube_current": current,
            "maximum_tube_current": min(round(current * study.random.uniform(1, 1.5)), GENERATOR),
        }  # fmt: skip
        if phase.type != LOCALISER:
            values["exposure_time_per_rotation"] = phase.rotation
        sources.append(Row(layout, values))
    return sources


def _extras(study: CtStudy, phase: Phase, started: datetime) -> dict[str, Any]:
    """What only some rooms tell."""
    traits = study.room.traits
    extras: dict[str, Any] = {}
    if "modulation_comment" in traits:
        modulation = "OFF" if phase.type == LOCALISER else "XYZ_EC"
        region = "Head" if phase.is_of_head else "Body"
        extras["comment"] = f"X-ray Modulation Type = {modulation}, Body Region = {region}, Body Size = Adult"
    if "event_times" in traits:
        extras |= {"started_at": started, "xray_modulation_type": "CARE Dose4D"}
    if "reconstruction" in traits:
        extras["reconstruction_algorithm"] = [ITERATIVE]
    return extras


def _add_parts(event: Row, study: CtStudy, phase: Phase, ctdivol: float) -> None:
    traits, parts = study.room.traits, event.layout.parts_by_name
    if "dose_check" in traits and phase.type != LOCALISER:
        is_notified = ctdivol > NOTIFIED
        check: dict[str, Any] = {"dlp_configured": NO, "ctdivol_configured": YES, "ctdivol_value": NOTIFIED}
        if is_notified:
            check |= {"ctdivol_forward_estimate": ctdivol, "reason_for_proceeding": "Size of the patient"}
        event.parts["dose_check_notification"] = [Row(parts["dose_check_notification"].layout, check)]
    if "size_specific" in traits and phase.region == CHEST and "mean_ctdivol" in event.values:
        estimate = {
            "size_specific_dose": round(ctdivol * 3.7 * exp(-0.0367 * study.person.diameter), 2),
            "measurement_method": SUM_OF_DIMENSIONS,
            "lateral_dimension": round(study.person.diameter * 11.5),
            "ap_dimension": round(study.person.diameter * 8.7),
        }
        event.parts["size_specific_dose"] = [Row(parts["size_specific_dose"].layout, estimate)]
