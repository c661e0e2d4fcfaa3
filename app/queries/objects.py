"""The objects that a study was made from: what each is, what the study has from it, and how reading it went."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from app.models import ProjectionAccumulated, Report
from app.queries.quantities import with_units
from app.queries.sop_classes import in_words
from app.queries.study import Other, Stored, report_tree
from app.queries.tree import Row, described

TITLES = {
    "ct_accumulated": "Accumulated dose",
    "projection_accumulated": "About the accumulated dose",
    "patient_characteristics": "Patient, as the report of radiopharmaceuticals tells",
    "pet_series": "PET series",
}
# Of what planes accumulated, what a table of them has.
IN_A_TABLE = {"acquisition_plane"} | {
    column.name
    for column in ProjectionAccumulated.__table__.columns
    if "field" in column.info and column.info["field"].kind == "number"
}
# Of an object, what stands in its row, or in tables of its own.
TOLD_APART = {
    "object", "kind", "outcome", "received_at", "read_by", "unread_count", "problems", "unread", "changes", "also_in",
}  # fmt: skip

NUMBER = re.compile(r" \d+(?= ›)")  # which of several parts, in the path of a problem
MANY = 12

# Of each object of a series that says the same, what is its own.
OWN = {"sop_instance_uid", "content_date", "content_time", "received_at"}


@dataclass(frozen=True)
class StudyObject:
    """One object; or several of one series that say the same, of which the first speaks for all."""

    place: int
    reports: list[Report]
    also_in: list[Other]  # other studies that came with one of them
    everything: Row
    is_latest: bool  # no other object has its UID and later content

    @property
    def first(self) -> Report:
        """The object, the earliest of several."""
        return self.reports[0]

    @property
    def last(self) -> Report:
        """The latest of several."""
        return self.reports[-1]

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return in_words(self.first.sop_class_uid, self.first.modality, self.first.kind)

    @property
    def problems(self) -> "list[StudyProblem]":
        """What is wrong with it."""
        return _told(self, self.first.problems)

    @property
    def received(self) -> tuple[Any, Any]:
        """When the first and the last of them came."""
        moments = [report.received_at for report in self.reports]
        return min(moments), max(moments)


@dataclass(frozen=True)
class StudyProblem:
    """What is wrong, with the object that says it; with none where objects contradict each other."""

    told_by: StudyObject | None
    path: str
    message: str
    value: str
    times: int  # how often the object says the same


@dataclass(frozen=True)
class Accumulated:
    """What the objects tell of the study as a whole, in rows of one table or of tables that have one title."""

    title: str
    rows: list[tuple[StudyObject, str, Row]]  # who says it, what it is about, and what


def study_objects(stored: Stored) -> list[StudyObject]:
    """The objects of the study, reports first, in the order they were made; those that say the same are one."""
    groups: dict[str, list[Report]] = {}
    for report in sorted(stored.reports, key=_rank):
        groups.setdefault(_says(report), []).append(report)
    latest = {report.id for report in _latest(stored.reports).values()}
    return [
        _object(place, reports, stored, any(one.id in latest for one in reports))
        for place, reports in enumerate(groups.values(), start=1)
    ]


def study_problems(stored: Stored, objects: Iterable[StudyObject]) -> list[StudyProblem]:
    """All problems: those between the objects, then each object's own, but for objects that others replace."""
    found = _told(None, stored.study.problems)
    return found + [problem for one in objects if one.is_latest for problem in one.problems]


def _told(told_by: StudyObject | None, problems: Iterable[Row]) -> list[StudyProblem]:
    """Problems that differ only in which of several parts has them, and in the value, are one."""
    alike: dict[tuple[str, str], list[Row]] = {}
    for problem in problems:
        alike.setdefault((NUMBER.sub("", problem["path"], count=1), problem["message"]), []).append(problem)
    return [_one(told_by, some) for some in alike.values()]


def _one(told_by: StudyObject | None, problems: list[Row]) -> StudyProblem:
    """The problem, with the numbers of all parts that have it and all their values."""
    paths = list(dict.fromkeys(problem["path"] for problem in problems))
    path = paths[0]
    if len(paths) > 1:
        numbers = [NUMBER.search(one) for one in paths]
        path = NUMBER.sub(f" {', '.join(_few([found[0].strip() for found in numbers if found]))}", path, count=1)
    values = list(dict.fromkeys(problem.get("value", "") for problem in problems))
    told = ", ".join(value for value in _few(values) if value)
    return StudyProblem(told_by, path, with_units(problems[0]["message"]), with_units(told), len(problems))


def _few(texts: list[str]) -> list[str]:
    """All of them, or where they are many the first and how many there are beside."""
    return texts if len(texts) <= MANY else [*texts[:MANY], f"and {len(texts) - MANY} more"]


def accumulated(stored: Stored, objects: Iterable[StudyObject]) -> list[Accumulated]:
    """What the objects tell of the study as a whole, by title."""
    told_by = {report.id: one for one in objects for report in one.reports}
    found: dict[str, list[tuple[StudyObject, str, Row]]] = {}
    for row in stored.accumulated:
        plane = stored.code(row, "acquisition_plane")
        about = described(row, stored.shared, leave_out=IN_A_TABLE if type(row) is ProjectionAccumulated else ())
        if about:
            found.setdefault(TITLES[row.__tablename__], []).append((told_by[row.report_id], str(plane or ""), about))
    return [Accumulated(title, sorted(rows, key=lambda row: row[0].place)) for title, rows in found.items()]


def elsewhere(objects: Iterable[StudyObject]) -> dict[Other, int]:
    """The other studies that came with the same objects, and how many of this study's each has."""
    counts: dict[Other, int] = {}
    for one in objects:
        for other in one.also_in:
            counts[other] = counts.get(other, 0) + 1
    return counts


def collapsed(reports: Iterable[Row]) -> list[Row]:
    """The trees of reports, one for all that differ in nothing but UIDs and times, which then lists the others."""
    groups: dict[str, Row] = {}
    for tree in reports:
        alike = {name: leaf for name, leaf in tree.items() if name not in OWN and name not in TITLES}
        first = groups.setdefault(json.dumps(alike, sort_keys=True), tree)
        if first is not tree:
            same = first.setdefault("the_same_say", {"title": "The same say", "value": []})
            same["value"].append(tree["sop_instance_uid"]["value"])
    return list(groups.values())


def _rank(report: Report) -> tuple[bool, date, time, str]:
    return (
        report.kind == "image",
        report.content_date or date.max,
        report.content_time or time.max,
        report.sop_instance_uid,
    )


def _latest(reports: Iterable[Report]) -> dict[str, Report]:
    """By UID the object that counts, where devices send different content under one."""
    return {one.sop_instance_uid: one for one in sorted(reports, key=_how_late)}


def _how_late(report: Report) -> tuple[date, time, int, str]:
    """Of those of one moment the one with more events is the later, as when the study is worked out."""
    return (report.content_date or date.min, report.content_time or time.min, report.event_count, report.digest)


def _says(report: Report) -> str:
    """The same for objects that look the same on a page."""
    told = (report.body, report.outcome, report.read_by, report.problems, report.unread, report.changes)
    return json.dumps(told, sort_keys=True)


def _object(place: int, reports: list[Report], stored: Stored, is_latest: bool) -> StudyObject:
    others = [other for report in reports for other in stored.elsewhere.get(report.sop_instance_uid, [])]
    told = report_tree(reports[0], stored)
    everything = {name: leaf for name, leaf in told.items() if name not in TOLD_APART | TITLES.keys()}
    return StudyObject(place, reports, others, everything, is_latest)
