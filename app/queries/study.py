"""Everything stored for one study, in as many statements as there are tables that have something of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload, undefer

from app.dicom.concept import Concept
from app.extensions import db
from app.models import (
    Administration,
    CtAccumulated,
    CtEvent,
    PatientCharacteristics,
    PetSeries,
    ProjectionAccumulated,
    ProjectionEvent,
    Report,
    Study,
)
from app.queries import event_columns
from app.queries.lookups import Shared, shared
from app.queries.modalities import USUAL, Modality, by_stored
from app.queries.sop_classes import in_words
from app.queries.tree import Row, described

ACCUMULATED = (CtAccumulated, ProjectionAccumulated, PatientCharacteristics, PetSeries)
EVENTS = (CtEvent, ProjectionEvent, Administration)
HERE, THERE = aliased(Report), aliased(Report)  # objects with one UID in two studies
TREES = {"problems", "unread", "changes", "parts", "events_by_type"}  # columns that are trees already


@dataclass(frozen=True)
class Other:
    """Another study that an object of this one came with."""

    study_instance_uid: str
    study_date: date | None


@dataclass
class Stored:
    """One study: its reports, what each accumulates, the events in the order they happened."""

    study: Study
    reports: list[Report]
    accumulated: list[Any]
    events: list[Any]
    shared: Shared
    elsewhere: dict[str, list[Other]]  # other studies that an object with the same UID came with, by that UID

    @property
    def title(self) -> str | None:
        """What the study is called: the same as in lists."""
        return self.shared.names.get(self.study.title or 0)

    @property
    def kinds(self) -> list[Modality]:
        """The kinds of dose that it has, each as a page shows it: its modality first, then what else there is."""
        own = by_stored(self.study.modality)
        return [own, *(one for one in USUAL if one.event is not own.event and self._has(one))]

    def of(self, kind: Modality) -> dict[int, Any]:
        """The kind's events by their place among them."""
        return dict(enumerate((event for event in self.events if type(event) is kind.event), start=1))

    def only(self, kind: Modality) -> "Stored":
        """The study as if it had no other kind of dose."""
        return replace(self, events=list(self.of(kind).values()))

    def _has(self, kind: Modality) -> bool:
        doses = kind.quantities[1:]  # the first is how many events there are
        return any(quantity.of(self.study) is not None for quantity in doses) or bool(self.of(kind))

    def code(self, row: Any, column: str) -> Concept | None:
        """The coded value in the row's column, where the row has such a column."""
        return self.shared.codes.get(getattr(row, column, None) or 0)

    def protocol(self, event: Any) -> str | None:
        """The event's acquisition protocol, where such events have one."""
        return self.shared.names.get(getattr(event, "acquisition_protocol", None) or 0)


def load(uid: str, whole: bool = False) -> Stored | None:
    """The study with all that belongs to it, of its events what a page shows or the whole; None where it is not
    there."""
    filled = [_of(table, Study.id).exists().label(table.__tablename__) for table in (*ACCUMULATED, *EVENTS)]
    shared_out = _others(Study.id).exists().label("elsewhere")
    wanted = (
        select(Study, *filled, shared_out).options(joinedload(Study.equipment)).where(Study.study_instance_uid == uid)
    )
    found = db.session.execute(wanted).one_or_none()
    if found is None:
        return None
    study: Study = found.Study
    reports, accumulated = _reports(study.id, [one for one in ACCUMULATED if getattr(found, one.__tablename__)])
    tables = [table for table in EVENTS if getattr(found, table.__tablename__)]
    events = [event for table in tables for event in _events(table, study.id, whole)]
    sources = [source for event in events for source in getattr(event, "sources", ())]
    used = shared([study, *reports, *accumulated, *events, *sources])
    others = _elsewhere(study.id) if found.elsewhere else {}
    return Stored(study, reports, accumulated, sorted(events, key=when), used, others)


def _reports(study_id: int, tables: list[Any]) -> tuple[list[Report], list[Any]]:
    """The reports of the study and what they accumulate; the first table comes in the statement of the reports."""
    own = select(Report).where(Report.study_id == study_id).order_by(Report.id).options(undefer(Report.unread))
    if not tables:
        return list(db.session.scalars(own)), []
    first, *others = tables
    both = own.outerjoin(first, first.report_id == Report.id).add_columns(first).order_by(first.id)
    rows = db.session.execute(both).all()
    accumulated = [row for _, row in rows if row is not None]
    return list(dict.fromkeys(report for report, _ in rows)), accumulated + [
        row for table in others for row in db.session.scalars(_of(table, study_id).order_by(table.id))
    ]


def _events(table: Any, study_id: int, whole: bool) -> Iterable[Any]:
    options = event_columns.whole(table) if whole else event_columns.brief(table)
    rows = select(table).where(table.study_id == study_id).order_by(table.id).options(*options)
    return db.session.scalars(rows).unique()


def _elsewhere(study_id: int) -> dict[str, list[Other]]:
    """The other studies that have objects with the UIDs of these: the dose is then counted more than once."""
    others = _others(study_id).join(Study, THERE.study_id == Study.id).order_by(Study.study_instance_uid)
    wanted = others.with_only_columns(HERE.sop_instance_uid, Study.study_instance_uid, Study.study_date).distinct()
    found: dict[str, list[Other]] = {}
    for object_uid, uid, day in db.session.execute(wanted):
        found.setdefault(object_uid, []).append(Other(uid, day))
    return found


def _others(study_id: Any) -> Any:
    """The objects of other studies that have the UIDs of the study's."""
    same = HERE.sop_instance_uid == THERE.sop_instance_uid
    return select(THERE.id).join(HERE, same).where(HERE.study_id == study_id, THERE.study_id != study_id)


def _of(table: Any, study_id: Any) -> Any:
    return select(table).join(Report, table.report_id == Report.id).where(Report.study_id == study_id)


def when(event: Any) -> tuple[datetime, int, int]:
    """By the clock of the modality; events that share a second, or have no time, in the order of their report."""
    started = event.started_at.replace(tzinfo=None) if event.started_at else datetime.max
    return (started, event.report_id, event.number)


def everything(uid: str) -> Row | None:
    """Everything stored for the study as nested values with titles and units; None where it is not there."""
    stored = load(uid, whole=True)
    if stored is None:
        return None
    own = described(stored.study, stored.shared, leave_out=TREES) | _trees(stored.study)
    told: Row = {"study": own, "equipment": equipment_tree(stored)}
    told["reports"] = [report_tree(report, stored) for report in stored.reports]
    return told | {
        f"{table.__tablename__}s": [event_tree(event, stored.shared) for event in stored.events if type(event) is table]
        for table in EVENTS
    }


def equipment_tree(stored: Stored) -> Row:
    """Everything stored for the study's room; nothing where the study does not say which."""
    room = stored.study.equipment
    return described(room, stored.shared, leave_out={"identity"}) if room else {}


def report_tree(report: Report, stored: Stored) -> Row:
    """Everything stored for one of its reports, what it accumulates and how reading it went included."""
    called = in_words(report.sop_class_uid, report.modality, report.kind)
    told: Row = {"object": {"title": "Object", "value": called}}
    told |= described(report, stored.shared, leave_out=TREES)
    for table in ACCUMULATED:
        rows = [row for row in stored.accumulated if type(row) is table and row.report_id == report.id]
        if rows:
            told[table.__tablename__] = [described(row, stored.shared) for row in rows]
    also_in = [other.study_instance_uid for other in stored.elsewhere.get(report.sop_instance_uid, [])]
    return told | _trees(report) | {"also_in": also_in}


def _trees(row: Any) -> Row:
    """The columns of the row that are trees, where there is something in them."""
    return {name: value for name in sorted(TREES) if (value := getattr(row, name, None)) is not None}


def event_tree(event: Any, used: Shared) -> Row:
    """Everything stored for the event, its X-ray sources included."""
    told = described(event, used, leave_out={"key"})
    sources = [described(source, used) for source in getattr(event, "sources", ())]
    return told | {"sources": sources} if sources else told
