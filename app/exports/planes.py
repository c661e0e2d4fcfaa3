"""What a fluoroscopy study accumulated in plane A and in plane B, over all of its reports that count."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from app.exports.cells import Cell
from app.exports.columns import Column, Computed, Lookups, Statement, among, column
from app.models import Code, ProjectionAccumulated, ProjectionEvent, Report
from app.queries.quantities import without_crumbs

A, B = "A", "B"
# Acquisition planes (CID 10003, DCM). A system of one plane is plane A, and so is what tells of no plane.
NAMED = {"113620": A, "113621": B, "113622": A}
QUANTITIES = {
    "dap_total": "DAP total (Gy.m^2)",
    "dose_rp_total": "Dose RP total (Gy)",
    "fluoro_dap_total": "Fluoro DAP total (Gy.m^2)",
    "fluoro_dose_rp_total": "Fluoro dose RP total (Gy)",
    "total_fluoro_time": "Fluoro duration total (s)",
    "acquisition_dap_total": "Acq. DAP total (Gy.m^2)",
    "acquisition_dose_rp_total": "Acq. dose RP total (Gy)",
    "total_acquisition_time": "Acq. duration total (s)",
}
OF_EVENTS = {"dap_total": ProjectionEvent.dap, "dose_rp_total": ProjectionEvent.dose_rp}
EVENTS = "events"

Told = Mapping[str, Any]
Planes = dict[str, dict[str, Cell]]  # by plane and quantity


def planes(connection: Connection, ids: Sequence[int]) -> dict[int, Planes]:
    """What each plane of the studies has; where no report tells a total, the sum over the events stands for it."""
    told, found = _accumulated(connection, ids), defaultdict[int, dict[str, dict[str, list[Any]]]](_nothing)
    for study_id, reports in told.items():
        for rows in reports.values():
            for name in QUANTITIES:
                for plane, value in _of_planes(rows, name):
                    found[study_id][plane][name].append(value)
    for row in connection.execute(_events(ids)).mappings():
        of_plane = found[row["study_id"]][NAMED.get(row["plane"], A)]
        of_plane[EVENTS].append(row[EVENTS])
        reports = told.get(row["study_id"], {})
        for name in OF_EVENTS:
            if row[name] is not None and not _tells(reports, name, dict(row)):
                of_plane[name].append(without_crumbs(row[name]))
    return {id: {plane: _added(values) for plane, values in found[id].items()} for id in found}


def _tells(reports: Mapping[int, Sequence[Told]], name: str, events: Told) -> bool:
    """Whether a report's total has these events: their own, or where another one speaks for that, any."""
    own = [reports.get(events["report_id"], ())] if events["in_totals"] else reports.values()
    return any(row[name] is not None for rows in own for row in rows)


def _nothing() -> dict[str, dict[str, list[Any]]]:
    return {A: defaultdict(list), B: defaultdict(list)}


def _accumulated(connection: Connection, ids: Sequence[int]) -> dict[int, dict[int, list[Told]]]:
    """What the reports accumulated that the study's totals are made of, by study and report."""
    columns = [getattr(ProjectionAccumulated, name) for name in QUANTITIES]
    wanted = (
        select(Report.study_id, Report.id.label("report_id"), Code.value.label("plane"), *columns)
        .join(Report, Report.id == ProjectionAccumulated.report_id)
        .outerjoin(Code, Code.id == ProjectionAccumulated.acquisition_plane)
        .where(among(Report.study_id, ids), Report.in_totals)
        .order_by(ProjectionAccumulated.id)
    )
    found: dict[int, dict[int, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(wanted).mappings():
        found[row["study_id"]][row["report_id"]].append(dict(row))
    return found


def _of_planes(rows: Sequence[Told], name: str) -> Iterable[tuple[str, float]]:
    """What one report tells of each plane; what it tells of no plane or of all counts where it tells of none alone."""
    there = [(NAMED.get(row["plane"]), row[name]) for row in rows if row[name] is not None]
    return [(plane, value) for plane, value in there if plane] or [(A, value) for _, value in there]


def _events(ids: Sequence[int]) -> Statement:
    """How many events each plane has by report, and what they add up to."""
    sums = [func.sum(column).label(name) for name, column in OF_EVENTS.items()]
    by = (ProjectionEvent.study_id, ProjectionEvent.report_id, Report.in_totals, Code.value.label("plane"))
    wanted = select(*by, func.count().label(EVENTS), *sums).where(among(ProjectionEvent.study_id, ids))
    wanted = wanted.join(Report, Report.id == ProjectionEvent.report_id)
    return wanted.outerjoin(Code, Code.id == ProjectionEvent.acquisition_plane).group_by(*by).order_by(*by)


def _added(values: Mapping[str, list[Any]]) -> dict[str, Cell]:
    """The sums, without the crumbs of binary addition."""
    sums = {name: sum(Decimal(repr(value)) for value in some) for name, some in values.items()}
    return {name: int(value) if name == EVENTS else float(value) for name, value in sums.items()}


PLANES = Computed(planes)


def _of(plane: str, name: str, otherwise: Cell = None) -> Callable[[Lookups, Planes | None], Cell]:
    def show(lookups: Lookups, told: Planes | None) -> Cell:
        return told[plane].get(name, otherwise) if told else otherwise

    return show


def _columns(plane: str, otherwise: Cell) -> Iterable[Column]:
    for name, heading in QUANTITIES.items():
        yield column(f"{plane} {heading}", PLANES, show=_of(plane, name))
    yield column(f"{plane} Number of events", PLANES, show=_of(plane, EVENTS, otherwise))


COLUMNS = (*_columns(A, 0), *_columns(B, None))
