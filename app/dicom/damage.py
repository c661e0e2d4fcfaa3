"""Damaged objects: what pydicom raises on bytes that are not what they promise to be becomes one sentence."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from pydicom.errors import BytesLengthException, InvalidDicomError

UNREADABLE = (
    EOFError, ValueError, OSError, AttributeError, LookupError, TypeError, NotImplementedError, ArithmeticError,
    RecursionError, MemoryError, BytesLengthException, struct.error, zlib.error,
)  # fmt: skip


class Damaged(ValueError):
    """The bytes are not a DICOM object, or not all of one."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Read the part of an object that `what` names. Raises Damaged where that can't be done.

    The sentence says the kind of the error and not its words: they may quote bytes, and bytes name patients.
    """
    try:
        yield
    except Damaged:
        raise
    except InvalidDicomError:
        raise Damaged("It is not a DICOM file.") from None
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the disk failed us, not the object
        raise Damaged(f"{what} is damaged and can't be read ({type(error).__name__}); send it again.") from error
