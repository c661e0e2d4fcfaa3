"""What may be written down of an error that nobody expected: its words may quote a patient's."""

import traceback

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError


def place_of(error: BaseException) -> str:
    """Where in the program it came up, and its kind."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


def described(error: BaseException) -> str:
    """The same, with its words where these are of the disk or the database and not of what it holds."""
    is_safe = isinstance(error, (OSError, SQLAlchemyError)) and not isinstance(error, (DataError, IntegrityError))
    return f"{place_of(error)}: {error}" if is_safe else place_of(error)
