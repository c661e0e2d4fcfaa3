"""What listeners told of themselves and of who sends, put beside whom the site knows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app import heard, queue
from app.heard import Association, Heartbeat, LastObject, Line
from app.listening import Sender
from app.models import StoreSender
from app.settings import Settings

HOURS = 48  # of objects that the page draws
MOST_ASSOCIATIONS = 1000  # that are looked through for senders
SILENT_DAYS = 14  # a sender in use sends more often than that
LOW_TIMES = 2  # the disk is low when less than so many times what has to stay free is left
BAR, HEIGHT = 10, 60  # of the drawing: width of an hour, height of the highest


@dataclass(frozen=True)
class Seen:
    """What listeners told; nothing where the queue's server does not answer."""

    answers: bool
    listeners: Sequence[Heartbeat] = ()
    associations: Sequence[Association] = ()
    hours: Sequence[tuple[float, dict[str, int]]] = ()
    last: Sequence[LastObject] = ()
    lines: Sequence[Line] = ()

    @property
    def alarms(self) -> list[str]:
        """What an administrator should look at now."""
        return alarms(self.listeners) if self.answers else []


@dataclass(frozen=True)
class SenderRow:
    """Somebody who may send, or who has tried to."""

    ae_title: str
    address: str
    known: StoreSender | None
    last: float | None = None  # its last object, in seconds since 1970
    tried: float | None = None  # its last association
    refused: str = ""  # why the last association was rejected

    @property
    def silent_since(self) -> datetime | None:
        """Since when nothing came, where that is worth a look."""
        last = datetime.fromtimestamp(self.last).astimezone() if self.last else None
        return last if last and datetime.now().astimezone() - last > timedelta(days=SILENT_DAYS) else None

    @property
    def words(self) -> str:
        """Who it is, in a line."""
        return " at ".join(part for part in (self.ae_title, self.address) if part)


@dataclass(frozen=True)
class Drawing:
    """The objects of the last hours as two paths of a drawing, the refused ones above those kept."""

    hours: Sequence[tuple[float, dict[str, int]]]

    @property
    def width(self) -> int:
        """How wide it is."""
        return BAR * len(self.hours)

    @property
    def highest(self) -> int:
        """The objects of the busiest hour."""
        return max((sum(counts.values()) for _, counts in self.hours), default=0)

    @property
    def kept(self) -> str:
        """Those that were kept, as a path."""
        return self._path(lambda counts: (0, counts.get(heard.KEPT, 0)))

    @property
    def refused(self) -> str:
        """All the others, as a path."""
        return self._path(lambda counts: (counts.get(heard.KEPT, 0), sum(counts.values())))

    @property
    def words(self) -> str:
        """What it shows, for who can't see it."""
        total = sum(sum(counts.values()) for _, counts in self.hours)
        kept = sum(counts.get(heard.KEPT, 0) for _, counts in self.hours)
        now = sum(self.hours[-1][1].values()) if self.hours else 0
        return (
            f"{total:,} objects in the last {len(self.hours)} hours, {total - kept:,} of them refused; at most "
            f"{self.highest:,} in an hour, {now:,} in this one"
        )

    def _path(self, part) -> str:
        drawn = []
        for place, (_, counts) in enumerate(self.hours):
            bottom, top = (round(HEIGHT * (1 - count / (self.highest or 1)), 1) for count in part(counts))
            if bottom != top:
                drawn.append(f"M{place * BAR + 1} {bottom:g}V{top:g}h{BAR - 2}V{bottom:g}z")
        return "".join(drawn)


def seen(settings: Settings) -> Seen:
    """What listeners told."""
    return queue.answer(settings.redis_url, lambda: _seen(settings)) or Seen(answers=False)


def running(settings: Settings) -> list[Heartbeat] | None:
    """The listeners that run; none where the queue's server does not answer."""
    return queue.answer(settings.redis_url, lambda: heard.listeners(settings))


def alarms(listeners: Sequence[Heartbeat]) -> list[str]:
    """What is wrong with the listeners."""
    if not listeners:
        return ["No listener runs: nothing that modalities send arrives."]
    told = []
    for one in listeners:
        told += [f"On {one.host}: {one.error}."] if one.error else []
        told += [] if one.endpoints else [f"On {one.host} every listener is switched off: nothing arrives."]
        for endpoint in one.endpoints:
            if endpoint.error or endpoint.since is None:
                told.append(f"{endpoint.error or f'“{endpoint.name}” does not listen'}.".replace("..", "."))
        if one.full:
            told.append(
                f"The disk of {one.host} is full: {one.free_mb:,} MB are free, {one.least_free_mb:,} MB have to stay. "
                "Nothing is taken; senders keep it and try again."
            )
        elif one.free_mb < one.least_free_mb * LOW_TIMES:
            told.append(
                f"The disk of {one.host} is low: {one.free_mb:,} MB are free. "
                f"Below {one.least_free_mb:,} MB nothing is taken."
            )
    return told


def senders(known: Sequence[StoreSender], told: Seen) -> list[SenderRow]:
    """Those who may send, as the site named them, then those who only tried, the latest first."""
    strangers: dict[tuple[str, str], SenderRow] = {}
    rows = [SenderRow(one.ae_title, one.address, one) for one in known]
    for pair, changes in _events(told):
        fitting = [place for place, row in enumerate(rows) if Sender(row.ae_title, row.address).fits(*pair)]
        for place in fitting:
            rows[place] = _later(rows[place], changes)
        if not fitting and any(pair):
            strangers[pair] = _later(strangers.get(pair) or SenderRow(pair[0], pair[1], None), changes)
    order = sorted(strangers.values(), key=lambda row: max(row.last or 0, row.tried or 0), reverse=True)
    return [*rows, *order]


def _events(told: Seen):
    for one in told.last:
        yield (one.ae_title, one.address), {"last": one.at}
    for association in reversed(told.associations):
        refused = association.reason if association.outcome == heard.REJECTED else ""
        yield (association.ae_title, association.address), {"tried": association.began, "refused": refused}


def _later(row: SenderRow, changes: dict) -> SenderRow:
    for name in ("last", "tried"):
        if name in changes:
            changes = changes | {name: max(changes[name], getattr(row, name) or 0)}
    return replace(row, **changes)


def _seen(settings: Settings) -> Seen:
    return Seen(
        True,
        heard.listeners(settings),
        heard.associations(settings, MOST_ASSOCIATIONS),
        heard.objects_by_hour(settings, HOURS),
        heard.last_objects(settings),
        heard.log_lines(settings),
    )
