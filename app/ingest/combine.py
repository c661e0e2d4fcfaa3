"""A study as all of its objects together tell it: a function of the objects alone, whatever order they came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.dicom.reader import IMAGE, REPORT, Problem
from app.ingest import gather, totals
from app.ingest.equipment import Room
from app.ingest.gather import Event, Gathered
from app.ingest.listed import listed
from app.ingest.same import TELLING, same_device
from app.ingest.told import Told

MOST_TOLD = 10  # UIDs in one problem
SEXES, AGE_DIFFERS = {"F", "M"}, 1.5  # years: a birthday, and ages in whole years
# A study of several X-ray modalities is listed under the first of these; radiopharmaceuticals have a mark of their own.
PRECEDENCE = ("CT", "RF", "MG", "DX", "NM")
KINDS = (
    (gather.CT, totals.CT, "ct_accumulated"),
    (gather.PROJECTION, totals.PROJECTION, "projection_accumulated"),
    (gather.ADMINISTRATION, totals.NUCLEAR, ""),
)
XRAYS = (gather.CT, gather.PROJECTION)

# What becomes of an object whose events another one tells: by its own kind, and by the other's.
TOLD_BY_ANOTHER = {
    (REPORT, REPORT): "repeated by a later report",
    (IMAGE, REPORT): "a report tells of what it shows",
    (IMAGE, IMAGE): "another image tells of the same",
}
OVERLAP = Problem(
    "Totals",
    "of reports that overlap in part can't be added; the sums over the events are shown, and no fluoroscopy time",
)


class Outcome(NamedTuple):
    """What became of an object: columns of its own row."""

    outcome: str = ""
    in_totals: bool = False


@dataclass
class Combined:
    """The study's columns, its events by table and key, and what became of each object."""

    study: dict[str, Any] = field(default_factory=dict)
    events: dict[str, dict[str, Event]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)  # by digest
    room: Room | None = None


def combine(objects: Sequence[Told]) -> Combined:
    """The study that the objects make."""
    ranked = sorted(objects, key=lambda told: told.rank, reverse=True)
    counting, combined = _one_of_each(ranked), Combined()
    gathered = {kind.table: gather.gather(kind, counting) for kind, _, _ in KINDS}
    combined.events = {table: found.events for table, found in gathered.items()}
    combined.study, problems = _header(counting), _versions(ranked, counting) + _patients(counting)
    parts: list[dict[str, Any]] = []
    types: dict[str, int] = {}
    in_totals: set[str] = set()
    for kind, family, accumulated in KINDS:
        summary = _totals(counting, gathered[kind.table], family, accumulated)
        problems += totals.differences(family, summary) + _unmatched(gathered[kind.table])
        problems += _doubtful(gathered[kind.table])
        parts += summary.pop("parts")
        types |= summary.pop("types")
        in_totals |= summary.pop("in_totals")
        problems += [OVERLAP] if summary.pop("overlap") else []
        combined.study |= summary
    combined.study |= listed(combined.study, _values(combined.events))
    combined.study |= {
        "number_of_events": sum(len(combined.events[kind.table]) for kind in XRAYS),
        "number_of_administrations": len(combined.events[gather.ADMINISTRATION.table]),
        "parts": parts or None,
        "events_by_type": types or None,
        "problems": [problem.as_json() for problem in problems],
        "problem_count": len(problems) + sum(told.problem_count for told in counting),
    }
    combined.room = next((told.room for told in counting if told.room), None)
    counted = {told.digest for told in counting}
    combined.outcomes = {
        told.digest: Outcome(_outcome(told, told.digest in counted, gathered), told.digest in in_totals)
        for told in ranked
    }
    return combined


def _values(events: Mapping[str, Mapping[str, Event]]) -> dict[str, list[Mapping[str, Any]]]:
    return {table: [event.row.values for event in found.values()] for table, found in events.items()}


def _one_of_each(ranked: Sequence[Told]) -> list[Told]:
    """The objects without those whose UID a more believed one has."""
    first: dict[str, Told] = {}
    for told in ranked:
        first.setdefault(told.sop_instance_uid, told)
    return list(first.values())


def _versions(ranked: Sequence[Told], counting: Sequence[Told]) -> list[Problem]:
    counted = {told.digest for told in counting}
    others = {told.sop_instance_uid for told in ranked if told.digest not in counted}
    message = "came with different content under one UID; the latest counts, or of one moment the fullest"
    return [Problem("SOP Instance UID", message, uid) for uid in sorted(others)]


def _patients(counting: Sequence[Told]) -> list[Problem]:
    """Where the objects do not tell of one person: somebody gave them one study UID."""
    sexes = sorted({sex for told in counting if (sex := told.study.get("patient_sex")) in SEXES})
    ages = sorted(age for told in counting if (age := told.study.get("patient_age")) is not None)
    told = {}
    if len(sexes) > 1:
        told["Patient's Sex (0010,0040)"] = ", ".join(sexes)
    if ages and ages[-1] - ages[0] > AGE_DIFFERS:
        told["Patient's Age (0010,1010)"] = f"{ages[0]:g} to {ages[-1]:g} years"
    return [Problem(path, "differs between the objects of the study", value) for path, value in told.items()]


def _header(counting: Sequence[Told]) -> dict[str, Any]:
    """The study's columns from the headers: what the most believed object leaves out the next one fills in."""
    study: dict[str, Any] = {}
    for told in counting:
        study = {name: value for name, value in told.study.items() if value is not None} | study
    modalities = {told.study["modality"] for told in counting}
    study["modality"] = next(modality for modality in PRECEDENCE if modality in modalities)
    study["nuclear"] = "NM" in modalities
    return study


def _totals(counting: Sequence[Told], found: Gathered, family: totals.Family, accumulated: str) -> dict[str, Any]:
    """The family's totals; images add nothing to them where their device reports its own."""
    reports = [told for told in counting if told.kind == REPORT and accumulated in told.parts]
    told = [
        totals.Told(
            frozenset(found.keys.get(one.digest) or {_device(one)}),
            [row.values | _inline(row) for row in _rows(one, accumulated)],
            one.digest,
        )
        for one in reversed(counting)
        if (one.digest in found.keys or accumulated in one.parts)
        and not (one.kind == IMAGE and any(same_device(one.equipment, report.equipment) for report in reports))
    ]
    events = {key: event.row.values for key, event in found.events.items()}
    return totals.totals(family, told, events)


def _device(told: Told) -> str:
    """What stands for the events of a device that tells of none: of two such reports the later speaks for both."""
    return " ".join(str(told.equipment.get(name) or "").strip().lower() for name in TELLING)


def _rows(told: Told, table: str) -> Sequence[Any]:
    return told.parts.get(table, ())


def _inline(row: Any) -> Mapping[str, Any]:
    """The row's own parts as plain values."""
    return {name: [one.values for one in rows] for name, rows in row.parts.items()}


def _unmatched(found: Gathered) -> list[Problem]:
    """Images of exposures that the report of their device does not have; dose pages of CT have no times to go by."""
    images = [told.sop_instance_uid for told in found.unmatched if "projection_event" in told.parts]
    if not images:
        return []
    message = "show exposures that the report of their device does not have; they are not counted"
    return [Problem("Images", message, _some(sorted(images)))]


def _some(told: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f"; and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return "; ".join(told[:MOST_TOLD]) + more


def _doubtful(found: Gathered) -> list[Problem]:
    """Events that count twice though they may be one, or once though they may be two: their UIDs tell it wrongly."""
    told = {
        "of two reports have the same moment and dose: perhaps one event that counts twice": gather.doubtful(found),
        "have other moments and doses in several objects; the most believed object counts": sorted(found.contradicted),
    }
    return [Problem("Irradiation Event UIDs", message, _some(keys)) for message, keys in told.items() if keys]


def _outcome(told: Told, counts: bool, gathered: Mapping[str, Gathered]) -> str:
    """What the study has from the object, in words."""
    if not counts:
        return "not counted: another object has its UID and later or fuller content"
    events = [found.events[key] for found in gathered.values() for key in found.keys.get(told.digest, ())]
    leading = sum(event.told_by == told.digest for event in events)
    rows = sum(len(told.parts.get(table, ())) for table in gathered)
    if leading == rows:
        return "counted"
    if leading:
        return f"counted with {leading} of its {rows} events; later objects tell of the others"
    if not events:
        return "not counted: the report of its device does not have it"
    teller = max((event.told for event in events), key=lambda one: one.rank)
    return TOLD_BY_ANOTHER[told.kind, teller.kind]
