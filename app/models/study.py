"""The study, its patient as far as dose needs one, and the reports that made it."""

from datetime import date, datetime, time

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    func,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.dicom.concept import OWN, Concept
from app.extensions import db
from app.models import parts as part_layouts
from app.models.columns import attribute, code, derived, name, num, parts, shared_name, text, uid, when
from app.models.ct import CtAccumulated, CtEvent
from app.models.equipment import Equipment
from app.models.nuclear import Administration, PatientCharacteristics, PetSeries
from app.models.projection import ProjectionAccumulated, ProjectionEvent

PROCEDURE_REPORTED = Concept("121058", "DCM", "Procedure reported")
ASSOCIATED_PROCEDURE = Concept("363589002", "SCT", "Associated Procedure")
SCOPE = Concept("113705", "DCM", "Scope of Accumulation")

LONGEST_NAME = 324  # characters, in each of three ways to write it (PS3.5 6.2)


class Study(db.Model):
    """One visit to one modality (PS3.3 C.7.2.1), with its totals. Nothing says who the patient is, unless asked."""

    id: Mapped[int] = mapped_column(primary_key=True)
    study_instance_uid: Mapped[str] = attribute("StudyInstanceUID", "Study Instance UID", "uid")
    modality: Mapped[str] = derived(String(2), "Modality")  # CT, RF, DX, MG; NM where there is no X-ray dose
    modality_found: Mapped[str | None] = derived(String(2), "Modality by its objects")  # whatever the room's setting
    nuclear: Mapped[bool] = derived(Boolean, "Radiopharmaceutical dose", default=False)  # beside X-ray dose, or alone
    equipment_id: Mapped[int | None] = mapped_column(ForeignKey("equipment.id"), index=True)
    equipment: Mapped[Equipment | None] = relationship()

    study_date: Mapped[date | None] = attribute("StudyDate", "Date", "date")
    study_time: Mapped[time | None] = attribute("StudyTime", "Time", "time")
    accession_number: Mapped[str | None] = attribute("AccessionNumber", "Accession number", bytewise=True)
    description: Mapped[int | None] = attribute("StudyDescription", "Study description", "name")
    procedure: Mapped[int | None] = attribute("PerformedProcedureStepDescription", "Procedure", "name")
    requested_procedure: Mapped[int | None] = attribute("RequestedProcedureDescription", "Requested procedure", "name")
    operator: Mapped[int | None] = attribute("OperatorsName", "Operator", "name")
    performing_physician: Mapped[int | None] = attribute("PerformingPhysicianName", "Performing physician", "name")
    # For lists, so that they need no events: see ingest.listed. Several protocols or agents stand on a line each.
    study_at: Mapped[datetime | None] = mapped_column(DateTime, comment="Date and time, to sort by")
    title: Mapped[int | None] = shared_name("Description, else procedure, else requested procedure")
    protocols: Mapped[int | None] = shared_name("Protocols of the X-ray events")
    agents: Mapped[int | None] = shared_name("Agents of the administrations")

    patient_sex: Mapped[str | None] = attribute("PatientSex", "Sex")
    patient_age: Mapped[float | None] = derived(Double, "Age", "a")
    patient_size: Mapped[float | None] = attribute("PatientSize", "Height", "number", "m")
    patient_weight: Mapped[float | None] = attribute("PatientWeight", "Weight", "number", "kg")
    # By the column: value, at, import (its job), overwrites. What is shown is combined in ingest.imported.
    imported: Mapped[dict | None] = derived(JSON(none_as_null=True), "Imported height and weight")
    test_patient: Mapped[str | None] = derived(String(64), "Test patient")  # the first pattern, never the name
    test_patterns: Mapped[list | None] = derived(JSON(none_as_null=True), "Test patient patterns, and where they are")
    # Only where the site wants it, see app.identity. Studies of one patient have one key; where both say who issued the
    # ID, that is the same too.
    patient_key: Mapped[str | None] = mapped_column(String(64), index=True)
    patient_issuer: Mapped[str | None] = mapped_column(String(16))
    patient_id: Mapped[str | None] = mapped_column(String(64))
    patient_name: Mapped[str | None] = mapped_column(String(LONGEST_NAME))  # as DICOM writes it
    patient_birth_date: Mapped[date | None] = mapped_column(Date)

    # What the device reported; the sums over the events beside it are our check.
    number_of_events: Mapped[int] = derived(Integer, "Events", default=0)  # of X-rays
    number_of_administrations: Mapped[int] = derived(Integer, "Administrations", default=0)
    dlp_total: Mapped[float | None] = derived(Double, "DLP total", "mGy.cm")
    dlp_event_sum: Mapped[float | None] = derived(Double, "DLP, sum of events", "mGy.cm")
    ctdivol_maximum: Mapped[float | None] = derived(Double, "CTDIvol max", "mGy")
    dap_total: Mapped[float | None] = derived(Double, "DAP total", "Gy.m2")
    dap_event_sum: Mapped[float | None] = derived(Double, "DAP, sum of events", "Gy.m2")
    dose_rp_total: Mapped[float | None] = derived(Double, "Dose (RP) total", "Gy")
    dose_rp_event_sum: Mapped[float | None] = derived(Double, "Dose (RP), sum of events", "Gy")
    fluoro_time_total: Mapped[float | None] = derived(Double, "Fluoroscopy time", "s")
    agd_maximum: Mapped[float | None] = derived(Double, "AGD max", "mGy")
    agd_left_total: Mapped[float | None] = derived(Double, "AGD, left breast", "mGy")
    agd_left_event_sum: Mapped[float | None] = derived(Double, "AGD, left breast, sum of events", "mGy")
    agd_right_total: Mapped[float | None] = derived(Double, "AGD, right breast", "mGy")
    agd_right_event_sum: Mapped[float | None] = derived(Double, "AGD, right breast, sum of events", "mGy")
    administered_activity_total: Mapped[float | None] = derived(Double, "Administered activity", "MBq")
    # Planes, phantoms: what of the totals belongs to each, where there are several.
    parts: Mapped[list | None] = derived(JSON(none_as_null=True), "Totals by plane or phantom")
    spiral_events: Mapped[int | None] = derived(Integer, "Spiral events")  # none where there are no CT events at all
    sequenced_events: Mapped[int | None] = derived(Integer, "Sequenced events")
    localizer_events: Mapped[int | None] = derived(Integer, "Localizer events")
    stationary_events: Mapped[int | None] = derived(Integer, "Stationary events")
    free_events: Mapped[int | None] = derived(Integer, "Free events")
    events_by_type: Mapped[dict | None] = derived(JSON(none_as_null=True), "Events by type")
    problems: Mapped[list] = derived(JSON, "Problems between its objects", default=list)
    problem_count: Mapped[int] = derived(Integer, "Problems", default=0)

    reports: Mapped[list["Report"]] = relationship(back_populates="study", order_by="Report.id")
    ct_events: Mapped[list[CtEvent]] = relationship(order_by="CtEvent.number, CtEvent.id")
    projection_events: Mapped[list[ProjectionEvent]] = relationship(
        order_by="ProjectionEvent.number, ProjectionEvent.id"
    )
    administrations: Mapped[list[Administration]] = relationship(order_by="Administration.number, Administration.id")

    __table_args__ = (
        Index("uq_study_study_instance_uid", "study_instance_uid", unique=True),
        Index("ix_study_latest", "modality", "study_at", "id", "nuclear"),  # and how many there are
        Index("ix_study_accession_number", "accession_number"),
        # Lists count what matches on every letter typed: for what is asked most, the index is enough.
        # Texts are searched for among the names, and then in an index that has what else is asked of them.
        Index(
            "ix_study_description", "modality", "description", "protocols", "dlp_total", "dap_total", "study_at", "id"
        ),
        Index("ix_study_protocols", "modality", "protocols", "description", "dlp_total", "dap_total", "study_at", "id"),
        Index("ix_study_dlp_total", "modality", "dlp_total"),
        Index("ix_study_dap_total", "modality", "dap_total"),
        Index("ix_study_room", "modality", "equipment_id", "study_date"),
        Index("ix_study_nuclear", "nuclear", "study_at", "id"),
        Index("ix_study_test_patient", "modality", "test_patient"),
        # What is deleted up to a number must never mean a study that came later.
        # A height that comes later finds room beside its study, and no index has to hear of it: a third of the time.
        {"sqlite_autoincrement": True, "postgresql_with": {"fillfactor": 80}},
    )


class NameKey(db.Model):
    """A way to type the name of a study's patient, hashed: see app.identity."""

    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class Report(db.Model):
    """One object that a study was made from, a dose report or an image that stands for one, and how reading it went."""

    claims = Concept("113701", "DCM", "X-Ray Radiation Dose Report")
    below = (
        CtAccumulated, CtEvent, ProjectionAccumulated, ProjectionEvent, Administration, PatientCharacteristics,
        PetSeries,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), index=True)
    study: Mapped[Study] = relationship(back_populates="reports")
    sop_instance_uid: Mapped[str] = attribute("SOPInstanceUID", "SOP Instance UID", "uid")
    sop_class_uid: Mapped[str | None] = attribute("SOPClassUID", "SOP Class UID", "uid")
    modality: Mapped[str | None] = attribute("Modality", "Modality of the object")
    content_date: Mapped[date | None] = attribute("ContentDate", "Content date", "date")
    content_time: Mapped[time | None] = attribute("ContentTime", "Content time", "time")
    series_description: Mapped[str | None] = attribute("SeriesDescription", "Series description")
    protocol_name: Mapped[str | None] = attribute("ProtocolName", "Protocol name")
    software_versions: Mapped[str | None] = attribute("SoftwareVersions", "Software versions")
    device_uid: Mapped[str | None] = attribute("DeviceUID", "Device UID", "uid")
    timezone_offset: Mapped[str | None] = attribute("TimezoneOffsetFromUTC", "Time zone offset from UTC")

    procedure_reported: Mapped[int | None] = code("121058", "Procedure reported", tid="10001")
    intent: Mapped[int | None] = code("363703001", "Has Intent", scheme="SCT", tid="10001", within=PROCEDURE_REPORTED)
    associated_procedure: Mapped[int | None] = code("363589002", "Associated Procedure", scheme="SCT", tid="10021")
    associated_procedure_intent: Mapped[int | None] = code(
        "363703001", "Has Intent", scheme="SCT", tid="10021", within=ASSOCIATED_PROCEDURE
    )
    acquisition_device_type: Mapped[int | None] = code("122142", "Acquisition Device Type", tid="10001")
    start_of_irradiation: Mapped[datetime | None] = when("113809", "Start of X-Ray Irradiation", tid="10011")
    end_of_irradiation: Mapped[datetime | None] = when("113810", "End of X-Ray Irradiation", tid="10011")
    scope: Mapped[int | None] = code("113705", "Scope of Accumulation", tid="10001")
    scope_study_uid: Mapped[str | None] = uid("110180", "Study Instance UID", tid="10001", within=SCOPE)
    scope_series_uid: Mapped[str | None] = uid("112002", "Series Instance UID", tid="10001", within=SCOPE)
    scope_step_uid: Mapped[str | None] = uid(
        "121126", "Performed Procedure Step SOP Instance UID", tid="10001", within=SCOPE
    )
    scope_event_uid: Mapped[str | None] = uid("113769", "Irradiation Event UID", tid="10001", within=SCOPE)
    source_of_dose_information: Mapped[list | None] = code(
        "113854", "Source of Dose Information", tid="10001", many=True
    )
    detector_data_available: Mapped[int | None] = code("113945", "X-Ray Detector Data Available", tid="10001")
    source_data_available: Mapped[int | None] = code("113943", "X-Ray Source Data Available", tid="10001")
    mechanical_data_available: Mapped[int | None] = code("113944", "X-Ray Mechanical Data Available", tid="10001")
    comment: Mapped[str | None] = text("121106", "Comment", tid="10001")
    dose_images: Mapped[list | None] = uid("121342", "Dose Image", tid="10001", many=True)
    language: Mapped[int | None] = code("121049", "Language of Content Item and Descendants", tid="1204")
    country_of_language: Mapped[int | None] = code(
        "121046", "Country of Language", tid="1204", within=Concept("121049", "DCM", "Language of Content Item")
    )

    observer_type: Mapped[list | None] = code("121005", "Observer Type", tid="1002", many=True)
    person_observer_name: Mapped[int | None] = name("121008", "Person Observer Name", tid="1002")
    person_observer_organization: Mapped[str | None] = text("121009", "Person Observer's Organization Name", tid="1002")
    person_observer_role_in_organization: Mapped[int | None] = code(
        "121010", "Person Observer's Role in the Organization", tid="1002"
    )
    person_observer_role_in_procedure: Mapped[int | None] = code(
        "121011", "Person Observer's Role in this Procedure", tid="1002"
    )
    device_observer_uid: Mapped[str | None] = uid("121012", "Device Observer UID", tid="1002")
    device_observer_name: Mapped[str | None] = text("121013", "Device Observer Name", tid="1002")
    device_observer_manufacturer: Mapped[str | None] = text("121014", "Device Observer Manufacturer", tid="1002")
    device_observer_model_name: Mapped[str | None] = text("121015", "Device Observer Model Name", tid="1002")
    device_observer_serial_number: Mapped[str | None] = text("121016", "Device Observer Serial Number", tid="1002")
    device_observer_location: Mapped[str | None] = text(
        "121017", "Device Observer Physical Location During Observation", tid="1002"
    )
    total_number_of_images: Mapped[float | None] = num("number-of-images", "Total Number of Images", "1", scheme=OWN)
    station_ae_title: Mapped[str | None] = text("110119", "Station AE Title")

    persons: Mapped[list | None] = parts(part_layouts.PERSON)
    devices: Mapped[list | None] = parts(part_layouts.DEVICE)

    kind: Mapped[str] = derived(String(16), "Kind of object", default="dose report")
    outcome: Mapped[str] = derived(Text, "What the study has from it", default="counted")
    in_totals: Mapped[bool] = derived(Boolean, "Whether the study's totals have what it accumulated", default=True)
    received_at: Mapped[datetime] = derived(DateTime, "Received", server_default=func.now())
    read_by: Mapped[str] = derived(String(32), "Read by version")
    changes: Mapped[list | None] = derived(JSON(none_as_null=True), "What reading it again has changed")
    equipment_id: Mapped[int | None] = mapped_column(ForeignKey("equipment.id"), index=True)
    event_count: Mapped[int] = derived(Integer, "Events in this object")
    digest: Mapped[str] = mapped_column(String(64))  # of all that it says
    body: Mapped[str] = mapped_column(String(64))  # of what it says, but for what tells it from others of its series
    items: Mapped[int] = derived(Integer, "Content items")
    unread_count: Mapped[int] = derived(Integer, "Unread items")
    problems: Mapped[list] = derived(JSON, "Problems")
    unread: Mapped[dict] = deferred(derived(JSON, "Unread items, by path"))

    # Devices send different content under one UID, and archives the same under another study; both are kept.
    __table_args__ = (Index("uq_report_sop_instance_uid", "sop_instance_uid", "digest", unique=True),)


class Original(db.Model):
    """What an object said, to work its study out from; and the object itself, without its patient and its pixels."""

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), primary_key=True)
    told: Mapped[bytes] = mapped_column(LargeBinary)  # see ingest.told
    kept: Mapped[bytes | None] = mapped_column(LargeBinary)  # a DICOM file, compressed; none where a site keeps none
    # How both have names of staff: none, hashed or stored, as the site wanted them.
    staff: Mapped[str] = mapped_column(String(8), default="stored", server_default="stored")
