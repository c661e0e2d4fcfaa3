"""Keeps a study's totals up to date with its reports and events."""

from collections import defaultdict

from sqlalchemy import Connection, select, update

from app.ingest.events import RANK, TABLES_OF_EVENTS, rank
from app.ingest.totals import Accumulated, Values, totals
from app.models import CtAccumulated, CtEvent, ProjectionAccumulated, ProjectionEvent, Report, Study

TABLES_OF_ACCUMULATIONS = (CtAccumulated, ProjectionAccumulated)
RANKED = (*RANK, Report.id, Report.event_count, Report.problems)
SUMMED = {CtEvent: ("dlp", "mean_ctdivol"), ProjectionEvent: ("dap", "dose_rp", "average_glandular_dose")}


def summarise(connection: Connection, study_id: int) -> None:
    """Work out the study's totals from everything that it has now."""
    reports = sorted(connection.execute(select(*RANKED).where(Report.study_id == study_id)).mappings(), key=rank)
    accumulations: dict[int, list[Values]] = defaultdict(list)
    for table in TABLES_OF_ACCUMULATIONS:
        of_study = select(table.__table__).where(table.report_id.in_([report["id"] for report in reports]))
        for row in connection.execute(of_study).mappings():
            accumulations[row["report_id"]].append(row)
    events: list[Values] = [
        row
        for table in TABLES_OF_EVENTS
        for row in connection.execute(
            select(*(getattr(table, name) for name in SUMMED[table])).where(table.study_id == study_id)
        ).mappings()
    ]
    told = [Accumulated(report["event_count"], accumulations[report["id"]]) for report in reports]
    summary = totals(told, events) | {"problem_count": sum(len(report["problems"]) for report in reports)}
    connection.execute(update(Study).where(Study.id == study_id).values(summary))
