"""Keeps a study's totals up to date with its reports and events."""

from collections import defaultdict

from sqlalchemy import Connection, select, update

from app.ingest.events import RANK, rank
from app.ingest.totals import CT, NUCLEAR, PROJECTION, Family, Told, Values, totals
from app.models import (
    Administration,
    CtAccumulated,
    CtEvent,
    PatientCharacteristics,
    ProjectionAccumulated,
    ProjectionEvent,
    Report,
    Study,
)

TABLES_OF_ACCUMULATIONS = (CtAccumulated, ProjectionAccumulated, PatientCharacteristics)
FAMILIES = (
    (CT, CtAccumulated, CtEvent),
    (PROJECTION, ProjectionAccumulated, ProjectionEvent),
    (NUCLEAR, None, Administration),
)
RANKED = (*RANK, Report.id, Report.event_keys, Report.problems)


def summarise(connection: Connection, study_id: int) -> None:
    """Work out the study's totals from everything that it has now."""
    reports = sorted(connection.execute(select(*RANKED).where(Report.study_id == study_id)).mappings(), key=rank)
    summary: dict[str, object] = {"problem_count": sum(len(report["problems"]) for report in reports)}
    number = 0
    for family, accumulated, event in FAMILIES:
        events = _events(connection, family, event, study_id)
        accumulations = _accumulations(connection, accumulated, [report["id"] for report in reports])
        told = [
            Told(frozenset(report["event_keys"].get(event.__tablename__, ())), accumulations[report["id"]])
            for report in reports
            if event.__tablename__ in report["event_keys"] or accumulations[report["id"]]
        ]
        summary |= totals(family, told, events)
        number += len(events)
    connection.execute(update(Study).where(Study.id == study_id).values(summary | {"number_of_events": number}))


def _events(connection: Connection, family: Family, table, study_id: int) -> dict[str, Values]:
    """What the family adds up of each of the study's events, by the event's key."""
    names = [*(column for _, column in family.doses.values()), *family.highest.values(), *family.sums.values()]
    wanted = select(table.key, *(getattr(table, name) for name in names)).where(table.study_id == study_id)
    return {row["key"]: row for row in connection.execute(wanted).mappings()}


def _accumulations(connection: Connection, table, report_ids: list[int]) -> dict[int, list[Values]]:
    """The reports' accumulations, by the report's id."""
    found: dict[int, list[Values]] = defaultdict(list)
    if table is None:
        return found
    for row in connection.execute(select(table.__table__).where(table.report_id.in_(report_ids))).mappings():
        found[row["report_id"]].append(row)
    return found
