"""The filters of each modality's list, by their groups in the form: a line for each, and nowhere else."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from app.models import Administration, CtEvent, Equipment, ProjectionEvent, Study
from app.queries.exact import ExactFilter, RoomFilter
from app.queries.filters import (
    BoundFilter,
    Choice,
    ChoiceFilter,
    DateFilter,
    Filter,
    LastFilter,
    TextFilter,
    in_sentence,
)
from app.queries.quantities import Quantity
from app.queries.sources import OfCodes, OfEquipment, OfLines, OfNames, OfRooms, Source
from app.queries.texts import Has, in_accession_number, in_equipment, in_lines, in_name

Filters = tuple[Filter, ...]

AGE = Quantity("age", Study.patient_age, "Age")
WEIGHT = Quantity("weight", Study.patient_weight, "Weight")
HEIGHT = Quantity("height", Study.patient_size, "Height")
EVENT_DLP = Quantity("event_dlp", CtEvent.dlp, "DLP")
EVENT_CTDIVOL = Quantity("event_ctdivol", CtEvent.mean_ctdivol, "CTDIvol")
EVENT_DAP = Quantity("event_dap", ProjectionEvent.dap, "DAP")
EVENT_RP = Quantity("event_rp", ProjectionEvent.dose_rp, "Dose at RP")
EVENT_AGD = Quantity("event_agd", ProjectionEvent.average_glandular_dose, "AGD")
THICKNESS = Quantity("thickness", ProjectionEvent.compression_thickness, "Thickness")
EVENT_ACTIVITY = Quantity("event_activity", Administration.administered_activity, "Administered activity")

SEXES = {"F": "female", "M": "male", "O": "other"}

# The filters on one line of the form; the others unfold below it.
FIRST = ""

PROBLEMS = ChoiceFilter("problems", "Problems", default="Either", answers={
    "yes": Choice("With problems", "with problems", Study.problem_count > 0),
    "no": Choice("Without problems", "without problems", Study.problem_count == 0),
})  # fmt: skip
TEST_PATIENTS = ChoiceFilter("test", "Test patients", default="Among the others", answers={
    "out": Choice("Left out", "without test patients", Study.test_patient.is_(None)),
    "only": Choice("Only them", "test patients only", Study.test_patient.is_not(None)),
})  # fmt: skip


def _range(quantity: Quantity, of_event: bool = False) -> tuple[Filter, ...]:
    """Both ends of a quantity's range."""
    title = f"Event {in_sentence(quantity.title)}" if of_event else quantity.title
    return (
        BoundFilter(f"{quantity.key}__min", f"{title} from", quantity, lower=True, of_event=of_event),
        BoundFilter(f"{quantity.key}__max", f"{title} to", quantity, lower=False, of_event=of_event),
    )


def _ranges(*quantities: Quantity, of_event: bool = False) -> tuple[Filter, ...]:
    return tuple(end for quantity in quantities for end in _range(quantity, of_event))


def _protocol_of(event: Any) -> Filter:
    """The protocol of that event of which the dose, or the view, is asked for too."""
    return TextFilter("event_protocol__has", "Event protocol", in_name(event.acquisition_protocol), of_event=True)


def title_of_events(nuclear: bool) -> str:
    """What the filters of events stand under: all that is asked there, one event has to meet."""
    return "One administration" if nuclear else "One event"


def _text(parameter: str, title: str, has: Has, source: Source) -> tuple[TextFilter, ExactFilter]:
    """A text that is asked for by its words, or chosen from what there is."""
    return TextFilter(f"{parameter}__has", title, has, choices=parameter), ExactFilter(parameter, title, source)


def _name(parameter: str, title: str, column: InstrumentedAttribute[int | None]) -> tuple[TextFilter, ExactFilter]:
    return _text(parameter, title, in_name(column), OfNames(column))


def _of_equipment(parameter: str, title: str, column: InstrumentedAttribute[Any]) -> tuple[TextFilter, ExactFilter]:
    return _text(parameter, title, in_equipment(column), OfEquipment(column))


STUDY: Filters = (
    *_name("procedure", "Procedure", Study.procedure),
    *_name("requested", "Requested procedure", Study.requested_procedure),
    *_name("physician", "Performing physician", Study.performing_physician),
    *_name("operator", "Operator", Study.operator),
    PROBLEMS,
)
PATIENT: Filters = (
    *_ranges(AGE, WEIGHT, HEIGHT),
    ExactFilter("sex", "Sex", Source(Study.patient_sex), SEXES),
    TEST_PATIENTS,
)
ROOM: Filters = (
    TextFilter("name__has", "Display name", in_equipment(Equipment.display_name), choices="room"),
    RoomFilter("room", "Room", OfRooms(Equipment.display_name)),
    *_of_equipment("hospital", "Hospital", Equipment.institution),
    *_of_equipment("make", "Manufacturer", Equipment.manufacturer),
    *_of_equipment("model", "Model", Equipment.model_name),
    *_of_equipment("station", "Station", Equipment.station_name),
)
VIEW = (
    ExactFilter("view", "View", OfCodes(ProjectionEvent.image_view), of_event=True),
    ExactFilter("laterality", "Laterality", OfCodes(ProjectionEvent.laterality), of_event=True),
)
EXPOSURE_MODE = ExactFilter(
    "exposure_mode", "Exposure mode", Source(ProjectionEvent.exposure_control_mode), of_event=True
)
PROJECTION_PROTOCOL = _protocol_of(ProjectionEvent)
OF_EVENTS: Mapping[str, Filters] = {
    "ct": (_protocol_of(CtEvent), *_ranges(EVENT_DLP, EVENT_CTDIVOL, of_event=True)),
    "rf": (PROJECTION_PROTOCOL, *_ranges(EVENT_DAP, EVENT_RP, of_event=True)),
    "mg": (PROJECTION_PROTOCOL, *_ranges(EVENT_AGD, THICKNESS, of_event=True), *VIEW, EXPOSURE_MODE),
    "dx": (PROJECTION_PROTOCOL, *_ranges(EVENT_DAP, of_event=True), *VIEW),
    "nm": _ranges(EVENT_ACTIVITY, of_event=True),
}


def groups(
    key: str, quantities: tuple[Quantity, ...], called: InstrumentedAttribute[int | None], nuclear: bool
) -> Mapping[str, Filters]:
    """The filters of one modality; `called` are its protocols or agents."""
    parameter, title = ("agent", "Agent") if nuclear else ("protocol", "Protocol")
    return {
        FIRST: (
            LastFilter("date__last", "When"),
            TextFilter("description__has", "Study description", in_name(Study.description), choices="description"),
            TextFilter(f"{parameter}__has", title, in_lines(called), choices=parameter),
            TextFilter("accession__has", "Accession number", in_accession_number()),
        ),
        "Study": (
            DateFilter("date__from", "From", lower=True),
            DateFilter("date__until", "Until", lower=False),
            ExactFilter("description", "Study description", OfNames(Study.description)),
            ExactFilter(parameter, title, OfLines(called)),
            *STUDY,
        ),
        "Dose and events": _ranges(*quantities),
        title_of_events(nuclear): OF_EVENTS[key],
        "Patient": PATIENT,
        "Room": ROOM,
    }
