"""What openSkin, a program that maps the dose to the skin, reads of a study: an exposure a row, without headings."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from math import fsum
from typing import Any

from sqlalchemy import Connection, select

from app.exports.cells import Cell
from app.exports.columns import Block, Column, Lookups, Show, column, meaning, name
from app.exports.csv_file import text
from app.exports.projection import EVENTS
from app.exports.records import Part, pages
from app.models import ProjectionEvent, Study
from app.queries.quantities import without_crumbs

COPPER = "66925006"  # SNOMED CT; the only material that the program knows, and it takes one
NOBODY = "Anon"  # in the place of the patient's name


def mean(lookups: Lookups, told: Sequence[float] | None) -> Cell:
    """One number for all pulses."""
    return without_crumbs(fsum(told) / len(told)) if told else None


def total(lookups: Lookups, told: Sequence[float] | None) -> Cell:
    """What all pulses have together."""
    return without_crumbs(fsum(told)) if told else None


def copper(key: str) -> Show:
    """Shows what is told of the copper filter."""

    def show(lookups: Lookups, told: Sequence[Mapping[str, Any]] | None) -> Cell:
        value = next((one.get(key) for one in told or () if (one.get("material") or {}).get("value") == COPPER), None)
        return value["meaning"] if isinstance(value, Mapping) else value

    return show


def _plain(*names: str) -> tuple[Column, ...]:
    return tuple(column(name, getattr(ProjectionEvent, name)) for name in names)


def _coded(*names: str) -> tuple[Column, ...]:
    return tuple(column(name, getattr(ProjectionEvent, name), show=meaning) for name in names)


def _filter(*names: str) -> tuple[Column, ...]:
    return tuple(column(f"xray_filter_{name}", ProjectionEvent.xray_filters, show=copper(name)) for name in names)


STUDY = Block((column("patient_sex", Study.patient_sex), column("study_instance_uid", Study.study_instance_uid)))
EVENT = Block((
    *_coded("acquisition_plane"),
    column("date_time_started", ProjectionEvent.started_at),
    *_coded("irradiation_event_type"),
    column("acquisition_protocol", ProjectionEvent.acquisition_protocol, show=name),
    *_plain("reference_point_definition", "irradiation_event_uid", "dap", "dose_rp"),
    *_plain("positioner_primary_angle", "positioner_secondary_angle"),
    *_plain("positioner_primary_end_angle", "positioner_secondary_end_angle", "column_angulation"),
    *_filter("type", "material", "thickness_minimum", "thickness_maximum"),
    *_coded("fluoro_mode"),
    *_plain("pulse_rate", "number_of_pulses"),
    column("kvp", ProjectionEvent.kvp, show=mean),
    column("tube_current", ProjectionEvent.tube_current, show=mean),
    *_plain("exposure_time"),
    column("pulse_width", ProjectionEvent.pulse_width, show=mean),
    column("exposure", ProjectionEvent.exposure, show=total),
    *_plain("focal_spot_size", "irradiation_duration", "average_tube_current"),
    *_plain("distance_source_to_detector", "distance_source_to_isocenter"),
    *_plain("table_longitudinal_position", "table_lateral_position", "table_height_position"),
    *_coded("target_region"),
    *_plain("comment"),
))  # fmt: skip


def has_exposures(connection: Connection, uid: str) -> bool:
    """Whether there is a study with the UID that openSkin could read something of."""
    exposures = select(ProjectionEvent.id).join(Study, Study.id == ProjectionEvent.study_id)
    return connection.scalar(exposures.where(Study.study_instance_uid == uid).limit(1)) is not None


def openskin(connection: Connection, uid: str) -> str | None:
    """The study's exposures as CSV; None where there is no study with the UID or it has no exposures."""
    wanted = select(Study).where(Study.study_instance_uid == uid)
    file, lookups = StringIO(newline=""), Lookups()
    writer = csv.writer(file)
    for (record,) in pages(connection, wanted, [Part(STUDY), Part(EVENT, EVENTS)]):
        (of_study,), events = record.parts
        EVENT.learn(connection, events, lookups)
        sex, study_uid = STUDY.cells(of_study, lookups)
        for event in events:
            cells = [NOBODY, sex, study_uid, None, *EVENT.cells(event, lookups)]
            writer.writerow([text(cell) for cell in cells])
    return file.getvalue() or None
