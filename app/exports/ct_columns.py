"""The columns of the CT export, named as hospitals know them."""

from sqlalchemy.orm import aliased

from app.exports.columns import Group, Lookups, column, meaning, name, persons
from app.exports.dose_check import dose_check
from app.exports.sheet import Cell
from app.models import CtEvent, CtSource, Equipment, Study

# The diameter by which people know the phantoms of CTDI (DCM 113690, 113691).
PHANTOMS = {"113690": "16 cm", "113691": "32 cm"}

Room = aliased(Equipment)  # filters have the table itself in their conditions


def phantom(lookups: Lookups, id: int | None) -> Cell:
    """The phantom by its diameter, or by its name."""
    if id is None:
        return None
    return PHANTOMS.get(lookups.codes[id].value, lookups.codes[id].meaning)


STUDY = Group((
    column("Institution", Room.institution),
    column("Manufacturer", Room.manufacturer),
    column("Model name", Room.model_name),
    column("Station name", Room.station_name),
    column("Display name", Room.display_name),
    column("Accession number", Study.accession_number),
    column("Operator", Study.operator, show=persons),
    column("Study date", Study.study_date),
    column("Study time", Study.study_time),
    column("Age", Study.patient_age),
    column("Sex", Study.patient_sex),
    column("Height", Study.patient_size),
    column("Mass (kg)", Study.patient_weight),
    column("Test patient?", Study.test_patient),
    column("Study description", Study.description, show=name),
    column("Requested procedure", Study.requested_procedure, show=name),
))  # fmt: skip
COMMENTS = "Study Comments"
TOTALS = Group((
    column("No. events", Study.number_of_events),
    column("DLP total (mGy.cm)", Study.dlp_total),
), keys=STUDY.keys + len(STUDY.sources))  # fmt: skip
EVENT = Group((
    column("Protocol", CtEvent.acquisition_protocol, show=name),
    column("Type", CtEvent.acquisition_type, show=meaning),
    column("Exposure time", CtEvent.exposure_time),
    column("Scanning length", CtEvent.scanning_length),
    column("Slice thickness", CtEvent.nominal_single_collimation_width),
    column("Total collimation", CtEvent.nominal_total_collimation_width),
    column("Pitch", CtEvent.pitch_factor),
    column("No. sources", CtEvent.number_of_xray_sources),
    column("CTDIvol", CtEvent.mean_ctdivol),
    column("Phantom", CtEvent.ctdiw_phantom_type, show=phantom),
    column("DLP", CtEvent.dlp),
), keys=2)  # fmt: skip
REMARKS = Group((
    column("mA Modulation type", CtEvent.xray_modulation_type),
    column("Dose check details", CtEvent.dose_check_alert, CtEvent.dose_check_notification, show=dose_check),
    column("Comments", CtEvent.comment),
), keys=EVENT.keys + len(EVENT.sources))  # fmt: skip
SOURCE = Group((
    column("name", CtSource.identification),
    column("kVp", CtSource.kvp),
    column("max mA", CtSource.maximum_tube_current),
    column("mA", CtSource.tube_current),
    column("Exposure time/rotation", CtSource.exposure_time_per_rotation),
))  # fmt: skip
SOURCES = 2  # a CT has one X-ray source or two

HEADINGS = [*STUDY.headings, COMMENTS, *TOTALS.headings]
EVENT_HEADINGS = [
    *EVENT.headings,
    *(f"S{number} {heading}" for number in range(1, SOURCES + 1) for heading in SOURCE.headings),
    *REMARKS.headings,
]


def heading(place: int) -> str:
    """The heading of the column at the place; the events repeat theirs without end."""
    if place < len(HEADINGS):
        return HEADINGS[place]
    number, place = divmod(place - len(HEADINGS), len(EVENT_HEADINGS))
    return f"E{number + 1} {EVENT_HEADINGS[place]}"
