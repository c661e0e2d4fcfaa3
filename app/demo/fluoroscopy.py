"""A fluoroscopy report: what is exposed, as this room would report it."""

from datetime import datetime
from typing import Any

from app.demo.chance import between, total, uid
from app.demo.exposures import PLANE_B, ROTATION, Exposure, exposures, planes
from app.demo.fluoroscopy_protocols import Procedure
from app.demo.visit import Visit
from app.dicom.concept import Concept

PROJECTION = Concept("113704", "DCM", "Projection X-Ray")
DOSIMETER = Concept("15869005", "SCT", "Dosimeter")
YES, NO = Concept("373066001", "SCT", "Yes"), Concept("373067005", "SCT", "No")
PULSED = Concept("113631", "DCM", "Pulsed")
HEAD_FIRST = Concept("102540008", "SCT", "headfirst")
RECUMBENT, SUPINE = Concept("102538003", "SCT", "recumbent"), Concept("40199007", "SCT", "supine")
STRIP_FILTER = Concept("113650", "DCM", "Strip filter")
COPPER = Concept("66925006", "SCT", "Copper")
REFERENCE_POINT = "15cm from Isocenter toward Source"

TO_ISOCENTER, TO_REFERENCE_POINT = 785.0, 635.0  # mm from the source
SUBTRACTED = ("brain", "vessels")  # groups whose series are subtracted


def report(visit: Visit[Procedure]) -> dict[str, Any]:
    """The columns of the report, its parts among them."""
    events = [_event(visit, exposure) for exposure in exposures(visit)]
    return {
        "procedure_reported": PROJECTION,
        "intent": visit.protocol.intent,
        "source_of_dose_information": [DOSIMETER],
        "detector_data_available": NO,
        "source_data_available": YES,
        "mechanical_data_available": YES,
        "projection_accumulated": [_accumulated(visit, plane, events) for plane in planes(visit)],
        "projection_event": events,
    }


def _event(visit: Visit[Procedure], exposure: Exposure) -> dict[str, Any]:
    to_detector = between(visit.random, 980, 1190)
    side = visit.protocol.field * between(visit.random, 0.7, 1.1, 2)
    # The field shrinks towards the source: Dose (RP) is the area product spread over what is left of it there.
    area_at_reference_point = (side / 1000 * TO_REFERENCE_POINT / to_detector) ** 2
    event = {
        "irradiation_event_uid": uid(visit.random),
        "acquisition_plane": exposure.plane,
        "started_at": exposure.started.replace(microsecond=0),
        "irradiation_event_type": exposure.type,
        "acquisition_protocol": _protocol(visit, exposure),
        "target_region": visit.protocol.region,
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
    return event | _beam(visit, exposure) | _position(visit, exposure)


def _protocol(visit: Visit[Procedure], exposure: Exposure) -> str:
    series = "DSA" if visit.protocol.group in SUBTRACTED else "Series"
    return f"{'FL' if exposure.is_fluoroscopy else series} {visit.protocol.name}"


def _beam(visit: Visit[Procedure], exposure: Exposure) -> dict[str, Any]:
    """The tube's settings: a thicker patient needs a higher voltage; charge is current × pulse width × pulses."""
    random = visit.random
    rates, currents = ((4.0, 7.5, 7.5, 15.0), (20, 120)) if exposure.is_fluoroscopy else ((2.0, 4.0, 15.0), (200, 700))
    rate, current, width = random.choice(rates), between(random, *currents), between(random, 3, 12, 1)
    pulses = max(1, round(rate * exposure.seconds))
    thickness = random.choice((0.1, 0.2, 0.3, 0.6, 0.9))
    return {
        "fluoro_mode": PULSED if exposure.is_fluoroscopy else None,
        "pulse_rate": rate,
        "number_of_pulses": pulses,
        "pulse_width": [width],
        "kvp": [min(125, round(62 + visit.person.diameter * 0.6 + random.gauss(0, 4)))],
        "tube_current": [current],
        "exposure": [round(current * width * pulses, 1)],
        "exposure_time": round(pulses * width, 1),
        "irradiation_duration": round(exposure.seconds, 3),
        "focal_spot_size": 0.6 if exposure.is_fluoroscopy else 1.0,
        "xray_filters": [{
            "type": STRIP_FILTER, "material": COPPER, "thickness_minimum": thickness, "thickness_maximum": thickness,
        }],
        "comment": _scene(visit, exposure, pulses) if visit.room.has("comment") else None,
    }  # fmt: skip


def _scene(visit: Visit[Procedure], exposure: Exposure, pulses: int) -> str:
    """What Siemens Artis writes about a scene, in the XML of its comment."""
    diameter = visit.random.choice((160, 220, 320, 420, 480))
    return (
        f'<FluoroData><SceneName SRData="{_protocol(visit, exposure)}"/><iiDiameter SRData="{diameter}"/>'
        f'<SceneTime SRData="{round(exposure.seconds)}"/><NumOfFrames SRData="{pulses}"/></FluoroData>'
    )


def _position(visit: Visit[Procedure], exposure: Exposure) -> dict[str, Any]:
    """The angles of a projection with a little freedom, and the table under the patient."""
    random = visit.random
    primary, secondary = (90, 0) if exposure.plane == PLANE_B else random.choice(visit.protocol.angles)
    primary_angle = round(primary + random.gauss(0, 2), 1)
    angles = {
        "patient_table_relationship": HEAD_FIRST,
        "patient_orientation": RECUMBENT,
        "patient_orientation_modifier": SUPINE,
        "positioner_primary_angle": primary_angle,
        "positioner_secondary_angle": round(secondary + random.gauss(0, 2), 1),
        "positioner_primary_end_angle": round(primary_angle + 200, 1) if exposure.type == ROTATION else None,
    }
    table = {
        "table_longitudinal_position": between(random, -200, 200, 1),
        "table_lateral_position": between(random, -40, 40, 1),
        "table_height_position": between(random, 60, 200, 1),
        "table_head_tilt_angle": 0.0,
        "table_horizontal_rotation_angle": 0.0,
        "table_cradle_tilt_angle": 0.0,
    }
    return angles if visit.room.has("mobile") else angles | table


def _accumulated(visit: Visit[Procedure], plane: Concept, events: list[dict[str, Any]]) -> dict[str, Any]:
    """What the room adds up in one plane."""
    of_plane = [event for event in events if event["acquisition_plane"] == plane]
    fluoro = [event for event in of_plane if event["fluoro_mode"]]
    series = [event for event in of_plane if not event["fluoro_mode"]]
    sums = {
        f"{prefix}{column}_total": total(event[column] for event in some)
        for prefix, some in (("", of_plane), ("fluoro_", fluoro), ("acquisition_", series))
        for column in ("dap", "dose_rp")
    }
    calibration = {
        "dose_measurement_device": DOSIMETER,
        "calibration_date": datetime(visit.started.year, 1, 15, 9, 30),
        "calibration_factor": 1.0,
        "calibration_uncertainty": 5.0,
        "responsible_party": visit.room.manufacturer,
    }
    return sums | {
        "acquisition_plane": plane,
        "total_fluoro_time": total(event["irradiation_duration"] for event in fluoro),
        "total_acquisition_time": total(event["irradiation_duration"] for event in series),
        "total_number_of_radiographic_frames": total(event["number_of_pulses"] for event in series),
        "distance_source_to_reference_point": TO_REFERENCE_POINT,
        "reference_point_definition": REFERENCE_POINT,
        "calibrations": [calibration],
    }
