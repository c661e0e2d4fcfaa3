"""One connection, from its first byte to its last: who it is, what was agreed, what became of its objects."""

import logging
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT

from app import heard
from app.listening import Endpoint, Store
from app.network import contexts
from app.network.announcer import Announcer
from app.network.spool import Folder
from app.network.storing import OUTCOMES, Status, class_of, drop_half, store

NOT_KNOWN, NOT_CALLED, TOO_MANY = (1, 1, 3), (1, 1, 7), (2, 3, 2)  # result, source, reason (PS3.8, table 9-21)
REJECTIONS = {
    NOT_KNOWN: "calling AE title not recognised",
    NOT_CALLED: "called AE title not recognised",
    TOO_MANY: "too many associations",
}
LOOK_SECONDS = 0.005  # how often pynetdicom looks whether something has come; its own 1 ms costs more than objects do
NO_DICOM = "what was sent is no DICOM"

log = logging.getLogger(__name__)


class Teller(Protocol):
    """Who hears what became of associations and objects."""

    def association(self, association: heard.Association) -> None:
        """One has ended."""

    def object(self, outcome: str, ae_title: str, address: str) -> None:
        """One was answered."""


@dataclass(frozen=True)
class Place:
    """What all visits of a listener share."""

    folder: Folder
    announcer: Announcer
    teller: Teller


@dataclass(frozen=True)
class Rules:
    """What a visit is held to, which stays as it was when it began."""

    store: Store
    endpoint: Endpoint
    classes: Collection[str]  # of objects that are taken
    tls: ssl.SSLContext | None = None


class Visit:
    """Follows pynetdicom's association through its events, and tells of it in the end."""

    def __init__(
        self, connection: socket.socket, address: str, place: Place, rules: Rules, has_room: Callable[[], bool]
    ):
        self.connection, self.place, self.rules, self._has_room = connection, place, rules, has_room
        self.address = address.removeprefix("::ffff:")
        self.began = time.time()
        self.calling = self.called = ""
        self.was_requested = False
        self.outcome, self.reason = heard.ABORTED, ""
        self.objects: Counter[str] = Counter()
        self.bytes = 0
        self.association: Association | None = None
        self._first_word = threading.Event()  # has come, or never will

    @property
    def is_open(self) -> bool:
        """Whether there is an association now."""
        return self.association is not None and self.association.is_established

    def secure(self) -> bool:
        """Agree on encryption, where that is wanted; not with those who leave before they have said anything.

        Raises OSError, which ssl.SSLError is.
        """
        if self.rules.tls:
            self.connection.settimeout(self.rules.endpoint.acse_seconds)
            if not self._hears_something():
                return False
            self.connection = self.rules.tls.wrap_socket(self.connection, server_side=True)
        self.connection.settimeout(self.rules.endpoint.dimse_seconds)
        return True

    def begin(self, association: Association) -> None:
        """There will be an association, if we agree."""
        self.association = association
        association.dul._run_loop_delay = LOOK_SECONDS
        for event, handler in (
            (evt.EVT_FSM_TRANSITION, self._look_for_noise),
            (evt.EVT_CONN_CLOSE, self._note_end),
            (evt.EVT_REQUESTED, self._decide),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_RELEASED, self._note_release),
            (evt.EVT_ACSE_SENT, self._note_our_abort),
            (evt.EVT_ACSE_RECV, self._note_their_abort),
        ):
            association.bind(event, handler)

    def wait(self) -> None:
        """Come back when it is over; who does not say in time what he wants is cut off."""
        if not self._first_word.wait(self.rules.endpoint.acse_seconds):
            self.reason = "silent for too long, before an association"
            self.hang_up()
        if self.was_requested:
            self.association.join()  # otherwise pynetdicom waits on, for nothing

    def abort(self, reason: str) -> None:
        """End it now."""
        self.reason = reason
        if self.association is not None:
            self.association.abort()

    def hang_up(self) -> None:
        """End it without a word."""
        with suppress(OSError):
            socket.socket.shutdown(self.connection, socket.SHUT_RDWR)

    def end(self) -> None:
        """It is over: leave nothing behind, and tell; but not of those who only looked whether the port answers."""
        if self.association is not None:
            drop_half(self.association)
        if not self.was_requested and not self.reason:
            return
        told = self._account()
        self.place.teller.association(told)
        words = [f"association with {self._sender} {told.outcome} after {told.seconds:.1f} s"]
        words += ["no sender of ours"] * (not told.known and bool(self.rules.store.senders))
        words += [told.reason] * bool(told.reason)
        words += [f"{count} {outcome}" for outcome, count in told.objects.items()]
        log.log(logging.INFO if told.outcome == heard.RELEASED else logging.WARNING, "%s", "; ".join(words))

    def _hears_something(self) -> bool:
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK))
        except ConnectionResetError:
            return False

    @property
    def _sender(self) -> str:
        """Who sends, for the log; quoted, for the sender chose the title."""
        return f"{self.calling!r} at {self.address}"

    @property
    def _is_known(self) -> bool:
        return self.was_requested and self.rules.store.knows(self.calling, self.address)

    def _look_for_noise(self, event: Event) -> None:
        if event.fsm_event == "Evt19":
            self.reason = f"{NO_DICOM}, before an association"

    def _note_end(self, event: Event) -> None:
        self._first_word.set()

    def _decide(self, event: Event) -> None:
        """Refuse who may not come in; of the rest, take what can carry dose."""
        event.assoc.unbind(evt.EVT_FSM_TRANSITION, self._look_for_noise)  # it costs time with every object
        self.calling = event.assoc.requestor.primitive.calling_ae_title
        self.called = event.assoc.requestor.primitive.called_ae_title
        self.was_requested = True
        self._first_word.set()
        if refusal := self._refusal():
            event.assoc.acse.send_reject(*refusal)
            self.outcome, self.reason = heard.REJECTED, REJECTIONS[refusal]
            event.assoc.kill()
        else:
            offers = event.assoc.requestor.requested_contexts
            event.assoc.acceptor.supported_contexts = taken = contexts.taken(offers, self.rules.classes)
            self.reason = "" if taken else contexts.nothing_taken(offers)

    def _refusal(self) -> tuple[int, int, int] | None:
        if self.rules.endpoint.check_called and self.called != self.rules.endpoint.ae_title:
            return NOT_CALLED
        if self.rules.store.only_known and not self._is_known:
            return NOT_KNOWN
        return None if self._has_room() else TOO_MANY

    def _note_release(self, event: Event) -> None:
        self.outcome = heard.RELEASED

    def _note_our_abort(self, event: Any) -> None:
        if isinstance(event.primitive, A_ABORT) and not self.reason:
            silent = event.assoc.dul.idle_timer_expired()
            self.reason = f"{'silent for too long' if silent else NO_DICOM}, {self._where()}"

    def _note_their_abort(self, event: Any) -> None:
        if isinstance(event.primitive, A_ABORT):
            self.reason = f"by the sender, {self._where()}"
        elif isinstance(event.primitive, A_P_ABORT) and not self.reason:
            lost = event.primitive.provider_reason == 0  # otherwise pynetdicom did not like what came
            self.reason = f"{'connection lost or silent' if lost else NO_DICOM}, {self._where()}"

    def _where(self) -> str:
        return "between objects" if self.association.dimse.message is None else "within an object"

    def _store(self, event: Event) -> Status:
        status, size = store(event, self.place.folder, self.place.announcer, self.rules.classes)
        outcome = OUTCOMES[status]
        self.objects[outcome] += 1
        self.bytes += size
        self.place.teller.object(outcome, self.calling, self.address)
        if status == Status.SUCCESS:
            log.debug("%s from %s kept", class_of(event), self._sender)
        elif self.objects[outcome] == 1:  # once an association is enough to look for it
            log.error("%s from %s refused with 0x%04X: %s", class_of(event), self._sender, status, outcome)
        return status

    def _account(self) -> heard.Association:
        return heard.Association(
            began=self.began,
            seconds=time.time() - self.began,
            ae_title=self.calling,
            called=self.called,
            address=self.address,
            endpoint=self.rules.endpoint.name,
            outcome=self.outcome,
            reason=self.reason,
            known=self._is_known,
            tls=self.rules.tls is not None,
            objects=dict(self.objects),
            bytes=self.bytes,
        )
