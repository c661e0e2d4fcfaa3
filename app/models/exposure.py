"""What the header of an image says, and a report rarely, of the exposure that made it (PS3.3 C.8.7, C.8.11, C.8.19)."""

from sqlalchemy.orm import Mapped

from app.dicom.concept import OWN
from app.models.columns import attribute, num


class Exposure:
    """Columns of a projection event that images fill, and reports rarely or never."""

    body_part_examined: Mapped[str | None] = attribute("BodyPartExamined", "Body part examined")
    view_position: Mapped[str | None] = attribute("ViewPosition", "View position")
    positioner_type: Mapped[str | None] = attribute("PositionerType", "Positioner type")
    image_type: Mapped[str | None] = attribute("ImageType", "Image type")
    presentation_intent: Mapped[str | None] = attribute("PresentationIntentType", "Presentation intent")
    radiation_setting: Mapped[str | None] = attribute("RadiationSetting", "Radiation setting")
    radiation_mode: Mapped[str | None] = attribute("RadiationMode", "Radiation mode")
    exposure_control_mode: Mapped[str | None] = attribute("ExposureControlMode", "Exposure control mode")
    exposure_control_mode_description: Mapped[str | None] = attribute(
        "ExposureControlModeDescription", "Exposure control mode description"
    )
    exposure_status: Mapped[str | None] = attribute("ExposureStatus", "Exposure status")
    acquisition_device_processing: Mapped[str | None] = attribute(
        "AcquisitionDeviceProcessingDescription", "Acquisition device processing"
    )
    comments_on_radiation_dose: Mapped[str | None] = attribute("CommentsOnRadiationDose", "Comments on radiation dose")
    number_of_frames: Mapped[float | None] = num("121140", "Number of Frames", "1", tag="NumberOfFrames")

    relative_xray_exposure: Mapped[float | None] = attribute(
        "RelativeXRayExposure", "Relative X-Ray exposure", "number", "1"
    )
    sensitivity: Mapped[float | None] = attribute("Sensitivity", "Sensitivity", "number", "1")
    magnification_factor: Mapped[float | None] = attribute(
        "EstimatedRadiographicMagnificationFactor", "Estimated radiographic magnification factor", "number", "1"
    )
    field_of_view_shape: Mapped[str | None] = attribute("FieldOfViewShape", "Field of view shape")
    field_of_view_dimensions: Mapped[list | None] = attribute(
        "FieldOfViewDimensions", "Field of view dimensions", "number", "mm", many=True
    )
    intensifier_size: Mapped[float | None] = num(
        "intensifier-size", "Intensifier Size", "mm", tag="IntensifierSize", scheme=OWN
    )
    distance_source_to_patient: Mapped[float | None] = attribute(
        "DistanceSourceToPatient", "Distance source to patient", "number", "mm"
    )
    distance_source_to_entrance: Mapped[float | None] = attribute(
        "DistanceSourceToEntrance", "Distance source to entrance", "number", "mm"
    )

    organ_exposed: Mapped[str | None] = attribute("OrganExposed", "Organ exposed")
    compression_force: Mapped[float | None] = num("111647", "Compression Force", "N", tag="CompressionForce")
    compression_pressure: Mapped[float | None] = num("111648", "Compression Pressure", "kPa", tag="CompressionPressure")
    compression_contact_area: Mapped[float | None] = num(
        "111649", "Compression Contact Area", "mm2", tag="CompressionContactArea"
    )
    paddle: Mapped[str | None] = attribute("PaddleDescription", "Paddle")
    breast_implant_present: Mapped[str | None] = attribute("BreastImplantPresent", "Breast implant present")
