"""Computed tomography: accumulated dose (TID 10012), events (TID 10013–10015) and their X-ray sources."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.dicom.concept import OWN, Concept
from app.extensions import db
from app.models import parts as part_layouts
from app.models.columns import attribute, code, name, num, parts, text, uid, when
from app.models.event import Event
from app.models.parts import MEASUREMENT_METHOD

EFFECTIVE_DOSE_TOTAL = Concept("113814", "DCM", "CT Effective Dose Total")
EFFECTIVE_DOSE = Concept("113839", "DCM", "Effective Dose")


class CtAccumulated(db.Model):
    """Dose accumulated over the scope of one report (TID 10012)."""

    claims = Concept("113811", "DCM", "CT Accumulated Dose Data")

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    total_number_of_irradiation_events: Mapped[float | None] = num(
        "113812", "Total Number of Irradiation Events", "{events}", tid="10012", tag="TotalNumberOfExposures"
    )
    dlp_total: Mapped[float | None] = num("113813", "CT Dose Length Product Total", "mGy.cm", tid="10012")
    ctdiw_phantom_type: Mapped[int | None] = code(
        "113835", "CTDIw Phantom Type", tid="10012", within=Concept("113813", "DCM", "CT Dose Length Product Total")
    )
    dlp_sub_totals: Mapped[list | None] = parts(part_layouts.DLP_SUB_TOTAL)  # where phantoms differ
    effective_dose_total: Mapped[float | None] = num("113814", "CT Effective Dose Total", "mSv", tid="10012")
    reference_authority: Mapped[str | None] = text(
        "121406", "Reference Authority", tid="10012", within=EFFECTIVE_DOSE_TOTAL
    )
    measurement_method: Mapped[int | None] = code(
        "370129005", "Measurement Method", scheme="SCT", tid="10012", within=EFFECTIVE_DOSE_TOTAL
    )
    patient_model: Mapped[str | None] = text("113815", "Patient Model", tid="10012", within=EFFECTIVE_DOSE_TOTAL)
    effective_dose_condition: Mapped[list | None] = parts(
        part_layouts.EFFECTIVE_DOSE_CONDITION, within=EFFECTIVE_DOSE_TOTAL
    )
    comment: Mapped[str | None] = text("121106", "Comment", tid="10012", tag="CommentsOnRadiationDose")
    devices: Mapped[list | None] = parts(part_layouts.DEVICE)


class CtSource(db.Model):
    """One X-ray source of a CT event (TID 10013)."""

    claims = Concept("113831", "DCM", "CT X-Ray Source Parameters")

    id: Mapped[int] = mapped_column(primary_key=True)
    ct_event_id: Mapped[int] = mapped_column(ForeignKey("ct_event.id", ondelete="CASCADE"), index=True)
    identification: Mapped[str | None] = text("113832", "Identification of the X-Ray Source", tid="10013")
    kvp: Mapped[float | None] = num("113733", "KVP", "kV", tid="10013", tag="KVP")
    maximum_tube_current: Mapped[float | None] = num("113833", "Maximum X-Ray Tube Current", "mA", tid="10013")
    tube_current: Mapped[float | None] = num("113734", "X-Ray Tube Current", "mA", tid="10013", tag="XRayTubeCurrent")
    exposure_time_per_rotation: Mapped[float | None] = num(
        "113834", "Exposure Time per Rotation", "s", tid="10013", tag="RevolutionTime"
    )
    aluminum_equivalent: Mapped[float | None] = num("113821", "X-Ray Filter Aluminum Equivalent", "mm", tid="10013")


class CtEvent(Event, db.Model):
    """One irradiation event of a CT study (TID 10013)."""

    claims = Concept("113819", "DCM", "CT Acquisition")
    below = (CtSource,)

    irradiation_event_uid: Mapped[str | None] = uid("113769", "Irradiation Event UID", tid="10013")
    acquisition_protocol: Mapped[int | None] = name(
        "125203", "Acquisition Protocol", tid="10013", tag="AcquisitionProtocolName"
    )
    acquisition_type: Mapped[int | None] = code("113820", "CT Acquisition Type", tid="10013", tag="AcquisitionType")
    started_at: Mapped[datetime | None] = when("111526", "DateTime Started", tid="10013", tag="AcquisitionDateTime")
    target_region: Mapped[int | None] = code("123014", "Target Region", tid="10013", tag="AnatomicRegionSequence")
    laterality: Mapped[int | None] = code(
        "272741003", "Laterality", scheme="SCT", tid="10013", within=Concept("123014", "DCM", "Target Region")
    )
    procedure_context: Mapped[int | None] = code("408730004", "Procedure Context", scheme="SCT", tid="10013")
    mean_ctdivol: Mapped[float | None] = num("113830", "Mean CTDIvol", "mGy", tid="10013", tag="CTDIvol")
    ctdiw_phantom_type: Mapped[int | None] = code(
        "113835", "CTDIw Phantom Type", tid="10013", tag="CTDIPhantomTypeCodeSequence"
    )
    dlp: Mapped[float | None] = num("113838", "DLP", "mGy.cm", tid="10013")
    dlp_phantom_type: Mapped[int | None] = code(
        "113835", "CTDIw Phantom Type of the DLP", tid="10013", within=Concept("113838", "DCM", "DLP")
    )
    exposure_time: Mapped[float | None] = num("113824", "Exposure Time", "s", tid="10013", tag="ExposureTime")
    scanning_length: Mapped[float | None] = num("113825", "Scanning Length", "mm", tid="10014", tag="ScanLength")
    length_of_reconstructable_volume: Mapped[float | None] = num(
        "113893", "Length of Reconstructable Volume", "mm", tid="10014"
    )
    exposed_range: Mapped[float | None] = num("113899", "Exposed Range", "mm", tid="10014")
    top_z_location_of_reconstructable_volume: Mapped[float | None] = num(
        "113895", "Top Z Location of Reconstructable Volume", "mm", tid="10014"
    )
    bottom_z_location_of_reconstructable_volume: Mapped[float | None] = num(
        "113896", "Bottom Z Location of Reconstructable Volume", "mm", tid="10014"
    )
    top_z_location_of_scanning_length: Mapped[float | None] = num(
        "113897", "Top Z Location of Scanning Length", "mm", tid="10014"
    )
    bottom_z_location_of_scanning_length: Mapped[float | None] = num(
        "113898", "Bottom Z Location of Scanning Length", "mm", tid="10014"
    )
    frame_of_reference_uid: Mapped[str | None] = uid("112227", "Frame of Reference UID", tid="10014")
    nominal_single_collimation_width: Mapped[float | None] = num(
        "113826", "Nominal Single Collimation Width", "mm", tid="10013", tag="SingleCollimationWidth"
    )
    nominal_total_collimation_width: Mapped[float | None] = num(
        "113827", "Nominal Total Collimation Width", "mm", tid="10013", tag="TotalCollimationWidth"
    )
    pitch_factor: Mapped[float | None] = num("113828", "Pitch Factor", "{ratio}", tid="10013", tag="SpiralPitchFactor")
    number_of_xray_sources: Mapped[float | None] = num(
        "113823", "Number of X-Ray Sources", "{X-Ray sources}", tid="10013"
    )
    xray_modulation_type: Mapped[str | None] = text(
        "113842", "X-Ray Modulation Type", tid="10013", tag="ExposureModulationType"
    )
    reconstruction_algorithm: Mapped[list | None] = code("113961", "Reconstruction Algorithm", tid="10013", many=True)
    ctdifreeair_calculation_factor: Mapped[float | None] = num(
        "113836", "CTDIfreeair Calculation Factor", "mGy/mA.s", tid="10013"
    )
    mean_ctdifreeair: Mapped[float | None] = num("113837", "Mean CTDIfreeair", "mGy", tid="10013")
    effective_dose: Mapped[float | None] = num("113839", "Effective Dose", "mSv", tid="10013")
    effective_dose_measurement_method: Mapped[int | None] = code(
        "370129005", "Measurement Method", scheme="SCT", tid="10013", within=EFFECTIVE_DOSE
    )
    effective_dose_conversion_factor: Mapped[float | None] = num(
        "113840", "Effective Dose Conversion Factor", "mSv/mGy.cm", tid="10013", within=MEASUREMENT_METHOD
    )
    irradiation_event_label: Mapped[str | None] = text(
        "113605", "Irradiation Event Label", tid="10013", tag="SeriesNumber"
    )
    label_type: Mapped[int | None] = code(
        "113606", "Label Type", tid="10013", within=Concept("113605", "DCM", "Irradiation Event Label")
    )
    is_repeated_acquisition: Mapped[int | None] = code("128551", "Is Repeated Acquisition", tid="10013")
    reason_for_repeating_acquisition: Mapped[int | None] = code(
        "128552",
        "Reason for Repeating Acquisition",
        tid="10013",
        within=Concept("128551", "DCM", "Is Repeated Acquisition"),
    )
    standard_deviation: Mapped[str | None] = text("121414", "Standard deviation of population")
    body_region: Mapped[str | None] = text("body-region", "Body Region", scheme=OWN)
    body_size: Mapped[str | None] = text("body-size", "Body Size", scheme=OWN)
    organ_characteristic: Mapped[str | None] = text("organ", "Organ Characteristic", scheme=OWN)
    tin_filters: Mapped[list | None] = text("tin-filter", "Tin Filter", many=True, scheme=OWN)
    comment: Mapped[str | None] = text("121106", "Comment", tid="10013")
    estimated_dose_saving: Mapped[float | None] = attribute(
        "EstimatedDoseSaving", "Estimated dose saving", "number", "%"
    )

    size_specific_dose: Mapped[list | None] = parts(part_layouts.SIZE_SPECIFIC_DOSE)
    dose_check_alert: Mapped[list | None] = parts(part_layouts.DOSE_CHECK_ALERT)
    dose_check_notification: Mapped[list | None] = parts(part_layouts.DOSE_CHECK_NOTIFICATION)
    persons: Mapped[list | None] = parts(part_layouts.PERSON)
    devices: Mapped[list | None] = parts(part_layouts.DEVICE)

    sources: Mapped[list[CtSource]] = relationship(order_by=CtSource.id)
