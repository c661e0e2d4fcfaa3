"""Looks at every part of a site and says in plain words what is wrong; works when parts of it are down."""

from collections.abc import Collection, Iterator

from app.doctor import clock, configuration, database, files, listener, people, queue, web
from app.doctor.finding import ATTENTION, OK, WRONG, Examination, Finding, wrong
from app.settings import Settings

EXAMINATIONS: dict[str, Examination] = {
    "Settings": configuration.examine,
    "Folders": files.examine_folders,
    "Disk": files.examine_disk,
    "Database": database.examine,
    "Queue": queue.examine,
    "Workers": queue.examine_workers,
    "Clock": clock.examine,
    "Listener": listener.examine,
    "Web": web.examine,
    "People": people.examine,
}


EVERYWHERE = ("Settings", "Folders", "Disk", "Queue", "Clock")
# Of a site on several machines, by what one does.
DUTIES: dict[str, dict[str, Examination]] = {
    "web": {name: EXAMINATIONS[name] for name in (*EVERYWHERE, "Database", "Web", "People")},
    "worker": {name: EXAMINATIONS[name] for name in (*EVERYWHERE, "Database", "Workers")},
    "listener": {name: EXAMINATIONS[name] for name in EVERYWHERE} | {"Listener": listener.examine_here},
}


def examine(settings: Settings, duties: Collection[str] = ()) -> Iterator[Finding]:
    """Everything there is to say, part by part; of a machine with these duties alone, where there are any given.

    A part that can't be examined does not stop the others.
    """
    for part, examination in _wanted(duties).items():
        try:
            yield from examination(settings)
        except Exception as error:
            yield wrong(part, f"could not be examined: {_in_short(error)}", "Look at the parts above first.")


def _wanted(duties: Collection[str]) -> dict[str, Examination]:
    """The examinations of a machine with these duties, in their usual order."""
    found = {part: examination for duty in duties for part, examination in DUTIES[duty].items()} or EXAMINATIONS
    return {part: found[part] for part in EXAMINATIONS if part in found}


def worst(findings: list[Finding]) -> str:
    """The verdict on the whole."""
    verdicts = {finding.verdict for finding in findings}
    return next((one for one in (WRONG, ATTENTION) if one in verdicts), OK)


def _in_short(error: Exception) -> str:
    """Of what an exception says, its kind alone: an address of a database holds its password."""
    return type(error).__name__
