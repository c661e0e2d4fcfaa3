"""The CT survey forms of 2019: adults (PHE) from the first column, children (IPEM and PHE) from the second."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import chain

from sqlalchemy import func

from app.exports import ct, phe
from app.exports.cells import Cell
from app.exports.columns import Block, Lookups, Nth, column, meaning, nothing
from app.exports.order import Order
from app.exports.phe import Cells, Form, Layout
from app.exports.projection import in_unit, several
from app.models import CtEvent, CtSource, Study

LOCALIZER = "113805"  # DCM, Constant Angle Acquisition: forms have no place for them
SCANS = 4  # that the form has room for; what is beyond stands behind the comments
ADULT = 16  # years


def is_scan(lookups: Lookups, acquisition_type: int | None) -> Cell:
    """Whether it is more than a localizer; 1 for yes."""
    return int(acquisition_type is None or lookups.codes[acquisition_type].value != LOCALIZER)


def first(lookups: Lookups, *values: float | None) -> Cell:
    """The first that is told."""
    return next((value for value in values if value is not None), None)


def voltages(lookups: Lookups, *values: float | None) -> Cell:
    """The voltage of each source, one where they have the same."""
    return several(list(dict.fromkeys(value for value in values if value is not None)))


STUDY = Block((
    column("Age (yrs)", Study.patient_age),
    column("Weight (kg)", Study.patient_weight),
    column("Height (cm)", Study.patient_size, show=in_unit("m", "cm")),
    column("Total DLP* (whole scan) mGy.cm", Study.dlp_total),
))  # fmt: skip
KEYS = Block((
    column("scan", CtEvent.acquisition_type, show=is_scan),
    column("type", CtEvent.acquisition_type, show=meaning),
))  # fmt: skip
SCAN = Block((
    column("Imaged length", CtEvent.length_of_reconstructable_volume, CtEvent.scanning_length, show=first),
    column("Start position", CtEvent.top_z_location_of_reconstructable_volume,
           CtEvent.top_z_location_of_scanning_length, show=first),
    column("End position", CtEvent.bottom_z_location_of_reconstructable_volume,
           CtEvent.bottom_z_location_of_scanning_length, show=first),
    column("kV", Nth(CtSource.kvp, 0), Nth(CtSource.kvp, 1), show=voltages),
    column("CTDI phantom", CtEvent.ctdiw_phantom_type, show=ct.phantom),
    column("Scan FOV (mm)", CtEvent.id, show=nothing),
    column("CTDIvol (mGy)*", CtEvent.mean_ctdivol),
    column("DLP (mGy.cm)*", CtEvent.dlp),
))  # fmt: skip
HEADINGS = ("Patient No", *STUDY.headings[:3], *SCAN.headings, STUDY.headings[3], "Patient comments")
NUMBER_OF_SCANS = Study.number_of_events - func.coalesce(Study.localizer_events, 0)


def layout(order: Order, children: bool) -> Layout:
    """The form, as wide as the study with the most scans needs it."""
    further = max(0, phe.most(order, NUMBER_OF_SCANS) - SCANS)
    _note(order, children, further)
    before = [""] if children else []
    patient, scan, end = HEADINGS[:4], SCAN.headings, HEADINGS[-2:]
    return Layout([*before, *patient, *scan * SCANS, *end, *scan * further], partial(row, bool(children), further))


def row(children: bool, further: int, number: int, study: Cells, events: Sequence[Cells]) -> list[Cell]:
    """A patient's row: the scans that fit, then which kinds of scans those are, then the others."""
    scans = [cells for is_scan, _, *cells in events if is_scan]
    kinds = Counter(str(kind or "Scan") for is_scan, kind, *_ in events if is_scan)
    comment = ", ".join(f"{times} × {kind}" for kind, times in kinds.items())
    missing = [[None] * len(SCAN.columns)] * (SCANS + further - len(scans))
    fit, others = (scans + missing)[:SCANS], (scans + missing)[SCANS:]
    *patient, total = study
    before: list[Cell] = [None] if children else []
    return [*before, number, *patient, *chain.from_iterable(fit), total, comment, *chain.from_iterable(others)]


def _note(order: Order, children: bool, further: int) -> None:
    age = Study.patient_age
    others = phe.how_many(order, age >= ADULT if children else age < ADULT)
    if others:
        who = f"Patients of {ADULT} years or more" if children else f"Patients younger than {ADULT} years"
        order.notes.append(f"{who}: {others:,}; the form is not for them.")
    if further:
        number = phe.how_many(order, NUMBER_OF_SCANS > SCANS)
        order.notes.append(f"Studies with more than {SCANS} scans: {number:,}; the others stand behind the comments.")


ADULTS = Form("PHE CT 2019", STUDY, Block((*KEYS.columns, *SCAN.columns)), ct.EVENTS, partial(layout, children=False))
CHILDREN = Form("PHE CT 2019", STUDY, Block((*KEYS.columns, *SCAN.columns)), ct.EVENTS, partial(layout, children=True))
