"""The nuclear medicine exports: a study a row, with its administration, its organ doses, and its PET series."""

from collections.abc import Mapping
from datetime import datetime

from app.exports import study_columns
from app.exports.cells import Cell
from app.exports.columns import Block, Item, Lookups, column, meaning
from app.exports.records import Below, Further, Listed, Part
from app.exports.table import Repeated
from app.exports.workbook import StudyWorkbook
from app.models import Administration, PatientCharacteristics, PetSeries, Report

Coded = Mapping[str, str]


def coded_or_text(lookups: Lookups, id: int | None, text: str | None) -> Cell:
    """The meaning of the code, or what stands there as text."""
    return text if id is None else lookups.codes[id].meaning


def moment(lookups: Lookups, at: datetime | None) -> Cell:
    """Date and time by the clock of the device."""
    return at.replace(tzinfo=None) if at else None


def item_meaning(lookups: Lookups, code: Coded | None, text: str | None = None) -> Cell:
    """The meaning of a code that stands in a list, or the text beside it."""
    return code["meaning"] if code else text


ADMINISTRATIONS = Below(
    Administration,
    Administration.study_id,
    order=(Administration.started_at.nulls_last(), Administration.report_id, Administration.number),
    joins=((Report, Report.id == Administration.report_id),),
)
PATIENT = Below(
    PatientCharacteristics,
    Report.study_id,
    order=(PatientCharacteristics.report_id.desc(), PatientCharacteristics.id),
    joins=((Report, Report.id == PatientCharacteristics.report_id),),
)
SERIES = Below(
    PetSeries,
    Report.study_id,
    order=(PetSeries.started_at.nulls_last(), PetSeries.report_id, PetSeries.id),
    joins=((Report, Report.id == PetSeries.report_id),),
)

ADMINISTRATION = Block((
    column("Radiopharmaceutical Agent", Administration.agent, Administration.agent_text, show=coded_or_text),
    column("Radionuclide", Administration.radionuclide, show=meaning),
    column("Radionuclide Half Live", Administration.half_life),
    column("Administered activity (MBq)", Administration.administered_activity),
    column("Effective dose (mSv)", Administration.effective_dose),
    column("Associated Procedure", Report.associated_procedure, show=meaning),
    column("Radiopharmaceutical Start Time", Administration.started_at, show=moment),
    column("Radiopharmaceutical Stop Time", Administration.stopped_at, show=moment),
    column("Route of Administration", Administration.route, Administration.route_text, show=coded_or_text),
    column("Route of Administration Laterality", Administration.laterality, show=meaning),
))  # fmt: skip
FURTHER = ADMINISTRATION  # of a study with several: what spreadsheets have always had is of the first one
PERSON = Block((
    column("Person participant name {n}", Item("name")),
    column("Person participant role {n}", Item("role_in_procedure"), show=item_meaning),
))  # fmt: skip
COMMENT = Block((column("Comment", Administration.comment),))
ORGAN = Block((
    column("Organ Dose Finding Site {n}", Item("finding_site"), show=item_meaning),
    column("Organ Laterality {n}", Item("laterality"), show=item_meaning),
    column("Organ Dose {n} (mGy)", Item("organ_dose")),
    column("Organ Mass {n}(g)", Item("mass")),
    column("Organ Dose Measurement Method {n}", Item("measurement_method")),
    column("Organ Dose Reference Authority {n}", Item("reference_authority"), Item("reference_authority_text"),
           show=item_meaning),
))  # fmt: skip
STATE = Block((column("Patient state {n}", Item(), show=item_meaning),))
CHARACTERISTICS = Block((
    column("Body Surface Area (m^2)", PatientCharacteristics.body_surface_area),
    column("Body Surface Area Formula", PatientCharacteristics.body_surface_area_formula, show=meaning),
    column("Body Mass Index (kg/m^2)", PatientCharacteristics.body_mass_index),
    column("Body Mass Index Equation", PatientCharacteristics.body_mass_index_equation, show=meaning),
    column("Glucose (mmol/l)", PatientCharacteristics.glucose),
    column("Fasting Duration (hours)", PatientCharacteristics.fasting_duration),
    column("Hydration Volume (ml)", PatientCharacteristics.hydration_volume),
    column("Recent Physical Activity", PatientCharacteristics.recent_physical_activity),
    column("Serum Creatinine (mg/dl)", PatientCharacteristics.serum_creatinine),
))  # fmt: skip
FILTRATION = Block((
    column("Glomerular Filtration Rate {n} (ml/min/1.73m^2)", Item("rate")),
    column("Measurement Method {n}", Item("measurement_method"), show=item_meaning),
    column("Equivalent meaning of concept name {n}", Item("equivalent_meaning"), show=item_meaning),
))  # fmt: skip
PET = Block((
    column("Series {n} date", PetSeries.started_at, show=moment),
    column("Series {n} number of slices", PetSeries.number_of_slices),
    column("Series {n} reconstruction method", PetSeries.reconstruction_method),
    column("Series {n} coincidence window width", PetSeries.coincidence_window_width),
    column("Series {n} energy window lower limit", PetSeries.energy_window_lower_limit),
    column("Series {n} energy window upper limit", PetSeries.energy_window_upper_limit),
    column("Series {n} scan procession", PetSeries.scan_progression_direction),
    column("Series {n} number of RR intervals", PetSeries.number_of_rr_intervals),
    column("Series {n} number of time slots", PetSeries.number_of_time_slots),
    column("Series {n} number of time slices", PetSeries.number_of_time_slices),
))  # fmt: skip


def _repeated(block: Block, relation: Below | Listed) -> Repeated:
    return Repeated(block, relation, "{name}", only_filled=True)


PARTS = [
    Part(study_columns.for_csv()),
    Part(ADMINISTRATION, ADMINISTRATIONS),
    _repeated(PERSON, Listed(ADMINISTRATIONS, Administration.persons)),
    Part(COMMENT, ADMINISTRATIONS),
    _repeated(ORGAN, Listed(ADMINISTRATIONS, Administration.organ_doses)),
    _repeated(STATE, Listed(PATIENT, PatientCharacteristics.patient_state)),
    Part(CHARACTERISTICS, PATIENT),
    _repeated(FILTRATION, Listed(PATIENT, PatientCharacteristics.glomerular_filtration_rate)),
    _repeated(PET, SERIES),
    Repeated(FURTHER, Further(ADMINISTRATIONS), "Administration {n} {name}", only_filled=True, begin=2),
]
WORKBOOK = StudyWorkbook(PARTS)
