"""One event of a study with everything that is stored of it, as a row that opens fetches it."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Study
from app.queries import event_columns
from app.queries.lookups import shared
from app.queries.modalities import MODALITIES, Modality
from app.queries.study import event_tree, when
from app.queries.tree import Row
from app.queries.whole import whole


def opened(uid: str, name: str) -> Row | None:
    """Everything stored for the event whose row has this name; None where there is none such."""
    kind, place = _meant(name)
    if kind is None:
        return None
    table: Any = kind.event
    order = select(table.id, table.started_at, table.report_id, table.number).join(Study, Study.id == table.study_id)
    events = sorted(db.session.execute(order.where(Study.study_instance_uid == uid)), key=when)
    if not 0 < place <= len(events):
        return None
    wanted = select(table).where(table.id == events[place - 1].id).options(*event_columns.whole(table))
    event = db.session.scalars(wanted).unique().one()
    return event_tree(event, shared([event, *getattr(event, "sources", ())]))


def _meant(name: str) -> tuple[Modality | None, int]:
    """The kind of the event and its place among those of its kind."""
    key, _, place = name.partition("-")
    return MODALITIES.get(key), whole(place) or 0
