"""Where the values that one can choose from stand: whether a study has one of them, and how many studies have each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Code, Equipment, Name, Study

Counted = Select[*tuple[Any, ...]]  # value, what it is called, number of studies; a value may be there several times


@dataclass(frozen=True)
class Source:
    """A column of studies, or of their events, with texts of its own."""

    column: InstrumentedAttribute[Any]

    def has(self, values: tuple[str, ...]) -> ColumnElement[bool]:
        """Whether the study, or the event, has one of the values."""
        return self.column.in_(values)

    def counted(self, studies: ColumnElement[bool]) -> Counted:
        """How many of the studies have each value."""
        grouped = self._grouped(studies).subquery()
        return select(grouped.c.value, grouped.c.value.label("called"), grouped.c.number)

    def told(self, value: str, called: str) -> list[tuple[str, str]]:
        """The choices that a counted value stands for, with what each is called."""
        return [(value, called)]

    def _grouped(self, studies: ColumnElement[bool]) -> Counted:
        """The number of studies by what the column holds; an event counts its study once."""
        of_study = self.column.class_ is Study
        number = func.count() if of_study else func.count(self.column.class_.study_id.distinct())
        grouped = select(self.column.label("value"), number.label("number")).where(studies, self.column.is_not(None))
        if not of_study:
            grouped = grouped.join(Study, Study.id == self.column.class_.study_id)
        return grouped.group_by(self.column)


class OfNames(Source):
    """Names that rows share."""

    def has(self, values: tuple[str, ...]) -> ColumnElement[bool]:
        """By the digests of the names, which have an index."""
        return self.column.in_(select(Name.id).where(Name.digest.in_([Name.digest_of(one) for one in values])))

    def counted(self, studies: ColumnElement[bool]) -> Counted:
        """By id first, so that a name is read once."""
        grouped = self._grouped(studies).subquery()
        return select(Name.text, Name.text.label("called"), grouped.c.number).join(grouped, Name.id == grouped.c.value)


class OfLines(OfNames):
    """Names of which each has several texts, on a line each; the choices are the lines."""

    def has(self, values: tuple[str, ...]) -> ColumnElement[bool]:
        """Not by LIKE, to which capitals make no difference on SQLite."""
        lines = literal("\n").concat(Name.text).concat("\n")
        found = (func.replace(lines, f"\n{one}\n", "") != lines for one in values)
        return self.column.in_(select(Name.id).where(or_(*found)))

    def told(self, value: str, called: str) -> list[tuple[str, str]]:
        """A choice a line."""
        return [(one, one) for one in value.split("\n")]


class OfCodes(Source):
    """Codes, by their meanings."""

    def has(self, values: tuple[str, ...]) -> ColumnElement[bool]:
        """Whatever the scheme."""
        return self.column.in_(select(Code.id).where(Code.meaning.in_(values)))

    def counted(self, studies: ColumnElement[bool]) -> Counted:
        """A meaning with codes of several schemes is there several times."""
        grouped = self._grouped(studies).subquery()
        counted = select(Code.meaning, Code.meaning.label("called"), grouped.c.number)
        return counted.join(grouped, Code.id == grouped.c.value)


class OfEquipment(Source):
    """Texts of the studies' rooms."""

    def has(self, values: tuple[str, ...]) -> ColumnElement[bool]:
        """By the rooms that have one of the texts."""
        return Study.equipment_id.in_(select(Equipment.id).where(self.column.in_(values)))

    def counted(self, studies: ColumnElement[bool]) -> Counted:
        """A text that several rooms have is there several times."""
        grouped = Source(Study.equipment_id)._grouped(studies).subquery()
        counted = select(self.column, self._called(), grouped.c.number).join(grouped, Equipment.id == grouped.c.value)
        return counted.where(self.column.is_not(None))

    def _called(self) -> Any:
        return self.column.label("called")


class OfRooms(OfEquipment):
    """The rooms themselves, by their numbers: what they are called changes."""

    def has(self, values: tuple[str, ...]) -> ColumnElement[bool]:
        """By the number that the study has."""
        return Study.equipment_id.in_([int(one) for one in values])

    def counted(self, studies: ColumnElement[bool]) -> Counted:
        """By number."""
        counted = super().counted(studies)
        return counted.with_only_columns(cast(Equipment.id, String), *list(counted.selected_columns)[1:])

    def _called(self) -> Any:
        return Equipment.display_name.label("called")
