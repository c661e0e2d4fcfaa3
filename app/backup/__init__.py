"""Everything that a site has in one file, and a site made from it; whichever of the databases either uses."""

from app.settings import Settings, WrongSetting

UNFINISHED = "restoring.json"  # in the instance folder: what is being restored


class BackupFailed(Exception):
    """A backup could not be made or used; the sentence says why."""


def unfinished(settings: Settings) -> bool:
    """Whether a backup was being restored when the program or the machine was stopped."""
    return (settings.instance / UNFINISHED).exists()


def check_finished(settings: Settings) -> None:
    """Raises WrongSetting where a site is restored in part: nobody should work on that."""
    if unfinished(settings):
        raise WrongSetting("A backup was not restored to its end: run flask restore again, see docs/backup.md")
