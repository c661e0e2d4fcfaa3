"""Which devices the last stored studies came from: what a rule would mean, before it is made."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.ingest.policy import Rule
from app.models import Equipment, Report

LOOKED_THROUGH = 500  # studies
OBJECTS = 4 * LOOKED_THROUGH  # the last ones, among which they are looked for
DEVICE = (Equipment.manufacturer, Equipment.model_name, Equipment.station_name, Equipment.serial_number)


@dataclass(frozen=True)
class Preview:
    """What the rule means among the last stored studies."""

    studies: int  # that were looked through
    matching: int
    devices: list[tuple[str, int]]  # each with the number of its studies, the most first


def preview(rule: Rule) -> Preview:
    """How many of the last stored studies the rule would have kept out, and of which devices."""
    columns = (Report.study_id, *DEVICE, Report.software_versions)
    newest = select(*columns).outerjoin(Equipment, Equipment.id == Report.equipment_id).order_by(Report.id.desc())
    studies: dict[int, bool] = {}
    devices: Counter[str] = Counter()
    for study_id, *device in db.session.execute(newest.limit(OBJECTS)):
        if study_id in studies:
            continue
        if len(studies) == LOOKED_THROUGH:
            break
        names = ("manufacturer", "model_name", "station_name", "serial_number", "software_versions")
        studies[study_id] = rule.matches(dict(zip(names, device, strict=True)))
        if studies[study_id]:
            devices[" ".join(part for part in device[:3] if part) or "a device without a name"] += 1
    return Preview(len(studies), sum(studies.values()), devices.most_common())
