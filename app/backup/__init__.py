"""Everything that a site has in one file, and a site made from it; whichever of the databases either uses."""


class BackupFailed(Exception):
    """A backup could not be made or used; the sentence says why."""
