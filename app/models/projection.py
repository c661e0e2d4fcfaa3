"""Projection X-ray: accumulated dose (TID 10002, 10004–10007) and events (TID 10003, 10003A–C)."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.dicom.concept import OWN, Concept
from app.extensions import db
from app.models import parts as part_layouts
from app.models.columns import code, image, name, num, parts, text, uid, when
from app.models.event import Event
from app.models.exposure import Exposure


class ProjectionAccumulated(db.Model):
    """Dose accumulated in one plane over the scope of one report (TID 10002)."""

    claims = Concept("113702", "DCM", "Accumulated X-Ray Dose Data")

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    acquisition_plane: Mapped[int | None] = code("113764", "Acquisition Plane", tid="10002")
    dap_total: Mapped[float | None] = num("113722", "Dose Area Product Total", "Gy.m2", tid="10004")
    dose_rp_total: Mapped[float | None] = num("113725", "Dose (RP) Total", "Gy", tid="10004")
    fluoro_dap_total: Mapped[float | None] = num("113726", "Fluoro Dose Area Product Total", "Gy.m2", tid="10004")
    fluoro_dose_rp_total: Mapped[float | None] = num("113728", "Fluoro Dose (RP) Total", "Gy", tid="10004")
    total_fluoro_time: Mapped[float | None] = num("113730", "Total Fluoro Time", "s", tid="10004")
    acquisition_dap_total: Mapped[float | None] = num(
        "113727", "Acquisition Dose Area Product Total", "Gy.m2", tid="10004"
    )
    acquisition_dose_rp_total: Mapped[float | None] = num("113729", "Acquisition Dose (RP) Total", "Gy", tid="10004")
    total_acquisition_time: Mapped[float | None] = num("113855", "Total Acquisition Time", "s", tid="10004")
    total_number_of_radiographic_frames: Mapped[float | None] = num(
        "113731", "Total Number of Radiographic Frames", "1", tid="10004"
    )
    distance_source_to_reference_point: Mapped[float | None] = num(
        "113737", "Distance Source to Reference Point", "mm", tid="10004"
    )
    reference_point_definition: Mapped[str | None] = text("113780", "Reference Point Definition", tid="10004")
    detector_type: Mapped[int | None] = code("113947", "Detector Type", tid="10006")
    accumulated_agd: Mapped[list | None] = parts(part_layouts.ACCUMULATED_AGD)
    calibrations: Mapped[list | None] = parts(part_layouts.CALIBRATION)
    distance_source_to_isocenter: Mapped[float | None] = num("113748", "Distance Source to Isocenter", "mm")
    system_height: Mapped[float | None] = num("system-height", "Height of System", "mm", scheme=OWN)
    devices: Mapped[list | None] = parts(part_layouts.DEVICE)


class ProjectionEvent(Event, Exposure, db.Model):
    """One irradiation event of a fluoroscopy, radiography or mammography study (TID 10003)."""

    claims = Concept("113706", "DCM", "Irradiation Event X-Ray Data")

    irradiation_event_uid: Mapped[str | None] = uid(
        "113769", "Irradiation Event UID", tid="10003", tag="IrradiationEventUID"
    )
    acquisition_plane: Mapped[int | None] = code("113764", "Acquisition Plane", tid="10003")
    started_at: Mapped[datetime | None] = when("111526", "DateTime Started", tid="10003", tag="AcquisitionDateTime")
    irradiation_event_type: Mapped[int | None] = code(
        "113721", "Irradiation Event Type", tid="10003", tag="RadiationSetting"
    )
    acquisition_protocol: Mapped[int | None] = name(
        "125203", "Acquisition Protocol", tid="10003", tag="AcquisitionProtocolName"
    )
    is_repeated_acquisition: Mapped[int | None] = code("128551", "Is Repeated Acquisition", tid="10003")
    reason_for_repeating_acquisition: Mapped[int | None] = code(
        "128552",
        "Reason for Repeating Acquisition",
        tid="10003",
        within=Concept("128551", "DCM", "Is Repeated Acquisition"),
    )
    is_rejected_acquisition: Mapped[int | None] = code("130503", "Is Rejected Acquisition", tid="10003")
    reason_for_rejecting_acquisition: Mapped[int | None] = code(
        "130504",
        "Reason for Rejecting Acquisition",
        tid="10003",
        within=Concept("130503", "DCM", "Is Rejected Acquisition"),
    )
    irradiation_event_label: Mapped[str | None] = text("113605", "Irradiation Event Label", tid="10003")
    label_type: Mapped[int | None] = code(
        "113606", "Label Type", tid="10003", within=Concept("113605", "DCM", "Irradiation Event Label")
    )
    target_region: Mapped[int | None] = code("123014", "Target Region", tid="10003", tag="AnatomicRegionSequence")
    anatomical_structure: Mapped[int | None] = code(
        "91723000", "Anatomical structure", scheme="SCT", tid="10003", tag="AnatomicRegionSequence"
    )
    laterality: Mapped[int | None] = code(
        "272741003",
        "Laterality",
        scheme="SCT",
        tid="10003",
        within=Concept("91723000", "SCT", "Anatomical structure"),
        tag="ImageLaterality",
    )
    image_view: Mapped[int | None] = code("111031", "Image View", tid="10003", tag="ViewCodeSequence")
    image_view_modifiers: Mapped[list | None] = code(
        "111032",
        "Image View Modifier",
        tid="10003",
        many=True,
        within=Concept("111031", "DCM", "Image View"),
        tag="ViewModifierCodeSequence",
    )
    projection_eponymous_name: Mapped[int | None] = code("113946", "Projection Eponymous Name", tid="10003")
    patient_table_relationship: Mapped[int | None] = code(
        "113745", "Patient Table Relationship", tid="10003", tag="PatientPosition"
    )
    patient_orientation: Mapped[int | None] = code("113743", "Patient Orientation", tid="10003", tag="PatientPosition")
    patient_orientation_modifier: Mapped[int | None] = code(
        "113744",
        "Patient Orientation Modifier",
        tid="10003",
        within=Concept("113743", "DCM", "Patient Orientation"),
        tag="PatientPosition",
    )

    dap: Mapped[float | None] = num(
        "122130", "Dose Area Product", "Gy.m2", tid="10003", tag="ImageAndFluoroscopyAreaDoseProduct"
    )
    dose_rp: Mapped[float | None] = num("113738", "Dose (RP)", "Gy", tid="10003B")
    reference_point_definition: Mapped[str | None] = text("113780", "Reference Point Definition", tid="10003")
    average_glandular_dose: Mapped[float | None] = num(
        "111631", "Average Glandular Dose", "mGy", tid="10003B", tag="OrganDose"
    )
    entrance_exposure_at_rp: Mapped[float | None] = num(
        "111636", "Entrance Exposure at RP", "mGy", tid="10003", tag="EntranceDoseInmGy"
    )
    half_value_layer: Mapped[float | None] = num("111634", "Half Value Layer", "mm", tid="10003", tag="HalfValueLayer")
    patient_equivalent_thickness: Mapped[float | None] = num(
        "111638", "Patient Equivalent Thickness", "mm", tid="10003"
    )

    fluoro_mode: Mapped[int | None] = code("113732", "Fluoro Mode", tid="10003B", tag="RadiationMode")
    pulse_rate: Mapped[float | None] = num("113791", "Pulse Rate", "{pulse}/s", tid="10003B")
    number_of_pulses: Mapped[float | None] = num("113768", "Number of Pulses", "1", tid="10003B")
    number_of_pulses_derivation: Mapped[int | None] = code(
        "121401", "Derivation", tid="10003B", within=Concept("113768", "DCM", "Number of Pulses")
    )
    pulse_width: Mapped[list | None] = num(
        "113793", "Pulse Width", "ms", tid="10003B", many=True, tag="AveragePulseWidth"
    )
    irradiation_duration: Mapped[float | None] = num(
        "113742", "Irradiation Duration", "s", tid="10003B", tag="AcquisitionDuration"
    )
    kvp: Mapped[list | None] = num("113733", "KVP", "kV", tid="10003B", many=True, tag="KVP")
    tube_current: Mapped[list | None] = num(
        "113734", "X-Ray Tube Current", "mA", tid="10003B", many=True, tag="XRayTubeCurrent"
    )
    average_tube_current: Mapped[float | None] = num("113767", "Average X-Ray Tube Current", "mA", tid="10003B")
    exposure_time: Mapped[float | None] = num("113824", "Exposure Time", "ms", tid="10003B", tag="ExposureTime")
    exposure: Mapped[list | None] = num("113736", "Exposure", "uA.s", tid="10003B", many=True, tag="Exposure")
    focal_spot_size: Mapped[float | None] = num("113766", "Focal Spot Size", "mm", tid="10003B", tag="FocalSpots")
    anode_target_material: Mapped[int | None] = code(
        "111632", "Anode Target Material", tid="10003B", tag="AnodeTargetMaterial"
    )
    xray_filters: Mapped[list | None] = parts(part_layouts.XRAY_FILTER)
    collimated_field_area: Mapped[float | None] = num("113790", "Collimated Field Area", "m2", tid="10003B")
    collimated_field_height: Mapped[float | None] = num("113788", "Collimated Field Height", "mm", tid="10003B")
    collimated_field_width: Mapped[float | None] = num("113789", "Collimated Field Width", "mm", tid="10003B")
    xray_grid: Mapped[list | None] = code("111635", "X-Ray Grid", tid="10003B", many=True, tag="Grid")

    exposure_index: Mapped[float | None] = num("113845", "Exposure Index", "1", tid="10003A", tag="ExposureIndex")
    target_exposure_index: Mapped[float | None] = num(
        "113846", "Target Exposure Index", "1", tid="10003A", tag="TargetExposureIndex"
    )
    deviation_index: Mapped[float | None] = num("113847", "Deviation Index", "1", tid="10003A", tag="DeviationIndex")
    acquired_images: Mapped[list | None] = image("113795", "Acquired Image", tid="10003A")

    mechanical_configuration: Mapped[int | None] = code("113956", "CR/DR Mechanical Configuration", tid="10003C")
    positioner_primary_angle: Mapped[float | None] = num(
        "112011", "Positioner Primary Angle", "deg", tid="10003C", tag="PositionerPrimaryAngle"
    )
    positioner_secondary_angle: Mapped[float | None] = num(
        "112012", "Positioner Secondary Angle", "deg", tid="10003C", tag="PositionerSecondaryAngle"
    )
    positioner_primary_end_angle: Mapped[float | None] = num(
        "113739", "Positioner Primary End Angle", "deg", tid="10003C"
    )
    positioner_secondary_end_angle: Mapped[float | None] = num(
        "113740", "Positioner Secondary End Angle", "deg", tid="10003C"
    )
    column_angulation: Mapped[float | None] = num(
        "113770", "Column Angulation", "deg", tid="10003C", tag="ColumnAngulation"
    )
    table_head_tilt_angle: Mapped[float | None] = num(
        "113754", "Table Head Tilt Angle", "deg", tid="10003C", tag="TableHeadTiltAngle"
    )
    table_horizontal_rotation_angle: Mapped[float | None] = num(
        "113755", "Table Horizontal Rotation Angle", "deg", tid="10003C", tag="TableHorizontalRotationAngle"
    )
    table_cradle_tilt_angle: Mapped[float | None] = num(
        "113756", "Table Cradle Tilt Angle", "deg", tid="10003C", tag="TableCradleTiltAngle"
    )
    compression_thickness: Mapped[float | None] = num(
        "111633", "Compression Thickness", "mm", tid="10003C", tag="BodyPartThickness"
    )
    distance_source_to_isocenter: Mapped[float | None] = num(
        "113748", "Distance Source to Isocenter", "mm", tid="10003C", tag="DistanceSourceToIsocenter"
    )
    distance_source_to_reference_point: Mapped[float | None] = num(
        "113737", "Distance Source to Reference Point", "mm", tid="10003C"
    )
    distance_source_to_detector: Mapped[float | None] = num(
        "113750", "Distance Source to Detector", "mm", tid="10003C", tag="DistanceSourceToDetector"
    )
    distance_source_to_table_plane: Mapped[float | None] = num(
        "113792", "Distance Source to Table Plane", "mm", tid="10003C"
    )
    table_longitudinal_position: Mapped[float | None] = num("113751", "Table Longitudinal Position", "mm", tid="10003C")
    table_lateral_position: Mapped[float | None] = num("113752", "Table Lateral Position", "mm", tid="10003C")
    table_height_position: Mapped[float | None] = num("113753", "Table Height Position", "mm", tid="10003C")

    table_longitudinal_end_position: Mapped[float | None] = num(
        "113759", "Table Longitudinal End Position", "mm", tid="10003C"
    )
    table_lateral_end_position: Mapped[float | None] = num("113760", "Table Lateral End Position", "mm", tid="10003C")
    table_height_end_position: Mapped[float | None] = num("113761", "Table Height End Position", "mm", tid="10003C")
    table_head_tilt_end_angle: Mapped[float | None] = num("128763", "Table Head Tilt End Angle", "deg", tid="10003C")
    table_horizontal_rotation_end_angle: Mapped[float | None] = num(
        "128764", "Table Horizontal Rotation End Angle", "deg", tid="10003C"
    )
    table_cradle_tilt_end_angle: Mapped[float | None] = num(
        "128765", "Table Cradle Tilt End Angle", "deg", tid="10003C"
    )
    table_x_position: Mapped[float | None] = num("128766", "Table X Position to Isocenter", "mm", tid="10003C")
    table_y_position: Mapped[float | None] = num("128767", "Table Y Position to Isocenter", "mm", tid="10003C")
    table_z_position: Mapped[float | None] = num("128768", "Table Z Position to Isocenter", "mm", tid="10003C")
    table_x_end_position: Mapped[float | None] = num("128769", "Table X End Position to Isocenter", "mm", tid="10003C")
    table_y_end_position: Mapped[float | None] = num("128770", "Table Y End Position to Isocenter", "mm", tid="10003C")
    table_z_end_position: Mapped[float | None] = num("128771", "Table Z End Position to Isocenter", "mm", tid="10003C")
    positioner_isocenter_primary_angle: Mapped[float | None] = num(
        "128757", "Positioner Isocenter Primary Angle", "deg", tid="10003C"
    )
    positioner_isocenter_secondary_angle: Mapped[float | None] = num(
        "128758", "Positioner Isocenter Secondary Angle", "deg", tid="10003C"
    )
    positioner_isocenter_detector_rotation_angle: Mapped[float | None] = num(
        "128759", "Positioner Isocenter Detector Rotation Angle", "deg", tid="10003C"
    )
    positioner_isocenter_primary_end_angle: Mapped[float | None] = num(
        "128760", "Positioner Isocenter Primary End Angle", "deg", tid="10003C"
    )
    positioner_isocenter_secondary_end_angle: Mapped[float | None] = num(
        "128761", "Positioner Isocenter Secondary End Angle", "deg", tid="10003C"
    )
    positioner_isocenter_detector_rotation_end_angle: Mapped[float | None] = num(
        "128762", "Positioner Isocenter Detector Rotation End Angle", "deg", tid="10003C"
    )

    # What devices tell in items and comments of their own (app/dicom/quirks).
    images_per_frame: Mapped[float | None] = num("images-per-frm", "Images per Frame", "1", scheme=OWN)
    scene_time: Mapped[float | None] = num("scene-time", "Scene Time", "s", scheme=OWN)
    field_of_view_width: Mapped[float | None] = num("field-width", "Field of View Width", "mm", scheme=OWN)
    field_of_view_height: Mapped[float | None] = num("field-height", "Field of View Height", "mm", scheme=OWN)
    shutter_left: Mapped[float | None] = num("shutter-left", "Left Shutter", "mm", scheme=OWN)
    shutter_right: Mapped[float | None] = num("shutter-right", "Right Shutter", "mm", scheme=OWN)
    shutter_top: Mapped[float | None] = num("shutter-top", "Top Shutter", "mm", scheme=OWN)
    shutter_bottom: Mapped[float | None] = num("shutter-bottom", "Bottom Shutter", "mm", scheme=OWN)
    wedge_distances: Mapped[list | None] = num("wedge-distance", "Wedge Distance", "mm", many=True, scheme=OWN)
    wedge_angles: Mapped[list | None] = num("wedge-angle", "Wedge Angle", "deg", many=True, scheme=OWN)
    beam_longitudinal_position: Mapped[float | None] = num(
        "beam-longitude", "Longitudinal Beam Position", "mm", scheme=OWN
    )
    beam_lateral_position: Mapped[float | None] = num("beam-lateral", "Lateral Beam Position", "mm", scheme=OWN)
    beam_angle: Mapped[float | None] = num("beam-angle", "Beam Angle", "deg", scheme=OWN)
    distance_source_to_detector_at_end: Mapped[float | None] = num(
        "end-sid", "Distance Source to Detector at End", "mm", scheme=OWN
    )
    fluoro_flavour: Mapped[str | None] = text("fluoro-flavour", "Fluoro Flavour", scheme=OWN)
    application: Mapped[str | None] = text("application", "Application", scheme=OWN)
    application_group: Mapped[str | None] = text("application-grp", "Application Group", scheme=OWN)

    performing_physician: Mapped[int | None] = name("121114", "Performing Physician")
    comment: Mapped[str | None] = text("121106", "Comment", tid="10003")
    persons: Mapped[list | None] = parts(part_layouts.PERSON)
    devices: Mapped[list | None] = parts(part_layouts.DEVICE)
