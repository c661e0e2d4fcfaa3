"""How a list is looked at: sorted, in pages, with which columns; in addresses, and as a person wants it always."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.models import Study
from app.queries.columns import Column, columns_of
from app.queries.filters import BadParameter
from app.queries.modalities import Modality
from app.queries.whole import whole

SIZES = (25, 50, 100, 250, 500)
DEFAULTS = {"sort": "-date", "page": "1", "size": "25", "columns": ""}


@dataclass(frozen=True)
class View:
    """What was asked for; no columns are those that a list has by itself."""

    modality: Modality
    sort: str = DEFAULTS["sort"]
    page: int = int(DEFAULTS["page"])
    size: int = int(DEFAULTS["size"])
    keys: tuple[str, ...] = ()  # of the columns, in their order

    @classmethod
    def of(cls, modality: Modality, given: Mapping[str, str]) -> "View":
        """The view that the parameters ask for. Raises BadParameter for a value that is not known."""
        asked = {**DEFAULTS, **given}
        sort, page, size = asked["sort"], whole(asked["page"]), asked["size"]
        known = columns_of(modality)
        _check("sort", sort, [sign + key for key in known for sign in ("", "-")])
        _check("size", size, [str(one) for one in SIZES])
        if page is None:
            raise BadParameter(f"page is “{asked['page']}”; it takes a number from 1.", "page")
        wanted = [key for key in asked["columns"].split(",") if key]
        for key in wanted:
            _check("columns", key, list(known))
        return cls(modality, sort, page, int(size)).showing(wanted)

    def showing(self, wanted: Iterable[str]) -> "View":
        """The same with these columns; nothing known, or what there is anyway, is no wish."""
        known, wanted = columns_of(self.modality), set(wanted)
        keys = tuple(key for key in known if key in wanted)
        usual = tuple(key for key, column in known.items() if column.default)
        return replace(self, keys=() if keys == usual else keys)

    def sized(self, size: str) -> "View":
        """The same with so many studies a page, from the first. Raises BadParameter for another size than there is."""
        _check("size", size, [str(one) for one in SIZES])
        return replace(self, size=int(size), page=1)

    @property
    def columns(self) -> list[Column]:
        """The columns in their order."""
        known = columns_of(self.modality)
        return [known[key] for key in self.keys] or [column for column in known.values() if column.default]

    @property
    def choices(self) -> dict[str, list[Column]]:
        """All columns there are, by what they are about."""
        groups: dict[str, list[Column]] = {}
        for column in columns_of(self.modality).values():
            groups.setdefault(column.group, []).append(column)
        return groups

    @property
    def query(self) -> dict[str, str]:
        """The parameters that give this view; what is as usual is left out."""
        view = {"sort": self.sort, "page": str(self.page), "size": str(self.size), "columns": ",".join(self.keys)}
        return {name: value for name, value in view.items() if value != DEFAULTS[name]}

    @property
    def sort_columns(self) -> tuple[Any, ...]:
        """What the list is sorted by; the id decides between equals."""
        return tuple(dict.fromkeys((*columns_of(self.modality)[self.sort.removeprefix("-")].sort, Study.id)))

    @property
    def sort_joined(self) -> tuple[Any, Any] | None:
        """What the list is sorted by, where that is not of the study itself, and how the two meet."""
        return columns_of(self.modality)[self.sort.removeprefix("-")].joined

    @property
    def reverse(self) -> bool:
        """Whether the list is sorted downwards."""
        return self.sort.startswith("-")

    def sorted_by(self, key: str) -> str:
        """How a click on the heading sorts: by this column, or the reverse where it does already."""
        ways = (key, f"-{key}") if columns_of(self.modality)[key].ascending else (f"-{key}", key)
        return ways[1] if self.sort == ways[0] else ways[0]

    def direction(self, key: str) -> str:
        """How the list is sorted by the key: ascending, descending, or none."""
        return {key: "ascending", f"-{key}": "descending"}.get(self.sort, "none")

    def remembered(self, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """What to remember of this view for a person, beside what was remembered before."""
        before = before or {}
        columns = before.get("columns", {}) | {self.modality.key: list(self.keys)}
        return {"size": self.size, "columns": {key: keys for key, keys in columns.items() if keys}}

    def as_remembered(self, remembered: Mapping[str, Any] | None) -> "View":
        """The view with the size and the columns that the person wants; what is not known any more is no wish."""
        told = remembered or {}
        size = told.get("size", self.size)
        view = self.showing(told.get("columns", {}).get(self.modality.key, ()))
        return replace(view, size=size if size in SIZES else self.size)


def _check(name: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise BadParameter(f"{name} is “{value}”; it takes {', '.join(known)}.", name)
