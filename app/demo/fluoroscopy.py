"""A fluoroscopy study: its series and stretches of fluoroscopy as this room would make them for this patient."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import Any

from app.demo.chance import about, between, shares, total, uid
from app.demo.ct import USUAL_DIAMETER
from app.demo.fluoroscopy_protocols import BRAIN, Procedure
from app.demo.people import ADULT, Person
from app.demo.rooms import Room
from app.dicom.concept import Concept
from app.dicom.layout import Layout, Row

PROJECTION = Concept("113704", "DCM", "Projection X-Ray")
FLUOROSCOPY = Concept("44491008", "SCT", "Fluoroscopy")
SERIES = Concept("113611", "DCM", "Stationary Acquisition")
ROTATION = Concept("113613", "DCM", "Rotational Acquisition")
PULSED = Concept("113631", "DCM", "Pulsed")
SINGLE_PLANE = Concept("113622", "DCM", "Single Plane")
PLANES = (Concept("113620", "DCM", "Plane A"), Concept("113621", "DCM", "Plane B"))
HEAD_FIRST = Concept("102540008", "SCT", "headfirst")
RECUMBENT, SUPINE = Concept("102538003", "SCT", "recumbent"), Concept("40199007", "SCT", "supine")
STRIP_FILTER = Concept("113650", "DCM", "Strip filter")
COPPER = Concept("C-127F9", "SRT", "Copper or Copper compound")
DOSIMETER = Concept("15869005", "SCT", "Dosimeter")
REFERENCE_POINT = "15cm from Isocenter toward Source"

STEEPNESS = 0.075  # exposure control makes the dose grow by this part with each cm of diameter
TO_ISOCENTER, TO_REFERENCE_POINT = 785.0, 635.0  # mm from the source
LONGEST_STRETCH = 40.0  # mean seconds that a foot stays on the pedal


@dataclass(frozen=True)
class FluoroscopyStudy:
    """Where, what, on whom and when: all that the events of a study depend on."""

    room: Room
    procedure: Procedure
    person: Person
    started: datetime
    dose: float  # of this study, relative to the procedure's
    random: Random

    @property
    def planes(self) -> tuple[Concept, ...]:
        """The planes that the room has."""
        return PLANES if "biplane" in self.room.traits else (SINGLE_PLANE,)


@dataclass(frozen=True)
class Exposure:
    """One irradiation event before it has its values."""

    type: Concept
    plane: Concept
    area_product: float  # Gy·m²
    seconds: float
    started: datetime


def report(study: FluoroscopyStudy, layout: Layout) -> Row:
    """The dose report of the study."""
    event_layout = layout.parts_by_name["projection_event"].layout
    accumulated_layout = layout.parts_by_name["projection_accumulated"].layout
    events = [_event(study, exposure, event_layout) for exposure in _exposures(study)]
    values = {
        "procedure_reported": PROJECTION,
        "intent": study.procedure.intent,
        "source_of_dose_information": [DOSIMETER],
        "detector_data_available": Concept("373067005", "SCT", "No"),
        "source_data_available": Concept("373066001", "SCT", "Yes"),
        "mechanical_data_available": Concept("373066001", "SCT", "Yes"),
    }
    accumulations = [_accumulated(study, plane, events, accumulated_layout) for plane in study.planes]
    return Row(layout, values, {"projection_accumulated": accumulations, "projection_event": events})


def _exposures(study: FluoroscopyStudy) -> list[Exposure]:
    """Stretches of fluoroscopy with series among them, in the order of time."""
    random, procedure = study.random, study.procedure
    size = exp(STEEPNESS * (study.person.diameter - USUAL_DIAMETER[procedure.ages[1] > ADULT])) if procedure.region != BRAIN else 1
    area_product = about(random, procedure.area_product * 1e-4 * study.dose * size, 0.45)
    seconds = about(random, procedure.minutes * 60, 0.45)
    number_of_series = round(about(random, procedure.acquisitions, 0.3)) if procedure.acquisitions else 0
    number_of_stretches = max(1, min(30, round(seconds / LONGEST_STRETCH) + random.randrange(3)))
    fluoro = area_product * (procedure.fluoro_part if number_of_series else 1)
    planned = [(FLUOROSCOPY, fluoro * part, seconds * part) for part in shares(random, number_of_stretches)]
    planned += [
        (ROTATION if random.random() < 0.05 and "table" not in study.room.traits else SERIES, (area_product - fluoro) * part,
         random.uniform(2, 8)) for part in shares(random, number_of_series)
    ]  # fmt: skip
    random.shuffle(planned)
    return _in_time(study, planned)


def _in_time(study: FluoroscopyStudy, planned: list[tuple[Concept, float, float]]) -> list[Exposure]:
    """The exposures one after the other; with two planes, series run in both at once."""
    exposures, now = [], study.started
    for type_, area_product, seconds in planned:
        now += timedelta(seconds=study.random.uniform(5, 60))
        planes = study.planes if type_ == SERIES else [study.random.choice(study.planes)]
        exposures += [Exposure(type_, plane, area_product / len(planes), seconds, now) for plane in planes]
        now += timedelta(seconds=seconds)
    return exposures


def _event(study: FluoroscopyStudy, exposure: Exposure, layout: Layout) -> Row:
    random, procedure = study.random, study.procedure
    to_detector = between(random, 980, 1190)
    side = procedure.field * between(random, 0.7, 1.1, 2)
    # The field shrinks towards the source; Dose (RP) is the area product spread over it there.
    area_at_reference_point = (side / 1000 * TO_REFERENCE_POINT / to_detector) ** 2
    values: dict[str, Any] = {
        "irradiation_event_uid": uid(random),
        "acquisition_plane": exposure.plane,
        "started_at": exposure.started.replace(microsecond=0),
        "irradiation_event_type": exposure.type,
        "acquisition_protocol": _protocol(study, exposure),
        "target_region": procedure.region,
        "dap": round(exposure.area_product, 9),
        "dose_rp": round(exposure.area_product / area_at_reference_point, 6),
        "reference_point_definition": REFERENCE_POINT,
        "collimated_field_area": round((side / 1000) ** 2, 6),
        "collimated_field_height": round(side),
        "collimated_field_width": round(side),
        "distance_source_to_detector": to_detector,
        "distance_source_to_isocenter": TO_ISOCENTER,
        "distance_source_to_reference_point": TO_REFERENCE_POINT,
    }
    values |= _beam(study, exposure) | _position(study, exposure)
    thickness = random.choice((0.1, 0.2, 0.3, 0.6, 0.9))
    copper = {"type": STRIP_FILTER, "material": COPPER, "thickness_minimum": thickness, "thickness_maximum": thickness}
    return Row(layout, values, {"xray_filters": [Row(layout.parts_by_name["xray_filters"].layout, copper)]})


def _protocol(study: FluoroscopyStudy, exposure: Exposure) -> str:
    kind = "FL" if exposure.type == FLUOROSCOPY else "DSA" if study.procedure.group in ("brain", "vessels") else "Series"
    return f"{kind} {study.procedure.name}"


def _beam(study: FluoroscopyStudy, exposure: Exposure) -> dict[str, Any]:
    """The tube's settings: a thicker patient needs a higher voltage; charge is current × pulse width × pulses."""
    random, is_fluoro = study.random, exposure.type == FLUOROSCOPY
    rate = random.choice((4.0, 7.5, 7.5, 15.0)) if is_fluoro else random.choice((2.0, 4.0, 15.0))
    pulses = max(1, round(rate * exposure.seconds))
    width, current = between(random, 3, 12, 1), between(random, 20, 120) if is_fluoro else between(random, 200, 700)
    beam: dict[str, Any] = {
        "pulse_rate": rate,
        "number_of_pulses": float(pulses),
        "pulse_width": [width],
        "kvp": [min(125.0, round(62 + study.person.diameter * 0.6 + random.gauss(0, 4)))],
        "tube_current": [current],
        "exposure": [round(current * width * pulses, 1)],
        "exposure_time": round(pulses * width, 1),
        "irradiation_duration": round(exposure.seconds, 3),
        "focal_spot_size": 0.6 if is_fluoro else 1.0,
    }
    if is_fluoro:
        beam["fluoro_mode"] = PULSED
    if "scene_comment" in study.room.traits:
        beam["comment"] = _scene(study, exposure, pulses)
    return beam


def _scene(study: FluoroscopyStudy, exposure: Exposure, pulses: int) -> str:
    """What Siemens Artis writes about a scene, in the XML of its comment."""
    name, diameter = _protocol(study, exposure), study.random.choice((160, 220, 320, 420, 480))
    return (
        f'<FluoroData><SceneName SRData="{name}"/><iiDiameter SRData="{diameter}"/>'
        f'<SceneTime SRData="{round(exposure.seconds)}"/><NumOfFrames SRData="{pulses}"/></FluoroData>'
    )


def _position(study: FluoroscopyStudy, exposure: Exposure) -> dict[str, Any]:
    """The angles of a projection with a little freedom, and the table under the patient."""
    random = study.random
    primary, secondary = random.choice(study.procedure.angles)
    if exposure.plane == PLANES[1]:
        primary, secondary = 90, 0
    position: dict[str, Any] = {
        "patient_table_relationship": HEAD_FIRST,
        "patient_orientation": RECUMBENT,
        "patient_orientation_modifier": SUPINE,
        "positioner_primary_angle": round(primary + random.gauss(0, 2), 1),
        "positioner_secondary_angle": round(secondary + random.gauss(0, 2), 1),
    }
    if exposure.type == ROTATION:
        position["positioner_primary_end_angle"] = round(position["positioner_primary_angle"] + 200, 1)
    if "mobile" not in study.room.traits:
        position |= {
            "table_longitudinal_position": between(random, -200, 200, 1),
            "table_lateral_position": between(random, -40, 40, 1),
            "table_height_position": between(random, 60, 200, 1),
            "table_head_tilt_angle": 0.0,
            "table_horizontal_rotation_angle": 0.0,
            "table_cradle_tilt_angle": 0.0,
        }
    return position


def _accumulated(study: FluoroscopyStudy, plane: Concept, events: list[Row], layout: Layout) -> Row:
    """What the room adds up in one plane."""
    of_plane = [event.values for event in events if event.values["acquisition_plane"] == plane]
    fluoro = [values for values in of_plane if values["irradiation_event_type"] == FLUOROSCOPY]
    series = [values for values in of_plane if values["irradiation_event_type"] != FLUOROSCOPY]
    sums: dict[str, Any] = {"acquisition_plane": plane}
    for prefix, some in (("", of_plane), ("fluoro_", fluoro), ("acquisition_", series)):
        sums |= {f"{prefix}{name}_total": total(values[name] for values in some) for name in ("dap", "dose_rp")}
    sums |= {
        "total_fluoro_time": total(values["irradiation_duration"] for values in fluoro),
        "total_acquisition_time": total(values["irradiation_duration"] for values in series),
        "total_number_of_radiographic_frames": total(values["number_of_pulses"] for values in series),
        "distance_source_to_reference_point": TO_REFERENCE_POINT,
        "reference_point_definition": REFERENCE_POINT,
    }
    calibration = {
        "dose_measurement_device": DOSIMETER,
        "calibration_date": datetime(study.started.year, 1, 15, 9, 30),
        "calibration_factor": 1.0,
        "calibration_uncertainty": 5.0,
        "responsible_party": study.room.manufacturer,
    }
    return Row(layout, sums, {"calibrations": [Row(layout.parts_by_name["calibrations"].layout, calibration)]})
