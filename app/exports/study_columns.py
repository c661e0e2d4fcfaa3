"""The columns of the study that every export begins with, as spreadsheets have always called them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from app.exports.columns import Block, Column, Computed, among, column, name, persons
from app.exports.records import Room
from app.models import Report, Study


def _comments(connection: Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """The comments of each study's reports, each once."""
    told = select(Report.study_id, Report.comment).where(among(Report.study_id, ids), Report.comment.is_not(None))
    found: dict[int, dict[str, None]] = {}
    for id, comment in connection.execute(told.order_by(Report.id)):
        found.setdefault(id, {})[str(comment)] = None
    return {id: "\n".join(comments) for id, comments in found.items()}


INSTITUTION = column("Institution", Room.institution)
MANUFACTURER = column("Manufacturer", Room.manufacturer)
MODEL = column("Model", Room.model_name)
STATION = column("Station name", Room.station_name)
DISPLAY_NAME = column("Display name", Room.display_name)
ACCESSION_NUMBER = column("Accession number", Study.accession_number)
OPERATOR = column("Operator", Study.operator, show=persons)
PHYSICIAN = column("Physician", Study.performing_physician, show=persons)
STUDY_DATE = column("Study date", Study.study_date)
STUDY_TIME = column("Study time", Study.study_time)
AGE = column("Patient age", Study.patient_age)
SEX = column("Patient sex", Study.patient_sex)
HEIGHT = column("Patient height (m)", Study.patient_size)
WEIGHT = column("Patient weight (kg)", Study.patient_weight)
TEST_PATIENT = column("Test patient?", Study.test_patient)
DESCRIPTION = column("Study description", Study.description, show=name)
REQUESTED_PROCEDURE = column("Requested procedure", Study.requested_procedure, show=name)
COMMENTS = column("Study Comments", Computed(_comments))
EVENTS = column("Number of events", Study.number_of_events)


def for_csv(*totals: Column, physician: bool = False, size: bool = True) -> Block:
    """The study as the CSV files have it."""
    return Block((
        INSTITUTION, MANUFACTURER, MODEL.called("Model name"), STATION, DISPLAY_NAME, ACCESSION_NUMBER, OPERATOR,
        *((PHYSICIAN,) if physician else ()),
        STUDY_DATE, STUDY_TIME, AGE.called("Age"), SEX.called("Sex"),
        *((HEIGHT.called("Height"), WEIGHT.called("Mass (kg)")) if size else ()),
        TEST_PATIENT, DESCRIPTION, REQUESTED_PROCEDURE, COMMENTS,
        *totals,
    ))  # fmt: skip


def for_workbook(*totals: Column) -> Block:
    """The study as the workbooks have it."""
    return Block((
        INSTITUTION, MANUFACTURER, MODEL, STATION, DISPLAY_NAME, OPERATOR, SEX, DESCRIPTION, REQUESTED_PROCEDURE,
        ACCESSION_NUMBER, STUDY_DATE, STUDY_TIME, EVENTS, AGE, HEIGHT, WEIGHT,
        *totals,
    ))  # fmt: skip
