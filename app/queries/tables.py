"""The table of a list: the columns that were chosen, and what each row shows in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from app.extensions import db
from app.models import Name, Report, Study
from app.queries.columns import Cell, Column, Row
from app.queries.listing import Listing


@dataclass(frozen=True)
class Table:
    """What the template goes through."""

    columns: list[Column]
    rows: list[tuple[Study, list[Cell]]]


def table_of(listing: Listing) -> Table:
    """The listing's table; a statement more for columns of texts, and one for when studies came."""
    columns, studies = listing.selection.view.columns, listing.studies
    names = _names(columns, studies)
    received = _received(studies) if any(column.key == "received" for column in columns) else {}
    rows = [
        Row(
            study,
            listing.titles[study.id] or listing.selection.modality.one,
            listing.protocols.get(study.id, []),
            listing.share(study),
            names,
            received.get(study.id),
        )
        for study in studies
    ]
    return Table(columns, [(row.study, [column.cell(row) for column in columns]) for row in rows])


def _names(columns: list[Column], studies: list[Study]) -> Mapping[int, str]:
    keys = [column.named.key for column in columns if column.named is not None]
    ids = {getattr(study, key) for study in studies for key in keys} - {None}
    if not ids:
        return {}
    return {id: text for id, text in db.session.execute(select(Name.id, Name.text).where(Name.id.in_(ids)))}


def _received(studies: list[Study]) -> Mapping[int, datetime]:
    """When the first object of each came, by this machine's clock."""
    first = select(Report.study_id, func.min(Report.received_at)).group_by(Report.study_id)
    found = db.session.execute(first.where(Report.study_id.in_([study.id for study in studies])))
    return {id: moment.replace(tzinfo=UTC).astimezone() for id, moment in found}
