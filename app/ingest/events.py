"""A study has each irradiation event once, however many reports tell of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, time

from sqlalchemy import Connection, delete, select

from app.dicom.layout import Row
from app.ingest.flatten import table_values
from app.ingest.insert import insert_all
from app.models import Administration, CtEvent, CtSource, ProjectionEvent, Report

TABLES_OF_EVENTS = (CtEvent, ProjectionEvent, Administration)
EVENT_UIDS = ("irradiation_event_uid", "administration_event_uid")
RANK = (Report.content_date, Report.content_time, Report.sop_instance_uid)  # what `rank` needs


Events = dict[str, tuple[int, Row]]  # by what makes each an event of its own: its place in the report, its row


def merge(connection: Connection, table, received, told: Events, *, study_id: int, report_id: int) -> None:
    """Insert the told events that are new to the study, or that this report tells better than an earlier one."""
    if not told:
        return
    better = _superseding(connection, table, study_id, told, received.header.values)
    events = {key: event for key, event in told.items() if key not in better}
    parents = {"study_id": study_id, "report_id": report_id}
    rows = [
        table_values(row, received.ids) | parents | {"number": number, "key": key}
        for key, (number, row) in events.items()
    ]
    ids = insert_all(connection, table.__table__, rows)
    sources = [
        table_values(source, received.ids) | {"ct_event_id": id}
        for id, (_, row) in zip(ids, events.values(), strict=True)
        for source in row.parts.get(CtSource.__tablename__, [])
    ]
    insert_all(connection, CtSource.__table__, sources)


def by_key(rows: list[Row], sop_instance_uid: str) -> Events:
    """The rows of one table as events."""
    events: Events = {}
    seen: Counter[str] = Counter()
    for number, row in enumerate(rows, start=1):
        told = (row.values.get(name) for name in EVENT_UIDS)
        key = next(filter(None, told), f"{sop_instance_uid}#{number}")
        seen[key] += 1  # a device that repeats a UID does so in its next report too
        events[key if seen[key] == 1 else f"{key}#{seen[key]}"] = (number, row)
    return events


def _superseding(connection: Connection, table, study_id: int, events: Mapping, report: Mapping) -> list[str]:
    """The keys that a later report tells of already; what an earlier one told of them is deleted.

    Of two reports that tell of one event the later is believed, in whatever order they arrive.
    """
    of_study = (
        select(*RANK, table.id, table.key).join(Report, table.report_id == Report.id).where(table.study_id == study_id)
    )
    known = [row for row in connection.execute(of_study).mappings() if row["key"] in events]
    earlier = [row["id"] for row in known if rank(row) < rank(report)]
    if earlier:
        if table is CtEvent:
            connection.execute(delete(CtSource).where(CtSource.ct_event_id.in_(earlier)))
        connection.execute(delete(table).where(table.id.in_(earlier)))
    return [row["key"] for row in known if rank(row) >= rank(report)]


def rank(report: Mapping) -> tuple[date, time, str]:
    """How late a report is: by its content date and time, then by its UID, so that there is always an order."""
    day, clock = report.get("content_date"), report.get("content_time")
    return (day or date.min, clock or time.min, report["sop_instance_uid"])
