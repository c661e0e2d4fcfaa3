"""We as the one who calls: asks another application entity whether it is there, and sends it objects."""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.presentation import build_context

VERIFICATION = "1.2.840.10008.1.1"  # the SOP class of C-ECHO (PS3.4 A)
SECONDS = 10  # for the connection, and for each answer
MOST_CONTEXTS = 128  # of an association (PS3.8)
SUCCESS, WARNINGS = 0x0000, 0xB000
REJECTIONS = {
    (1, 1): "it gives no reason",
    (1, 2): "it does not know our application context",
    (1, 3): "it does not know our AE title “{calling}”",
    (1, 7): "it is not called “{called}”",
    (2, 1): "it gives no reason",
    (2, 2): "it does not know our version of the protocol",
    (3, 1): "it is busy just now",
    (3, 2): "it has too many associations",
}


class NoAnswer(Exception):
    """There is no association; the sentence says why, in words for who set it up."""


@dataclass(frozen=True)
class Peer:
    """Another application entity, and how we speak with it."""

    host: str
    port: int
    called: str = "ANY-SCP"
    calling: str = "OPENREM"
    seconds: int = SECONDS
    tls: ssl.SSLContext | None = None

    @property
    def words(self) -> str:
        """Who it is."""
        return f"{self.called} at {self.host} port {self.port}"


@dataclass(frozen=True)
class Sent:
    """What became of one file."""

    path: Path
    status: int | None  # none where it was not sent
    words: str

    @property
    def taken(self) -> bool:
        """Whether the other has it now."""
        return self.status is not None and (self.status == SUCCESS or self.status & 0xF000 == WARNINGS)


def tls(authorities: str = "", certificate: str = "", key: str = "", *, verify: bool = True) -> ssl.SSLContext:
    """How we speak TLS. Raises OSError (SSLError is one) where a file can't be used."""
    context = ssl.create_default_context(cafile=authorities or None)
    context.check_hostname = False  # hospitals reach peers by address; whom the authorities vouch for is believed
    if not verify:
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context


def echo(peer: Peer) -> float:
    """The seconds that the answer to a C-ECHO took. Raises NoAnswer."""
    with _association(peer, [(VERIFICATION, None)]) as association:
        if association.rejected_contexts:
            raise NoAnswer(f"{peer.words} takes associations, but does not answer C-ECHO.")
        begun = time.perf_counter()
        status = association.send_c_echo()
        took = time.perf_counter() - begun
        if status.get("Status") != SUCCESS:
            raise NoAnswer(f"{peer.words} did not answer the C-ECHO{_code(status.get('Status'))}.")
    return took


def send(peer: Peer, paths: Sequence[Path]) -> Iterator[Sent]:
    """What became of each file, sent as it is. Raises NoAnswer."""
    objects, unread = _announced(paths)
    yield from unread
    while objects:
        some, contexts = _of_one_association(objects)
        objects = objects[len(some) :]
        with _association(peer, contexts) as association:
            for path, sop_class, _ in some:
                yield _sent(association, path, sop_class)


def _announced(paths: Sequence[Path]) -> tuple[list[tuple[Path, str, str]], list[Sent]]:
    """Each file with its SOP class and transfer syntax; those that can't be read apart."""
    objects, unread = [], []
    for path in paths:
        try:
            dataset = dcmread(path, specific_tags=["SOPClassUID"], stop_before_pixels=True)
            objects.append((path, str(dataset.SOPClassUID), str(dataset.file_meta.TransferSyntaxUID)))
        except OSError as error:
            unread.append(Sent(path, None, f"can't be read: {error.strerror or error}"))
        except (InvalidDicomError, AttributeError, ValueError, KeyError):
            unread.append(Sent(path, None, "is no DICOM file with a SOP class and a transfer syntax"))
    return objects, unread


def _of_one_association(objects):
    """As many of the first objects as one association can announce, and what it announces."""
    contexts: dict[tuple[str, str], None] = {}
    for place, (_, sop_class, syntax) in enumerate(objects):
        if (sop_class, syntax) not in contexts and len(contexts) == MOST_CONTEXTS:
            return objects[:place], list(contexts)
        contexts[sop_class, syntax] = None
    return objects, list(contexts)


def _sent(association: Association, path: Path, sop_class: str) -> Sent:
    if not association.is_established:
        return Sent(path, None, "was not sent: the association was cut off")
    try:
        status = association.send_c_store(str(path)).get("Status")
    except ValueError:  # no context was agreed upon
        return Sent(path, None, f"was not sent: the other takes no {_name(sop_class)} of this transfer syntax")
    except (OSError, RuntimeError, AttributeError) as error:
        return Sent(path, None, f"was not sent: {type(error).__name__}")
    if status is None:
        return Sent(path, None, "was sent, and nobody answered: whether it arrived is not known")
    if status == SUCCESS:
        return Sent(path, status, "was taken")
    verdict = "taken with a warning" if status & 0xF000 == WARNINGS else "refused"
    return Sent(path, status, f"was {verdict}{_code(status)}")


@contextmanager
def _association(peer: Peer, contexts) -> Iterator[Association]:
    """An association that is released at the end. Raises NoAnswer."""
    _config.LOG_HANDLER_LEVEL = "none"  # what pynetdicom would log names patients
    _knock(peer)
    entity = AE(ae_title=peer.calling)
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = peer.seconds
    # One context for each syntax: the other chooses one of those that stand in the same.
    offered = [build_context(sop_class, syntax) for sop_class, syntax in contexts]
    held: list[socket.socket] = []  # pynetdicom forgets to close it where the other was quicker
    handlers: list[Any] = [(evt.EVT_CONN_OPEN, lambda event: held.append(event.assoc.dul.socket.socket))]
    given = (peer.tls, peer.host) if peer.tls else None
    try:
        association = entity.associate(
            peer.host, peer.port, offered, peer.called, tls_args=given, evt_handlers=handlers
        )
        if not association.is_established:
            raise NoAnswer(_why_not(peer, association))
        try:
            yield association
        finally:
            if association.is_established:
                association.release()
    finally:
        for connection in held:
            connection.close()


def _knock(peer: Peer) -> None:
    """See whether somebody takes connections at all, and TLS. Raises NoAnswer with the system's reason."""
    try:
        with socket.create_connection((peer.host, peer.port), timeout=peer.seconds) as connection:
            if peer.tls:
                peer.tls.wrap_socket(connection, server_hostname=peer.host).close()
    except ssl.SSLError as error:
        reason = (error.reason or "no handshake").replace("_", " ").lower()
        raise NoAnswer(
            f"{peer.words} takes connections, but no TLS as we speak it: {reason}. See the certificates of both."
        ) from None
    except TimeoutError:
        raise NoAnswer(
            f"{peer.words} can't be reached: no answer in {peer.seconds} s. Is a firewall between?"
        ) from None
    except ConnectionRefusedError:
        raise NoAnswer(f"{peer.words} can't be reached: nothing listens at this port.") from None
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"{peer.words} can't be reached: {getattr(error, 'strerror', None) or error}.") from None


def _why_not(peer: Peer, association: Association) -> str:
    if association.is_rejected:
        answer = association.acceptor.primitive
        found = REJECTIONS.get((answer.result_source, answer.diagnostic), "it gives no reason")
        return f"{peer.words} refuses us: {found.format(called=peer.called, calling=peer.calling)}."
    if association.acceptor.primitive is not None and association.rejected_contexts:
        return f"{peer.words} takes none of the kinds of objects that we announced."
    return f"{peer.words} takes connections, but says nothing of DICOM: another port, or does it want TLS?"


def _code(status: int | None) -> str:
    return f": status 0x{status:04X}" if status is not None else ""


def _name(sop_class: str) -> str:
    return UID(sop_class).name
