"""The planar radiography forms of 2019 (PHE): one projection, or a study of up to 6 or up to 20."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from app.exports import phe, projection
from app.exports.cells import Cell
from app.exports.columns import Block, Lookups, column, meaning
from app.exports.csv_file import text
from app.exports.order import Order
from app.exports.phe import Cells, Form, Layout
from app.exports.projection import several
from app.exports.study_columns import AGE, SEX, STUDY_DATE
from app.models import ProjectionEvent, Study

FEW, MANY = 6, 20  # projections that the form has room for, and the one for skeletal surveys
UNITS = "cGy·cm²"
NO_GRID = "111646"  # DCM, No grid
ALUMINIUM = "Al"


def aluminium(lookups: Lookups, filters: Sequence[Mapping[str, Any]] | None) -> Cell:
    """The thickness in mm where all is aluminium, else each material with its own."""
    told = [(projection.filters(lookups, [one]), projection.thicknesses(lookups, [one])) for one in filters or ()]
    if told and all(material == ALUMINIUM and isinstance(mm, (float, int)) for material, mm in told):
        return round(sum(mm for _, mm in told if isinstance(mm, (float, int))), 6)
    return several([" ".join(str(part) for part in (material, f"{text(mm)} mm" if mm is not None else None) if part)
                    for material, mm in told if material or mm is not None])  # fmt: skip


def title(lookups: Lookups, *ids: int | None) -> Cell:
    """The first name that the study has."""
    return next((lookups.names[id] for id in ids if id is not None), None)


def grid(lookups: Lookups, grids: Sequence[Mapping[str, str]] | None) -> Cell:
    """Whether a grid was used."""
    return ("No" if all(one["value"] == NO_GRID for one in grids) else "Yes") if grids else None


def automatic(lookups: Lookups, mode: str | None) -> Cell:
    """Whether the machine ended the exposure."""
    return {"AUTOMATIC": "Yes", "MANUAL": "No"}.get(mode or "")


def view(lookups: Lookups, shown: int | None, side: int | None) -> Cell:
    """What else tells the projection apart: view and side."""
    return ", ".join(lookups.codes[id].meaning for id in (shown, side) if id is not None) or None


EVENT = ProjectionEvent
STUDY = Block((
    column("Contributor's record ID", Study.id),
    STUDY_DATE.called("Exam date"),
    column("Study DAP dose", Study.dap_total, show=projection.in_unit("Gy.m2", "cGy.cm2")),
    column("Protocol name", Study.description, Study.procedure, Study.requested_procedure, show=title),
    column("Patient weight", Study.patient_weight),
    AGE.called("Patient age"), SEX.called("Sex"),
    column("Height", Study.patient_size, show=projection.in_unit("m", "cm")),
))  # fmt: skip
KEYS = Block((projection.DAP, projection.PROTOCOL))
DETAILS = Block((
    column("Grid used", EVENT.xray_grid, show=grid),
    column("FDD", EVENT.distance_source_to_detector, show=projection.in_unit("mm", "cm")),
    column("Filtration in mm Al", EVENT.xray_filters, show=aluminium),
    column("AEC used", EVENT.exposure_control_mode, show=automatic),
    projection.KVP, projection.MAS,
    column("Patient position", EVENT.patient_orientation, show=meaning),
    column("Other projection info", EVENT.image_view, EVENT.laterality, show=view),
))  # fmt: skip
RECORD = ("", "PHE Record No", "Contributor's record ID", "Exam date")
PATIENT = ("Protocol name", "Patient weight", "", "", "Patient age", "Sex", "Height")
OF_PROJECTION = (
    "Detector used", "Grid used", "FDD", "Filtration in mm Al", "AEC used", "kVp", "mAs", "Patient position",
    "Detector in bucky", "Other projection info",
)  # fmt: skip
END = (
    "Additional one", "Additional two", "Additional three", "Additional four", "SNOMED CT code", "NICIP code",
    "Variation in dose collection", "Other information, comments",
)  # fmt: skip


def projections(room: int) -> list[str]:
    """The headings of the form for one projection, or for a study with room for so many."""
    if room == 1:
        return [*RECORD, "Projection DAP dose", "DAP dose units", *PATIENT, *OF_PROJECTION, *END]
    numbers = range(1, room + 1)
    doses, names = ([f"Projection {number} {what}" for number in numbers] for what in ("DAP", "Name"))
    study = [*RECORD, "Study DAP dose", "DAP dose units", *PATIENT, "number of projections"]
    return [*study, *doses, names[0], *OF_PROJECTION, *names[1:], *END]


def row(room: int, number: int, study: Cells, events: Sequence[Cells]) -> list[Cell]:
    """A study's row; its last cell says what did not fit."""
    record, date, total, title, weight, age, sex, height = study
    doses, names = ([cells[place] for cells in events[:room]] for place in (0, 1))
    doses, names = (cells + [None] * (room - len(cells)) for cells in (doses, names))
    *details, other = events[0][len(KEYS.columns) :] if events else [None] * len(DETAILS.columns)
    of_projection = [None, *details, None, other]
    fits = f"{len(events)} exposures, of which the first {'one stands' if room == 1 else f'{room} stand'} here"
    end = [*[None] * (len(END) - 1), fits if len(events) > room else None]
    patient = [title if room > 1 else names[0], weight, None, None, age, sex, height]
    if room == 1:
        return [None, number, record, date, doses[0], UNITS, *patient, *of_projection, *end]
    start = [None, number, record, date, total, UNITS, *patient, len(events), *doses]
    return [*start, names[0], *of_projection, *names[1:], *end]


def layout(order: Order, most: int) -> Layout:
    """The form with as much room as the studies need and the form has."""
    room = most if most == 1 or phe.most(order, Study.number_of_events) > FEW else FEW
    number = phe.how_many(order, Study.number_of_events > room)
    if number:
        exposures = "exposure" if room == 1 else "exposures"
        order.notes.append(
            f"Studies with more than {room} {exposures}: {number:,}; the others have no room in the form."
        )
    return Layout(projections(room), partial(row, room))


ROW = Block((*KEYS.columns, *DETAILS.columns))
PROJECTION = Form("PHE DX 2019 Single Projection", STUDY, ROW, projection.EVENTS, partial(layout, most=1))
STUDIES = Form("PHE DX 2019 Exam", STUDY, ROW, projection.EVENTS, partial(layout, most=MANY))
