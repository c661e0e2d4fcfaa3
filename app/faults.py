"""What may be written down of an error that nobody expected, whose words may quote a patient's; whether it passes."""

import errno
import traceback

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from app.storage import StorageAway

FULL = (errno.ENOSPC, errno.EDQUOT)
# What says that there is no connection or no room, that somebody else is at it, that the server ends.
PASSING_STATES = ("08", "53", "57P")  # SQLSTATE, as PostgreSQL has them
PASSING_NAMES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
PASSING_NUMBERS = {1021, 1040, 1053, 1205, 1213, *range(2000, 3000)}  # of MariaDB


def place_of(error: BaseException) -> str:
    """Where in the program it came up, and its kind."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


def described(error: BaseException) -> str:
    """The same, with its words where these are of the disk or the database and not of what it holds."""
    is_safe = isinstance(error, (OSError, SQLAlchemyError)) and not isinstance(error, (DataError, IntegrityError))
    return f"{place_of(error)}: {error}" if is_safe else place_of(error)


def passes(error: BaseException) -> bool:
    """Whether something is away, or the disk is full: it may be well a moment later.

    Not so a database that answers, and does not like what it is told.
    """
    if isinstance(error, StorageAway):
        return True
    if isinstance(error, OSError):
        return error.errno in FULL
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or (isinstance(error, (OperationalError, InterfaceError)) and _is_away(error))


def _is_away(error: DBAPIError) -> bool:
    told = error.orig
    if hasattr(told, "sqlstate"):  # none where no server has said it
        return told.sqlstate is None or told.sqlstate.startswith(PASSING_STATES)
    if hasattr(told, "sqlite_errorname"):
        return told.sqlite_errorname.startswith(PASSING_NAMES)
    return bool(told and told.args) and told.args[0] in PASSING_NUMBERS
