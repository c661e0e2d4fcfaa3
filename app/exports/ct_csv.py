"""The CT export: a row for each study, its irradiation events side by side."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.exports.columns import Lookups, Row, Statement, look_up
from app.exports.ct_columns import EVENT, REMARKS, SOURCE, SOURCES, STUDY, TOTALS, Room
from app.exports.sheet import Cell
from app.models import CtEvent, CtSource, Report, Study

CHUNK = 200  # studies that are in memory at once


def rows(connection: Connection, studies: Statement) -> Iterator[list[Cell]]:
    """A row for each of the studies, in their order; what belongs to a chunk of them comes with a statement each."""
    wanted = studies.with_only_columns(Study.id, *STUDY.sources, *TOTALS.sources)
    wanted = wanted.outerjoin(Room, Study.equipment_id == Room.id).execution_options(yield_per=CHUNK)
    for chunk in connection.execute(wanted).partitions():
        parts = _parts(connection, chunk)
        yield from (parts.row(study) for study in chunk)


@dataclass
class _Parts:
    """What belongs to a chunk of studies."""

    comments: dict[int, list[Row]]
    events: dict[int, list[Row]]
    sources: dict[int, list[Row]]
    lookups: Lookups

    def row(self, study: Row) -> list[Cell]:
        """The study's row, as long as its events make it."""
        comments = dict.fromkeys(comment for _, comment in self.comments[study[0]])
        cells = [*STUDY.cells(study, self.lookups), "\n".join(comments), *TOTALS.cells(study, self.lookups)]
        for event in self.events[study[0]]:
            cells += self._event(event)
        return cells

    def _event(self, event: Row) -> list[Cell]:
        sources = [*self.sources[event[1]], None, None][:SOURCES]
        told = [cell for source in sources for cell in SOURCE.cells(source, self.lookups)]
        return [*EVENT.cells(event, self.lookups), *told, *REMARKS.cells(event, self.lookups)]


def _parts(connection: Connection, studies: Sequence[Row]) -> _Parts:
    ids = [study[0] for study in studies]
    events = _by_parent(connection, _events(ids))
    every_event = [event for of_study in events.values() for event in of_study]
    names, codes = (STUDY.references(studies, kind) | EVENT.references(every_event, kind) for kind in ("name", "code"))
    return _Parts(
        comments=_by_parent(connection, _comments(ids)),
        events=events,
        sources=_by_parent(connection, _sources(ids)),
        lookups=look_up(connection, names, codes),
    )


def _comments(ids: list[int]) -> Statement:
    of_studies = Report.study_id.in_(ids), Report.comment.is_not(None)
    return select(Report.study_id, Report.comment).where(*of_studies).order_by(Report.id)


def _events(ids: list[int]) -> Statement:
    """The events in the order they happened; those without a time in the order of their report."""
    order = CtEvent.started_at.nulls_last(), CtEvent.report_id, CtEvent.number
    wanted = select(CtEvent.study_id, CtEvent.id, *EVENT.sources, *REMARKS.sources)
    return wanted.where(CtEvent.study_id.in_(ids)).order_by(*order)


def _sources(ids: list[int]) -> Statement:
    wanted = select(CtSource.ct_event_id, *SOURCE.sources).join(CtEvent, CtSource.ct_event_id == CtEvent.id)
    return wanted.where(CtEvent.study_id.in_(ids)).order_by(CtSource.id)


def _by_parent(connection: Connection, statement: Statement) -> dict[int, list[Row]]:
    """The rows by the id of what they belong to, which is their first value."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row[0]].append(row)
    return found
