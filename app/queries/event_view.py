"""What the address of a study's page asks of it: how events are sorted, which columns, which one stands open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.queries.filters import BadParameter

ORDER = "number"  # of the events: as they happened
EVERY = "all"


@dataclass(frozen=True)
class EventView:
    """How a page shows the events; its address leaves out what is as usual."""

    sort: str = ORDER
    columns: str = ""
    opened: str = ""  # the event that stands open, as its row is called: rf-17

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "EventView":
        """What the address asks for. Raises BadParameter for columns of no such name."""
        columns = args.get("events_columns", "")
        if columns not in ("", EVERY):
            raise BadParameter(f"events_columns is “{columns}”; it takes {EVERY}.", "events_columns")
        return cls(args.get("events_sort") or ORDER, columns, args.get("open", ""))

    @property
    def every(self) -> bool:
        """Whether all columns are shown."""
        return self.columns == EVERY

    @property
    def key(self) -> str:
        """What the events are sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the highest comes first."""
        return self.sort.startswith("-")

    @property
    def query(self) -> dict[str, str]:
        """The parameters that give this view."""
        sort = "" if self.sort == ORDER else self.sort
        told = {"events_sort": sort, "events_columns": self.columns, "open": self.opened}
        return {name: value for name, value in told.items() if value}

    def opening(self, row: str) -> "EventView":
        """The same with another event open, or with none."""
        return replace(self, opened=row)

    def with_columns(self, columns: str) -> "EventView":
        """The same with these columns, in the order they happened."""
        return replace(self, columns=columns, sort=ORDER)

    def sorted_by(self, key: str, highest_first: bool) -> "EventView":
        """What a click on the heading gives: this order, or its reverse where it is this order already."""
        first, second = (f"-{key}", key) if highest_first else (key, f"-{key}")
        return replace(self, sort=second if self.sort == first else first)

    def direction(self, key: str) -> str:
        """How the events are sorted by the key: ascending, descending, or none."""
        return {key: "ascending", f"-{key}": "descending"}.get(self.sort, "none")
