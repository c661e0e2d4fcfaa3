"""One association: who it is, what was agreed, and each of its objects until it is answered. It reads no object."""

import logging
import socket
import ssl
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from pydicom.uid import UID

from app import heard
from app.listening import Endpoint, Store
from app.network import command, upper_layer
from app.network.command import Command, Operation, Status
from app.network.file_meta import file_meta
from app.network.incoming import OUTCOMES, Incoming, foreseen
from app.network.spool import Announcer, Folder
from app.network.upper_layer import Broken, Context, Kind, Refusal, Request
from app.network.wire import Silent, Wire

SENDING_SECONDS = 30  # that an answer may take to be taken
NO_WORD = "hung up before saying anything"
MOST_NAMED = 5  # classes in a sentence
VERIFICATION = "1.2.840.10008.1.1"

log = logging.getLogger(__name__)


class Teller(Protocol):
    """Who hears what became of associations and objects."""

    def association(self, association: heard.Association) -> None:
        """One has ended."""

    def object(self, outcome: str, ae_title: str, address: str) -> None:
        """One was answered."""


@dataclass(frozen=True)
class Place:
    """What all associations of a listener share."""

    folder: Folder
    announcer: Announcer
    teller: Teller


@dataclass(frozen=True)
class Rules:
    """What an association is held to, which stays as it was when it began."""

    store: Store
    endpoint: Endpoint
    classes: Collection[str]  # of objects that are taken
    tls: ssl.SSLContext | None = None


@dataclass
class Figures:
    """What an association amounted to."""

    objects: Counter[str] = field(default_factory=Counter)
    bytes: int = 0


class Association:
    """Answers on one connection from its first byte to its last."""

    def __init__(self, connection: socket.socket, address: str, place: Place, rules: Rules):
        self.wire, self.address, self.place, self.rules = Wire(connection), address, place, rules
        self.endpoint = rules.endpoint
        self.began = time.time()
        self.figures = Figures()
        self.established = False
        self.ending = False  # we are told to stop
        self.busy = False  # with a message
        self.outcome, self.reason = heard.ABORTED, ""
        self.request: Request | None = None
        self.agreed: dict[int, Context] = {}
        self._command = bytearray()
        self._incoming: Incoming | None = None

    def run(self, has_room) -> None:
        """Answer until the end; has_room() says whether one more association may begin."""
        try:
            if self._begin(has_room):
                self._serve()
        except Silent:
            self._abort(f"silent for too long, {self._where()}")
        except Broken as error:
            self._abort(f"{error}, {self._where()}")
        except ssl.SSLError as error:
            self.reason = f"TLS: {error.reason or error}"
        except OSError as error:
            self.reason = f"connection lost: {error.strerror or error}"
        except Exception:
            log.exception("association with %s failed", self.sender)
            self._abort("a mistake of ours")
        finally:
            self._drop()
            self.wire.close()
            self._tell()

    @property
    def sender(self) -> str:
        """Who sends, for the log; quoted, for the sender chose the title."""
        return f"{self.request.calling if self.request else ''!r} at {self.address}"

    def end(self) -> None:
        """Stop as soon as no message is coming in."""
        self.ending = True
        if not self.busy:
            self.wire.wake()

    def _begin(self, has_room) -> bool:
        """Whether there is an association now."""
        seconds = self.endpoint.acse_seconds
        deadline = time.monotonic() + seconds
        if self.rules.tls:
            self.wire.secure(self.rules.tls, seconds)
        left = max(deadline - time.monotonic(), 0.1)
        received = self.wire.receive(left, left)
        if received is None:
            self.reason = NO_WORD
            return False
        kind, body = received
        if kind != Kind.REQUEST:
            raise Broken("what was sent is no association request")
        self.request = upper_layer.read_request(body)
        refusal = self._refusal() or (None if has_room(self) else upper_layer.TOO_MANY)
        if refusal:
            self.outcome, self.reason = heard.REJECTED, refusal.words
            self.wire.send(upper_layer.reject(refusal), SENDING_SECONDS)
            self.wire.linger()
            return False
        self.agreed = upper_layer.agree(self.request.offers, {VERIFICATION, *self.rules.classes})
        self.wire.send(upper_layer.accept(self.request, self.agreed, self.endpoint.pdu_bytes), SENDING_SECONDS)
        self.established = True
        log.debug("association with %s accepted", self.sender)
        return True

    def _refusal(self) -> Refusal | None:
        if not self.request.version & 1:
            return upper_layer.NO_PROTOCOL
        if self.request.application_context != upper_layer.APPLICATION_CONTEXT:
            return upper_layer.NO_CONTEXT
        if self.endpoint.check_called and self.request.called != self.endpoint.ae_title:
            return upper_layer.NOT_CALLED
        if self.rules.store.only_known and not self._is_known():
            return upper_layer.NOT_KNOWN
        return None

    def _is_known(self) -> bool:
        return bool(self.request) and self.rules.store.knows(self.request.calling, self.address)

    def _serve(self) -> None:
        while not self.ending:
            within = self.endpoint.dimse_seconds
            received = self.wire.receive(within if self.busy else self.endpoint.network_seconds, within)
            if received is None:
                break
            kind, body = received
            if kind == Kind.DATA:
                for number, control, piece in upper_layer.pieces(memoryview(body)):
                    self._take(number, control, piece)
            elif kind == Kind.RELEASE:
                self.wire.send(upper_layer.released(), SENDING_SECONDS)
                self.outcome, self.reason = heard.RELEASED, self._nothing_taken()
                self.wire.linger()
                return
            elif kind == Kind.ABORT:
                self.reason = f"by the sender, {self._where()}"
                return
            else:
                raise Broken(f"a PDU of kind {kind} was not to be expected")
        if self.ending:
            self._abort("we were told to stop")
        else:
            self.reason = f"the sender hung up, {self._where()}"

    def _take(self, number: int, control: int, piece: memoryview) -> None:
        """Take a part of a message: of its command where bit 1 is set; bit 2 marks the last one."""
        self.busy = True
        if control & 1:
            self._command += piece
            if len(self._command) > command.MOST_BYTES:
                raise Broken("a command is too long")
            if control & 2:
                content, self._command = bytes(self._command), bytearray()
                self._hear(number, command.read(content))
        elif self._incoming is None:
            raise Broken("a data set came without a command")
        else:
            self._incoming.write(piece)
            if control & 2:
                self._answer(self._incoming)

    def _hear(self, number: int, heard_command: Command) -> None:
        """A command has come."""
        context = self.agreed.get(number)
        if context is None or self._incoming is not None:
            raise Broken("a message came in a presentation context that was not agreed, or within another one")
        if heard_command.operation == Operation.CANCEL:
            self.busy = False
            return
        incoming = Incoming(number, heard_command, foreseen(heard_command, context, self.rules.classes))
        if incoming.status is None:
            incoming.open(self.place.folder, file_meta(heard_command, context.syntax, self.request))
        self._incoming = incoming
        if not heard_command.has_data:
            self._answer(incoming)

    def _answer(self, incoming: Incoming) -> None:
        """All of the message is there."""
        size = incoming.keep(self.place.announcer)
        self._incoming = None
        if incoming.command.operation == Operation.STORE:
            self._count(incoming, size)
        answer = command.answer(incoming.command, incoming.status, incoming.comment)
        self.wire.send(upper_layer.message(incoming.number, answer), SENDING_SECONDS)
        self.busy = False

    def _count(self, incoming: Incoming, size: int) -> None:
        outcome = OUTCOMES[incoming.status]
        self.figures.objects[outcome] += 1
        self.figures.bytes += size
        self.place.teller.object(outcome, self.request.calling, self.address)
        name = UID(incoming.command.sop_class).name or "an object"
        if incoming.status == Status.SUCCESS:
            log.debug("%s from %s kept", name, self.sender)
        elif self.figures.objects[outcome] == 1:  # once an association is enough to look for it
            log.error("%s from %s refused with 0x%04X: %s", name, self.sender, incoming.status, outcome)

    def _nothing_taken(self) -> str:
        """What was offered, where none of it is taken."""
        if self.agreed or not self.request.offers:
            return ""
        names = sorted({UID(offer.sop_class).name for offer in self.request.offers})
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"nothing it offered is taken: {', '.join(names[:MOST_NAMED])}{more}"

    def _where(self) -> str:
        return "within an object" if self.busy else "between objects" if self.established else "before an association"

    def _abort(self, reason: str) -> None:
        self.outcome, self.reason = heard.ABORTED, reason
        try:
            self.wire.send(upper_layer.abort(), 1)
        except OSError:
            log.debug("%s did not hear our abort", self.sender)

    def _drop(self) -> None:
        if self._incoming is not None:
            self._incoming.drop()

    def _tell(self) -> None:
        """Say what it was, but for those who only looked whether the port answers."""
        if self.request is None and self.reason == NO_WORD:
            return
        told = self._account()
        self.place.teller.association(told)
        level = logging.INFO if told.outcome == heard.RELEASED else logging.WARNING
        words = [f"association with {self.sender} {told.outcome} after {told.seconds:.1f} s"]
        if not told.known and self.rules.store.senders:
            words.append("no sender of ours")
        words += [told.reason] * bool(told.reason)
        words += [f"{count} {outcome}" for outcome, count in told.objects.items()]
        log.log(level, "%s", "; ".join(words))

    def _account(self) -> heard.Association:
        return heard.Association(
            began=self.began,
            seconds=time.time() - self.began,
            ae_title=self.request.calling if self.request else "",
            called=self.request.called if self.request else "",
            address=self.address,
            endpoint=self.endpoint.name,
            outcome=self.outcome,
            reason=self.reason,
            known=self._is_known(),
            tls=self.rules.tls is not None,
            objects=dict(self.figures.objects),
            bytes=self.figures.bytes,
        )
