"""One message that comes in: its object goes to the disk part by part, and in the end its answer is known."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from app import heard
from app.network.command import Command, Operation, Status
from app.network.spool import FULL, Announcer, Draft, Folder
from app.network.upper_layer import Context

OUTCOMES = {
    Status.SUCCESS: heard.KEPT,
    Status.OUT_OF_RESOURCES: heard.FULL,
    Status.CLASS_NOT_SUPPORTED: heard.NOT_ACCEPTED,
    Status.NOT_OF_ITS_CLASS: heard.MISMATCH,
    Status.NOT_UNDERSTOOD: heard.NOT_UNDERSTOOD,
    Status.PROCESSING_FAILURE: heard.FAILED,
}

log = logging.getLogger(__name__)


@dataclass
class Incoming:
    """A message whose command has come; what can't be kept goes nowhere, and the answer says why."""

    number: int  # of its context
    command: Command
    status: Status | None  # none until it is known
    draft: Draft | None = None
    comment: str = ""

    def open(self, folder: Folder, head: bytes) -> None:
        """Make ready for an object's bytes, where there is room for them."""

        def begin():
            folder.require_room()
            self.draft = Draft(folder, head)

        self._attempt(begin)

    def write(self, piece: memoryview) -> None:
        """Take the next bytes of the data set."""
        if draft := self.draft:
            self._attempt(lambda: draft.write(bytes(piece)))

    def keep(self, announcer: Announcer) -> int:
        """Have the object's file safe and the queue told; gives how many bytes it has."""
        if (draft := self.draft) is None:
            return 0
        if not draft.bytes:
            self.status = Status.NOT_UNDERSTOOD
            self.drop()
            return 0
        announcer.expect(draft.path)
        if self._attempt(draft.finish):
            announcer.tell(draft.path)
            self.status = Status.SUCCESS
            return draft.bytes
        announcer.disappoint(draft.path)
        return 0

    def drop(self) -> None:
        """Leave nothing behind."""
        if self.draft is not None:
            self.draft.drop()
            self.draft = None

    def _attempt(self, act: Callable) -> bool:
        """Whether it could be done."""
        try:
            act()
        except OSError as error:
            self.status = Status.OUT_OF_RESOURCES if error.errno in FULL else Status.PROCESSING_FAILURE
            self.comment = error.strerror or ""
        except Exception:
            log.exception("an object could not be kept")
            self.status = Status.PROCESSING_FAILURE
        else:
            return True
        self.drop()
        return False


def foreseen(command: Command, context: Context, classes: Collection[str]) -> Status | None:
    """The answer that is certain before the data set has come."""
    if command.operation == Operation.ECHO:
        return Status.SUCCESS
    if command.operation != Operation.STORE:
        return Status.UNRECOGNISED_OPERATION
    if not command.sop_class or not command.instance or not command.has_data:
        return Status.NOT_UNDERSTOOD
    if command.sop_class not in classes:
        return Status.CLASS_NOT_SUPPORTED
    if command.sop_class != context.sop_class:
        return Status.NOT_OF_ITS_CLASS
    return None
