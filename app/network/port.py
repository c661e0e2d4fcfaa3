"""One port: takes connections, gives each a thread, knows how many there are."""

import logging
import socket
import ssl
import threading
import time
from contextlib import suppress

from app import heard
from app.listening import Endpoint, Store
from app.network.association import Association, Place, Rules
from app.network.classes import ACCEPTED

WAITING = 128  # connections that the system keeps for us
STRANGERS = 50  # connections beyond those that may be associations: who are they, and why are they refused
GRACE_SECONDS = 3  # that an object gets to come in when we stop

log = logging.getLogger(__name__)


def rules(store: Store, endpoint: Endpoint, tls: ssl.SSLContext | None = None) -> Rules:
    """What associations at the endpoint are held to. Raises OSError where its certificates can't be read."""
    return Rules(store, endpoint, frozenset((*ACCEPTED, *store.accept_more)), tls or _tls(endpoint))


class Port:
    """Listens at one address until closed; what its associations are held to may change meanwhile."""

    def __init__(self, host: str, number: int, place: Place, held_to: Rules):
        self.host, self.place, self.rules = host, place, held_to
        self.since = time.time()
        self._associations: set[Association] = set()
        self._guard = threading.Lock()
        self._closing = False
        self._socket = _listen(host, number)
        self._thread = threading.Thread(target=self._accept, name=f"port {number}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Of its endpoint."""
        return self.rules.endpoint.name

    @property
    def number(self) -> int:
        """The port, which is the system's choice where we were told 0."""
        return self._socket.getsockname()[1]

    @property
    def associations(self) -> int:
        """How many are open."""
        return sum(association.established for association in list(self._associations))

    def state(self, error: str) -> heard.Running:
        """How it is, for who looks; with why it is not as it should be."""
        endpoint = self.rules.endpoint
        return heard.Running(
            endpoint.name,
            endpoint.ae_title,
            self.host,
            self.number,
            tls=endpoint.tls,
            since=self.since,
            error=error,
            associations=self.associations,
        )

    def close(self) -> None:
        """Take no more connections; associations go on."""
        self._closing = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._thread.join()
        self._socket.close()

    def end(self) -> None:
        """End the associations: the object that comes in may still come, a few seconds long."""
        open_ones = self._open()
        for association in open_ones:
            association.end()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._associations and time.monotonic() < deadline:
            time.sleep(0.01)
        for association in self._open():
            association.wire.close()

    def _open(self) -> list[Association]:
        with self._guard:
            return list(self._associations)

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, (address, *_) = self._socket.accept()
            except OSError as error:
                if not self._closing:
                    log.error("a connection could not be taken: %s", error.strerror)
                    time.sleep(0.1)  # no more files, say: others end meanwhile
                continue
            self._receive(connection, address)

    def _receive(self, connection: socket.socket, address: str) -> None:
        held_to = self.rules
        if len(self._associations) >= held_to.endpoint.associations + STRANGERS:
            connection.close()
            return
        association = Association(connection, address.removeprefix("::ffff:"), self.place, held_to)
        with self._guard:
            self._associations.add(association)
        threading.Thread(target=self._run, args=[association], name=f"association {address}", daemon=True).start()

    def _run(self, association: Association) -> None:
        try:
            association.run(self._has_room)
        finally:
            with self._guard:
                self._associations.discard(association)

    def _has_room(self, association: Association) -> bool:
        """Whether one more may begin, which it has then."""
        with self._guard:
            has_room = self.associations < association.endpoint.associations
            association.established = has_room
        return has_room


def _listen(host: str, number: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((host, number), family=family, backlog=WAITING, dualstack_ipv6=both)


def _tls(endpoint: Endpoint) -> ssl.SSLContext | None:
    if not endpoint.tls:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # as PS3.15, B.12 wants it (BCP 195)
    context.load_cert_chain(endpoint.certificate, endpoint.key or None, password=_no_password)
    if endpoint.client_certificates:
        context.load_verify_locations(endpoint.authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _no_password() -> str:
    """What is asked for where a key is encrypted, instead of somebody at a terminal."""
    return ""
