"""Values from the header of an object, for the columns that name an attribute."""

from typing import Any

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.dicom.content import Item, declared_encodings, text
from app.dicom.elements import from_dataset
from app.dicom.layout import Field, Layout, Row
from app.dicom.reader import Problem
from app.dicom.values import Unreadable, clock, day, parse

# Where else an attribute stands when it is not where it should be.
ELSEWHERE = {
    "AccessionNumber": ("RequestAttributesSequence/AccessionNumber",),
    "RequestedProcedureDescription": (
        "RequestAttributesSequence/RequestedProcedureDescription",
        "RequestedProcedureCodeSequence/CodeMeaning",
        "RequestAttributesSequence/RequestedProcedureCodeSequence/CodeMeaning",
    ),
    "PerformedProcedureStepDescription": ("ProcedureCodeSequence/CodeMeaning",),
}
PERSONS = {"OperatorsName", "PerformingPhysicianName"}


class Header:
    """The attributes of a data set as text, whatever their character set."""

    def __init__(self, dataset: Dataset):
        self.dataset = dataset
        self.encodings = declared_encodings(dataset)

    def __getitem__(self, keyword: str) -> str:
        """The attribute's text; empty where it is absent."""
        for path in (keyword, *ELSEWHERE.get(keyword, ())):
            found = self._at(self.dataset, path.split("/"))
            if found:
                return found
        return ""

    def _at(self, dataset: Dataset, path: list[str]) -> str:
        if len(path) == 1:
            tag = int(Tag(path[0]))
            return text(from_dataset(dataset, (tag,)).get(tag), self.encodings)
        items = dataset.get(path[0]) or ()
        return next((found for item in items if (found := self._at(item, path[1:]))), "")

    def row(self, layout: Layout) -> tuple[Row, list[Problem]]:
        """The layout's header fields, and what could not be read."""
        row, problems = Row(layout), []
        for field in layout.fields:
            written = self[field.tag] if field.tag else ""
            if not written:
                continue
            try:
                row.values[field.name] = _value(field, written)
            except Unreadable as problem:
                problems.append(Problem(field.tag, str(problem), written))
        return row, problems


def _value(field: Field, written: str) -> Any:
    if field.tag in PERSONS:
        return " ".join(written.split("=")[0].replace("^", " ").split())
    if field.kind in ("date", "time"):
        return (day if field.kind == "date" else clock)(written)
    return parse(field, Item(None, field.kind, written, field.unit))[0]
