"""Names of staff in what is stored become what the site wants of them by now."""

from collections.abc import Sequence

from sqlalchemy import Engine, select, union, update

from app.identity import HASHED, NONE, STORED, Identity
from app.ingest.archive import digest_of
from app.ingest.lookups import ids
from app.ingest.reread import NOT_KEPT, UNREADABLE, reread
from app.ingest.told import renamed
from app.models import Name, Original, ProjectionEvent, Report, Study
from app.transactions import changing

TOO_MUCH = {NONE: (STORED, HASHED), HASHED: (STORED,), STORED: ()}  # of what was wanted, by what is wanted now
COLUMNS = (
    (Study.id, Study.operator), (Study.id, Study.performing_physician), (Report.study_id, Report.person_observer_name),
    (ProjectionEvent.study_id, ProjectionEvent.performing_physician),
)  # fmt: skip
KEYS = {column.key for _, column in COLUMNS}


def lessen(engine: Engine, wanted: Identity, study_ids: Sequence[int]) -> None:
    """Hash or take away names of staff in these studies: an object that is kept is read again, without them."""
    found = select(Original.report_id).join(Report, Report.id == Original.report_id)
    found = found.where(Report.study_id.in_(study_ids), Original.staff.in_(TOO_MUCH[wanted.staff]))
    with engine.connect() as connection:
        report_ids = connection.scalars(found.order_by(Original.report_id)).all()
    for report_id in report_ids:
        if reread(report_id, wanted).result in (NOT_KEPT, UNREADABLE):
            _rename(engine, report_id, wanted)


def _rename(engine: Engine, report_id: int, wanted: Identity) -> None:
    """The same without the object: in what it said, and in the columns that are names of staff."""
    asked = select(Report.study_id, Report.body, Original.told).join(Original, Original.report_id == Report.id)
    with engine.connect() as connection:
        row = connection.execute(asked.where(Report.id == report_id)).one_or_none()
        if row is None:
            return  # deleted meanwhile
        used = union(*(select(column).where(of_study == row.study_id) for of_study, column in COLUMNS))
        texts = connection.execute(select(Name.id, Name.text).where(Name.id.in_(used))).all()
    names = {id: wanted.staff_name(text) for id, text in texts}
    known = ids(engine, set(filter(None, names.values())))
    told = renamed(row.told, KEYS, wanted.staff_name)
    values = {"told": told, "kept": None, "staff": wanted.staff}
    with changing(engine) as connection:
        for of_study, column in COLUMNS:
            for id, name in names.items():
                this = update(column.class_).where(of_study == row.study_id, column == id)
                connection.execute(this.values({column.key: known.get(name)}))
        connection.execute(update(Original).where(Original.report_id == report_id).values(values))
        same = (Report.study_id == row.study_id) & (Report.body == row.body)
        connection.execute(update(Report).where(same).values(body=digest_of(told)))
