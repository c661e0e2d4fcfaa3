"""Nuclear medicine: administrations (TID 10022, 10023) what is told of the patient (TID 10024), PET series."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.dicom.concept import Concept
from app.extensions import db
from app.models import parts as part_layouts
from app.models.columns import attribute, code, num, parts, text, uid, when
from app.models.event import Event

AGENT = Concept("349358000", "SCT", "Radiopharmaceutical agent")
BEFORE = Concept("113508", "DCM", "Pre-Administration Measured Activity")
AFTER = Concept("113509", "DCM", "Post-Administration Measured Activity")
ROUTE = Concept("410675002", "SCT", "Route of administration")
SITE = Concept("272737002", "SCT", "Site of")
EFFECTIVE_DOSE = Concept("113839", "DCM", "Effective Dose")
DISPENSED = Concept("113511", "DCM", "Radiopharmaceutical Dispense Unit Identifier")
BODY_SURFACE_AREA = Concept("8277-6", "LN", "Body Surface Area")
BODY_MASS_INDEX = Concept("60621009", "SCT", "Body Mass Index")


class Administration(Event, db.Model):
    """One administration of a radiopharmaceutical (TID 10022); the header of an image tells the same of it."""

    claims = Concept("113502", "DCM", "Radiopharmaceutical Administration")
    claims_tag = "RadiopharmaceuticalInformationSequence"
    listed_by = "agent"

    administration_event_uid: Mapped[str | None] = uid(
        "113503",
        "Radiopharmaceutical Administration Event UID",
        tid="10022",
        tag="RadiopharmaceuticalAdministrationEventUID",
    )
    agent: Mapped[int | None] = code(
        "349358000", "Radiopharmaceutical agent", scheme="SCT", tid="10022", tag="RadiopharmaceuticalCodeSequence"
    )
    agent_text: Mapped[str | None] = text(
        "349358000", "Radiopharmaceutical agent", scheme="SCT", tid="10022", tag="Radiopharmaceutical"
    )
    radionuclide: Mapped[int | None] = code(
        "89457008", "Radionuclide", scheme="SCT", tid="10022", within=AGENT, tag="RadionuclideCodeSequence"
    )
    half_life: Mapped[float | None] = num(
        "304283002",
        "Radionuclide Half Life",
        "s",
        scheme="SCT",
        tid="10022",
        within=AGENT,
        tag="RadionuclideHalfLife",
    )
    positron_fraction: Mapped[float | None] = attribute(
        "RadionuclidePositronFraction", "Radionuclide positron fraction", "number", "1"
    )
    started_at: Mapped[datetime | None] = when(
        "123003", "Radiopharmaceutical Start DateTime", tid="10022", tag="RadiopharmaceuticalStartDateTime"
    )
    stopped_at: Mapped[datetime | None] = when(
        "123004", "Radiopharmaceutical Stop DateTime", tid="10022", tag="RadiopharmaceuticalStopDateTime"
    )
    administered_activity: Mapped[float | None] = num(
        "113507", "Administered activity", "MBq", tid="10022", tag="RadionuclideTotalDose"
    )
    effective_dose: Mapped[float | None] = num("113839", "Effective Dose", "mSv")
    effective_dose_reference_authority: Mapped[int | None] = code(
        "121406", "Reference Authority", within=EFFECTIVE_DOSE
    )
    effective_dose_reference_authority_text: Mapped[str | None] = text(
        "121406", "Reference Authority", within=EFFECTIVE_DOSE
    )
    specific_activity: Mapped[float | None] = num(
        "123007",
        "Radiopharmaceutical Specific Activity",
        "Bq/mmol",
        tid="10022",
        tag="RadiopharmaceuticalSpecificActivity",
    )
    volume: Mapped[float | None] = num(
        "123005", "Radiopharmaceutical Volume", "cm3", tid="10022", tag="RadiopharmaceuticalVolume"
    )
    pre_administration_measured_activity: Mapped[float | None] = num(
        "113508", "Pre-Administration Measured Activity", "MBq", tid="10022"
    )
    pre_administration_device: Mapped[list | None] = parts(part_layouts.ACTIVITY_MEASUREMENT_DEVICE, within=BEFORE)
    post_administration_measured_activity: Mapped[float | None] = num(
        "113509", "Post-Administration Measured Activity", "MBq", tid="10022"
    )
    post_administration_device: Mapped[list | None] = parts(part_layouts.ACTIVITY_MEASUREMENT_DEVICE, within=AFTER)
    extravasation_symptoms: Mapped[list | None] = code(
        "113505", "Intravenous Extravasation Symptoms", tid="10022", many=True
    )
    estimated_extravasation_activity: Mapped[float | None] = num(
        "113506", "Estimated Extravasation Activity", "%", tid="10022"
    )
    route: Mapped[int | None] = code(
        "410675002", "Route of administration", scheme="SCT", tid="10022", tag="AdministrationRouteCodeSequence"
    )
    route_text: Mapped[str | None] = text(
        "410675002", "Route of administration", scheme="SCT", tid="10022", tag="RadiopharmaceuticalRoute"
    )
    site: Mapped[int | None] = code("272737002", "Site of", scheme="SCT", tid="10022", within=ROUTE)
    laterality: Mapped[int | None] = code("272741003", "Laterality", scheme="SCT", tid="10022", within=SITE)
    billing_codes: Mapped[list | None] = code("121147", "Billing Code", tid="10022", many=True)
    drug_product_identifiers: Mapped[list | None] = code("113510", "Drug Product Identifier", tid="10022", many=True)
    brand_name: Mapped[str | None] = text("111529", "Brand Name", tid="10022")
    dispense_unit_identifier: Mapped[str | None] = text(
        "113511", "Radiopharmaceutical Dispense Unit Identifier", tid="10022"
    )
    lot_identifiers: Mapped[list | None] = text(
        "113512", "Radiopharmaceutical Lot Identifier", tid="10022", many=True, within=DISPENSED
    )
    reagent_vial_identifiers: Mapped[list | None] = text(
        "113513", "Reagent Vial Identifier", tid="10022", many=True, within=DISPENSED
    )
    radionuclide_identifiers: Mapped[list | None] = text(
        "113514", "Radionuclide Vial Identifier", tid="10022", many=True, within=DISPENSED
    )
    prescription_identifier: Mapped[str | None] = text("113516", "Prescription Identifier", tid="10022")
    comment: Mapped[str | None] = text("121106", "Comment", tid="10022")

    organ_doses: Mapped[list | None] = parts(part_layouts.ORGAN_DOSE)
    persons: Mapped[list | None] = parts(part_layouts.PERSON)
    devices: Mapped[list | None] = parts(part_layouts.DEVICE)


class PatientCharacteristics(db.Model):
    """What one radiopharmaceutical dose report tells of the patient (TID 10024)."""

    claims = Concept("121118", "DCM", "Patient Characteristics")

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    patient_state: Mapped[list | None] = code("109054", "Patient State", tid="10024", many=True)
    age: Mapped[float | None] = num("121033", "Subject Age", "a", tid="10024")
    sex: Mapped[int | None] = code("121032", "Subject Sex", tid="10024")
    height: Mapped[float | None] = num("8302-2", "Patient Height", "cm", scheme="LN", tid="10024")
    weight: Mapped[float | None] = num("29463-7", "Patient Weight", "kg", scheme="LN", tid="10024")
    body_surface_area: Mapped[float | None] = num("8277-6", "Body Surface Area", "m2", scheme="LN", tid="10024")
    body_surface_area_formula: Mapped[int | None] = code(
        "8278-4", "Body Surface Area Formula", scheme="LN", tid="10024", within=BODY_SURFACE_AREA
    )
    body_mass_index: Mapped[float | None] = num("60621009", "Body Mass Index", "kg/m2", scheme="SCT", tid="10024")
    body_mass_index_equation: Mapped[int | None] = code("121420", "Equation", tid="10024", within=BODY_MASS_INDEX)
    glucose: Mapped[float | None] = num("14749-6", "Glucose", "mmol/l", scheme="LN", tid="10024")
    fasting_duration: Mapped[float | None] = num("113550", "Fasting Duration", "h", tid="10024")
    hydration_volume: Mapped[float | None] = num("113551", "Hydration Volume", "ml", tid="10024")
    recent_physical_activity: Mapped[str | None] = text("113552", "Recent Physical Activity", tid="10024")
    serum_creatinine: Mapped[float | None] = num("2160-0", "Serum Creatinine", "mg/dl", scheme="LN", tid="10024")
    glomerular_filtration_rate: Mapped[list | None] = parts(part_layouts.GLOMERULAR_FILTRATION_RATE)


class PetSeries(db.Model):
    """One series of PET images (PS3.3 C.8.9.1), which tells what the images were made of."""

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    series_instance_uid: Mapped[str | None] = attribute("SeriesInstanceUID", "Series Instance UID", "uid")
    description: Mapped[str | None] = attribute("SeriesDescription", "Series description")
    started_at: Mapped[datetime | None] = attribute("SeriesDateTime", "Series date and time", "moment")
    image_type: Mapped[list | None] = attribute("ImageType", "Image type", many=True)
    body_part_examined: Mapped[str | None] = attribute("BodyPartExamined", "Body part examined")
    series_type: Mapped[list | None] = attribute("SeriesType", "Series type", many=True)
    units: Mapped[str | None] = attribute("Units", "Units of the pixels")
    counts_source: Mapped[str | None] = attribute("CountsSource", "Counts source")
    number_of_rr_intervals: Mapped[float | None] = attribute(
        "NumberOfRRIntervals", "Number of R-R intervals", "number", "1"
    )
    number_of_time_slots: Mapped[float | None] = attribute("NumberOfTimeSlots", "Number of time slots", "number", "1")
    number_of_time_slices: Mapped[float | None] = attribute(
        "NumberOfTimeSlices", "Number of time slices", "number", "1"
    )
    number_of_slices: Mapped[float | None] = attribute("NumberOfSlices", "Number of slices", "number", "1")
    reconstruction_method: Mapped[str | None] = attribute("ReconstructionMethod", "Reconstruction method")
    coincidence_window_width: Mapped[float | None] = attribute(
        "CoincidenceWindowWidth", "Coincidence window width", "number", "ns"
    )
    energy_window_lower_limit: Mapped[float | None] = attribute(
        "EnergyWindowLowerLimit", "Energy window, lower limit", "number", "keV"
    )
    energy_window_upper_limit: Mapped[float | None] = attribute(
        "EnergyWindowUpperLimit", "Energy window, upper limit", "number", "keV"
    )
    scan_progression_direction: Mapped[str | None] = attribute("ScanProgressionDirection", "Scan progression direction")
    type_of_detector_motion: Mapped[str | None] = attribute("TypeOfDetectorMotion", "Type of detector motion")
    corrected_image: Mapped[list | None] = attribute("CorrectedImage", "Corrected image", many=True)
    decay_correction: Mapped[str | None] = attribute("DecayCorrection", "Decay correction")
    randoms_correction_method: Mapped[str | None] = attribute("RandomsCorrectionMethod", "Randoms correction method")
    attenuation_correction_method: Mapped[str | None] = attribute(
        "AttenuationCorrectionMethod", "Attenuation correction method"
    )
    scatter_correction_method: Mapped[str | None] = attribute("ScatterCorrectionMethod", "Scatter correction method")
