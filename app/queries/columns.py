"""The columns that a list can have: one declaration each says what people call it, what a row shows, how it sorts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.models import Equipment, Name, Study
from app.queries import modalities
from app.queries.filter_groups import HEIGHT, WEIGHT
from app.queries.modalities import Modality
from app.queries.quantities import Quantity, age_words, as_written

NUMBER, DOSE, TEXT, WIDE = "number", "number dose", "clipped", "clipped wide"  # how a column is set, for the style
FEW_PROTOCOLS = 4  # named in the second line of a row


@dataclass(frozen=True)
class Mark:
    """A word that stands out: a test patient, problems."""

    words: str
    title: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Cell:
    """What one row shows in one column: what one looks for, and below it what tells it apart."""

    text: str | None
    note: str | None = None
    marks: tuple[Mark, ...] = ()
    share: float | None = None  # of the highest dose on the page, in percent


@dataclass(frozen=True)
class Row:
    """One study as a list knows it."""

    study: Study
    called: str  # by its title, or else the kind of study
    protocols: list[str]
    share: float
    names: Mapping[int, str] = field(default_factory=dict)  # texts of the columns that need them, by their ids
    received_at: datetime | None = None  # the first of its objects


@dataclass(frozen=True)
class Column:
    """One column of a list."""

    key: str  # in addresses
    title: str
    cell: Callable[[Row], Cell]
    sort: tuple[Any, ...]
    group: str
    unit: str = ""
    look: str = ""
    default: bool = False  # whether it is there unless somebody chooses
    ascending: bool = False  # whether a first click sorts so: texts; of dates and doses people want the highest
    named: InstrumentedAttribute[Any] | None = None  # the study's column whose text the cell needs
    joined: tuple[Any, Any] | None = None  # what it sorts by, where that is not the study itself, and how they meet

    @property
    def tells_itself(self) -> bool:
        """Whether its cells are understood without its title, as dates and rooms are."""
        return self.default and NUMBER not in self.look

    @property
    def heading(self) -> str:
        """The title with the unit, where both stand on one line."""
        return f"{self.title}, {self.unit}" if self.unit else self.title


def columns_of(modality: Modality) -> dict[str, Column]:
    """All columns that the modality's list can have, by their keys and in their order."""
    return _columns(modality.key)


@cache
def _columns(key: str) -> dict[str, Column]:
    modality = modalities.MODALITIES[key]
    quantities = (*modality.quantities, *OPTIONAL.get(modality.key, ()))
    doses = [_quantity(one, modality, one in modality.quantities) for one in quantities]
    called = _called(modality)
    every = (*WHEN, *WHERE, STUDY, *IDENTIFIERS, called, *DESCRIPTIONS, *PATIENT, *doses, PROBLEMS)
    return {column.key: column for column in every}


def _date(row: Row) -> Cell:
    day, clock = row.study.study_date, row.study.study_time
    return Cell(day.isoformat() if day else "date unknown", clock.strftime("%H:%M") if clock else None)


def _received(row: Row) -> Cell:
    came = row.received_at
    return Cell(f"{came:%Y-%m-%d}", f"{came:%H:%M}") if came else Cell(None)


def _room(row: Row) -> Cell:
    room = row.study.equipment
    if room is None:
        return Cell(None)
    return Cell(room.display_name, " ".join(filter(None, (room.manufacturer, room.model_name))))


def _study(row: Row) -> Cell:
    study, marks, few = row.study, [], ", ".join(row.protocols[:FEW_PROTOCOLS])
    if study.test_patient:
        marks.append(Mark("test patient", f"Name or ID contains “{study.test_patient}”"))
    if study.problem_count:
        marks.append(Mark(f"{study.problem_count} problem{'s' if study.problem_count > 1 else ''}", kind="warning"))
    more = ", …" if len(row.protocols) > FEW_PROTOCOLS else ""
    told = (study.accession_number and f"acc. {study.accession_number}", few and f"{as_written(few)}{more}")
    return Cell(row.called, " · ".join(filter(None, told)), tuple(marks))


def _protocols(row: Row) -> Cell:
    if not row.protocols:
        return Cell(None)
    return Cell(as_written(row.protocols[0]), as_written(", ".join(row.protocols[1:])))


def _patient(row: Row) -> Cell:
    age = row.study.patient_age
    return Cell(None if age is None else age_words(age), row.study.patient_sex)


def _test_patient(row: Row) -> Cell:
    told = row.study.test_patient
    return Cell("yes" if told else "no", told and f"contains “{told}”")


def _text(key: str, column: InstrumentedAttribute[Any], group: str, look: str = TEXT) -> Column:
    """A text that the study itself has."""
    field = column.info["field"]
    return Column(key, field.title, lambda row: Cell(getattr(row.study, column.key)), (column,), group, look=look,
                  ascending=True)  # fmt: skip


def _name(key: str, column: InstrumentedAttribute[Any]) -> Column:
    """A text that studies share."""

    def cell(row: Row) -> Cell:
        return Cell(row.names.get(getattr(row.study, column.key) or 0))

    field = column.info["field"]
    return Column(key, field.title, cell, BY_NAME, "Study", look=TEXT, ascending=True, named=column,
                  joined=_names(column))  # fmt: skip


def _of_room(key: str, column: InstrumentedAttribute[Any]) -> Column:
    """What the room's device tells of itself."""

    def cell(row: Row) -> Cell:
        return Cell(row.study.equipment and getattr(row.study.equipment, column.key))

    return Column(key, column.info["field"].title, cell, _by_room(column), "Room", look=TEXT, ascending=True,
                  joined=ROOMS)  # fmt: skip


def _quantity(quantity: Quantity, modality: Modality, default: bool) -> Column:
    """A number, the modality's dose with a bar behind it."""
    is_dose = quantity is modality.dose

    def cell(row: Row) -> Cell:
        return Cell(quantity.words(quantity.of(row.study)), share=row.share if is_dose else None)

    look = DOSE if is_dose else NUMBER
    return Column(quantity.key, quantity.title, cell, (quantity.column,), "Dose", quantity.unit, look, default)


def _of_patient(quantity: Quantity) -> Column:
    def cell(row: Row) -> Cell:
        return Cell(quantity.brief(quantity.of(row.study)))

    return Column(quantity.key, quantity.title, cell, (quantity.column,), "Patient", quantity.unit, NUMBER)


def _called(modality: Modality) -> Column:
    key, title = ("agent", "Agents") if modality.nuclear else ("protocol", "Protocols")
    return Column(key, title, _protocols, BY_NAME, "Study", look=WIDE, ascending=True, joined=_names(modality.called))


# A list joins names and rooms too, so that those it is sorted by are named apart.
SORTED_NAME, SORTED_ROOM = aliased(Name), aliased(Equipment)
BY_NAME = (SORTED_NAME.folded,)
ROOMS = (SORTED_ROOM, SORTED_ROOM.id == Study.equipment_id)


def _names(column: InstrumentedAttribute[Any]) -> tuple[Any, Any]:
    return SORTED_NAME, SORTED_NAME.id == column


def _by_room(column: InstrumentedAttribute[Any]) -> tuple[Any, ...]:
    return (func.lower(getattr(SORTED_ROOM, column.key)),)


WHEN = (
    Column("date", "Date", _date, (Study.study_at,), "Study", look="when", default=True),
    # Studies are numbered as they arrive.
    Column("received", "Received", _received, (Study.id,), "Study", look="when"),
)
WHERE = (
    Column(
        "room",
        "Room",
        _room,
        _by_room(Equipment.display_name),
        "Room",
        look=TEXT,
        default=True,
        ascending=True,
        joined=ROOMS,
    ),
    _of_room("hospital", Equipment.institution),
    _of_room("make", Equipment.manufacturer),
    _of_room("model", Equipment.model_name),
    _of_room("station", Equipment.station_name),
)
STUDY = Column("study", "Study", _study, BY_NAME, "Study", look=WIDE, default=True, ascending=True,
               joined=_names(Study.title))  # fmt: skip
IDENTIFIERS = (
    _text("accession", Study.accession_number, "Study"),
    _text("uid", Study.study_instance_uid, "Study", look="uid"),
)
DESCRIPTIONS = (
    _name("description", Study.description),
    _name("procedure", Study.procedure),
    _name("requested", Study.requested_procedure),
    _name("physician", Study.performing_physician),
    _name("operator", Study.operator),
)
PATIENT = (
    Column("age", "Patient", _patient, (Study.patient_age,), "Patient", look="who", default=True),
    Column("sex", "Sex", lambda row: Cell(row.study.patient_sex), (Study.patient_sex,), "Patient", ascending=True),
    _of_patient(HEIGHT),
    _of_patient(WEIGHT),
    Column("test", "Test patient", _test_patient, (Study.test_patient,), "Patient", ascending=True),
)
PROBLEMS = Column(
    "problems", "Problems", lambda row: Cell(str(row.study.problem_count)), (Study.problem_count,), "Study", look=NUMBER
)
DLP_EVENTS = Quantity("dlp_events", Study.dlp_event_sum, "DLP, sum of events", decimals=1)
DAP_EVENTS = Quantity("dap_events", Study.dap_event_sum, "DAP, sum of events", decimals=2)
RP_EVENTS = Quantity("rp_events", Study.dose_rp_event_sum, "Dose at RP, sum of events", decimals=2)
OPTIONAL = {
    "ct": (DLP_EVENTS, *modalities.CT_EVENTS),
    "rf": (DAP_EVENTS, RP_EVENTS),
    "mg": (modalities.AGD_LEFT, modalities.AGD_RIGHT),
    "dx": (DAP_EVENTS, modalities.DOSE_RP),
}  # quantities that a list has where somebody wants them
