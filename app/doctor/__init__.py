"""Looks at every part of a site and says in plain words what is wrong; works when parts of it are down."""

from collections.abc import Iterator

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


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything there is to say, part by part. One that can't be examined does not stop the others."""
    for part, examination in EXAMINATIONS.items():
        try:
            yield from examination(settings)
        except Exception as error:
            yield wrong(part, f"could not be examined: {_in_short(error)}", "Look at the parts above first.")


def worst(findings: list[Finding]) -> str:
    """The verdict on the whole."""
    verdicts = {finding.verdict for finding in findings}
    return next((one for one in (WRONG, ATTENTION) if one in verdicts), OK)


def _in_short(error: Exception) -> str:
    """Of what an exception says, its kind alone: an address of a database holds its password."""
    return type(error).__name__
