"""What must be true whatever came in."""

from io import BytesIO
from math import isclose
from unittest.mock import patch

from pydicom import dcmread
from sqlalchemy import func, select

from app.dicom import elements
from app.dicom import file as dicom_file
from app.dicom.content import Item, tree
from app.dicom.damage import Damaged, reading
from app.dicom.elements import Unsure
from app.dicom.identify import is_structured_report, open_object
from app.extensions import db
from app.ingest.receive import Outcome
from app.models import CtEvent, ProjectionEvent, Report, Study

SUMS = {
    "dlp_event_sum": CtEvent.dlp,
    "dap_event_sum": ProjectionEvent.dap,
    "dose_rp_event_sum": ProjectionEvent.dose_rp,
}


def disagreement(content: bytes, outcome: Outcome) -> str:
    """How the content of an imported report differs from pydicom's reading of it without saying so; empty if not."""
    try:
        dataset = open_object(BytesIO(content))
        if not is_structured_report(dataset):
            return ""
        ours = tree(dataset)
        theirs = _as_pydicom_reads_it(content)
    except Damaged as reason:
        return "" if outcome.problems else f"pydicom can't read it: {reason}"
    return "" if ours == theirs or outcome.problems else f"pydicom reads it as {theirs}, we as {ours}"


def _as_pydicom_reads_it(content: bytes) -> Item:
    """The content as pydicom alone understands it."""
    with (
        patch.object(elements, "parse", side_effect=Unsure),
        patch.object(dicom_file, "end_of_items", side_effect=Unsure),
        reading("It"),
    ):
        return tree(dcmread(BytesIO(content), stop_before_pixels=True, force=True))


def half_written() -> list[str]:
    """Studies whose rows do not agree with each other."""
    with db.engine.connect() as connection:
        studies = connection.execute(select(Study.__table__)).mappings().all()
        reports = dict(connection.execute(select(Report.study_id, func.count()).group_by(Report.study_id)).all())
        counts = [
            dict(connection.execute(select(table.study_id, func.count()).group_by(table.study_id)).all())
            for table in (CtEvent, ProjectionEvent)
        ]
        sums = {
            name: dict(connection.execute(select(column.class_.study_id, func.sum(column)).group_by("study_id")).all())
            for name, column in SUMS.items()
        }
    found = []
    for study in studies:
        id = study["id"]
        if not reports.get(id):
            found.append(f"study {id} has no object")
        if study["number_of_events"] < sum(count.get(id, 0) for count in counts):
            found.append(f"study {id} tells of {study['number_of_events']} events and has more")
        for name, of_events in sums.items():
            if not _same(study[name], of_events.get(id)):
                found.append(f"study {id} has {name} {study[name]}, its events have {of_events.get(id)}")
    return found


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
