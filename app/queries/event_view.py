"""What the address of a study's page asks of it: how events are sorted, which columns, which one stands open, and
how far from it others of its patient are looked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.queries.filters import BadParameter
from app.queries.whole import whole

ORDER = "number"  # of the events: as they happened
EVERY = "all"
WEEKS = (1, 4, 12, 26, 52)  # that the page offers
MOST_WEEKS = 5200


@dataclass(frozen=True)
class EventView:
    """How a page shows a study; its address leaves out what is as usual."""

    sort: str = ORDER
    columns: str = ""
    opened: str = ""  # the event that stands open, as its row is called: rf-17
    weeks: str = ""  # as the site has set it where empty
    back: str = ""  # the address of the list that one came from, where it is not a whole list

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "EventView":
        """What the address asks for. Raises BadParameter for what it can't be asked."""
        columns = args.get("events_columns", "")
        if columns not in ("", EVERY):
            raise BadParameter(f"events_columns is “{columns}”; it takes {EVERY}.", "events_columns")
        weeks = args.get("weeks", "")
        if weeks and whole(weeks, MOST_WEEKS) is None:
            raise BadParameter(f"weeks is “{weeks}”; it takes a number from 1 to {MOST_WEEKS}.", "weeks")
        return cls(args.get("events_sort") or ORDER, columns, args.get("open", ""), weeks, args.get("back", ""))

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
        told = {"events_sort": sort, "events_columns": self.columns, "open": self.opened, "weeks": self.weeks}
        told["back"] = self.back
        return {name: value for name, value in told.items() if value}

    def going_back(self, address: str) -> "EventView":
        """The same for who came from the list at the address."""
        return replace(self, back=address)

    def opening(self, row: str) -> "EventView":
        """The same with another event open, or with none."""
        return replace(self, opened=row)

    def with_columns(self, columns: str) -> "EventView":
        """The same with these columns, in the order they happened."""
        return replace(self, columns=columns, sort=ORDER)

    def within(self, weeks: int) -> "EventView":
        """The same with others of the patient from so many weeks."""
        return replace(self, weeks=str(weeks))

    def sorted_by(self, key: str, highest_first: bool) -> "EventView":
        """What a click on the heading gives: this order, or its reverse where it is this order already."""
        first, second = (f"-{key}", key) if highest_first else (key, f"-{key}")
        return replace(self, sort=second if self.sort == first else first)

    def direction(self, key: str) -> str:
        """How the events are sorted by the key: ascending, descending, or none."""
        return {key: "ascending", f"-{key}": "descending"}.get(self.sort, "none")
