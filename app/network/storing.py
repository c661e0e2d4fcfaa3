"""What becomes of one object: its file in the spool, and the answer. It is not read."""

import logging
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from enum import IntEnum
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from pydicom.uid import UID
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event

from app import heard
from app.network.announcer import Announcer
from app.network.spool import FULL, Folder

PIECE_BYTES = 1024 * 1024  # of a big object in memory at once
LENGTH_AT, META_AT = 140, 144  # of a file: the length of its meta information, and the rest of it (PS3.10, 7.1)

log = logging.getLogger(__name__)


class Status(IntEnum):
    """What we answer (PS3.4 table B.2-1, PS3.7 annex C)."""

    SUCCESS = 0x0000
    PROCESSING_FAILURE = 0x0110
    CLASS_NOT_SUPPORTED = 0x0122
    OUT_OF_RESOURCES = 0xA700
    NOT_OF_ITS_CLASS = 0xA900
    NOT_UNDERSTOOD = 0xC000


OUTCOMES = {
    Status.SUCCESS: heard.KEPT,
    Status.OUT_OF_RESOURCES: heard.FULL,
    Status.CLASS_NOT_SUPPORTED: heard.NOT_ACCEPTED,
    Status.NOT_OF_ITS_CLASS: heard.MISMATCH,
    Status.NOT_UNDERSTOOD: heard.NOT_UNDERSTOOD,
    Status.PROCESSING_FAILURE: heard.FAILED,
}


def store(event: Event, folder: Folder, announcer: Announcer, classes: Collection[str]) -> tuple[Status, int]:
    """The answer, and the bytes that were kept: success once they are safe, whether or not the queue hears of it."""
    if (fault := _fault(event, classes)) is not None:
        return fault, 0
    try:
        with _received(event, folder) as content:
            head = _head(content, event)
            size = _left(content)
            if not size:
                return Status.NOT_UNDERSTOOD, 0
            folder.require_room(size)
            path = folder.new_path()
            with announcer.announcing(path):
                folder.keep(path, _pieces(head, content))
    except OSError as error:
        log.error("an object could not be kept: %s", error.strerror)
        return (Status.OUT_OF_RESOURCES if error.errno in FULL else Status.PROCESSING_FAILURE), 0
    except Exception:
        log.exception("an object could not be kept")
        return Status.PROCESSING_FAILURE, 0
    return Status.SUCCESS, size


def class_of(event: Event) -> str:
    """What kind of object the sender says it is, in words."""
    return UID(event.request.AffectedSOPClassUID or "").name or "an object"


def drop_half(association) -> None:
    """Remove what came of an object whose association broke off: pynetdicom leaves the file where it is."""
    file = getattr(association.dimse.message, "_data_set_file", None)
    if file is not None:
        Path(file.name).unlink(missing_ok=True)
        with suppress(OSError):  # the disk is full
            file.close()


def _fault(event: Event, classes: Collection[str]) -> Status | None:
    """Why the object is not even looked at."""
    if event.request.AffectedSOPClassUID not in classes:
        return Status.CLASS_NOT_SUPPORTED
    if event.request.AffectedSOPClassUID != event.context.abstract_syntax:
        return Status.NOT_OF_ITS_CLASS
    return None


def _received(event: Event, folder: Folder) -> BinaryIO:
    """The object as a DICOM file, its bytes as they came: pynetdicom wrote one, but where the disk was full.

    Where it still is, raises DiskFull: nothing large is copied in memory that is refused anyway.
    """
    if event.dataset_path:
        return open(event.dataset_path, "rb")
    held = cast(BytesIO, cast(C_STORE, event.request).DataSet)
    folder.require_room(held.getbuffer().nbytes)
    return BytesIO(event.encoded_dataset())


def _head(content: BinaryIO, event: Event) -> bytes:
    """What stands before the object's bytes, and in addition who sent it to whom (PS3.10, 7.1)."""
    begin = content.read(META_AT)
    meta = content.read(int.from_bytes(begin[LENGTH_AT:], "little"))
    asked = event.assoc.requestor.primitive
    meta += _title(0x16, asked.calling_ae_title) + _title(0x18, asked.called_ae_title)
    return begin[:LENGTH_AT] + len(meta).to_bytes(4, "little") + meta


def _title(element: int, title: str) -> bytes:
    value = title.encode("ascii", "replace")
    value += b" " * (len(value) % 2)
    return b"\x02\0" + bytes([element, 0]) + b"AE" + len(value).to_bytes(2, "little") + value


def _left(content: BinaryIO) -> int:
    """How many bytes are still to be read."""
    at = content.tell()
    end = content.seek(0, os.SEEK_END)
    content.seek(at)
    return end - at


def _pieces(head: bytes, content: BinaryIO) -> Iterator[bytes]:
    yield head
    while piece := content.read(PIECE_BYTES):
        yield piece
