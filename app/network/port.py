"""One port: listens with pynetdicom, and is held to what is published."""

import ssl
import threading
import time
from typing import Any, cast

from pynetdicom import AE, evt
from pynetdicom.presentation import VerificationPresentationContexts

from app import heard
from app.listening import Endpoint, Store
from app.network import contexts
from app.network.server import Server
from app.network.visit import Place, Rules

NO_LIMIT = 1_000_000
GRACE_SECONDS = 3  # that the other side gets to hear our abort when we stop
POLL_SECONDS = 0.1  # a port closes within

STOPPED = "we were told to stop"


def rules(store: Store, endpoint: Endpoint, tls: ssl.SSLContext | None = None) -> Rules:
    """What associations at the endpoint are held to. Raises OSError where its certificates can't be read."""
    return Rules(store, endpoint, contexts.classes(store.accept_more), tls or _tls(endpoint))


class Port:
    """Listens at one address until closed; what its associations are held to may change meanwhile."""

    def __init__(self, host: str, number: int, place: Place, held_to: Rules):
        self.host, self.since = host, time.time()
        self._entity = AE()
        self._entity.supported_contexts = VerificationPresentationContexts  # each association gets what it may have
        server = self._entity.make_server(
            (host, number),
            evt_handlers=[(evt.EVT_CONN_OPEN, self._begin)],
            server_class=Server,
            place=place,
            rules=held_to,
        )
        self._server = cast(Server, server)
        self.rules = held_to
        self._thread = threading.Thread(target=self._server.serve_forever, args=[POLL_SECONDS], daemon=True)
        self._thread.start()

    @property
    def rules(self) -> Rules:
        """What associations that begin now are held to."""
        return self._server.rules

    @rules.setter
    def rules(self, held_to: Rules) -> None:
        endpoint, entity = held_to.endpoint, self._entity
        entity.maximum_associations = NO_LIMIT  # a visit counts: pynetdicom counts those that hung up, too
        entity.maximum_pdu_size = endpoint.pdu_bytes
        entity.acse_timeout = endpoint.acse_seconds
        entity.dimse_timeout = endpoint.dimse_seconds
        entity.network_timeout = endpoint.network_seconds
        self._server.ae_title = endpoint.ae_title
        self._server.rules = held_to

    @property
    def name(self) -> str:
        """Of its endpoint."""
        return self.rules.endpoint.name

    @property
    def number(self) -> int:
        """The port, which is the system's choice where we were told 0."""
        return self._server.server_address[1]

    @property
    def associations(self) -> int:
        """How many are open."""
        return self._server.associations

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
        self._server.shutdown()

    def end(self) -> None:
        """End the associations."""
        visits = list(self._server.visits.values())
        for visit in visits:
            threading.Thread(target=visit.abort, args=[STOPPED], daemon=True).start()
        self._wait()
        for visit in visits:
            visit.hang_up()
        self._wait()

    def _begin(self, event: Any) -> None:
        self._server.visits[event.address].begin(event.assoc)

    def _wait(self) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        while self._server.visits and time.monotonic() < deadline:
            time.sleep(0.01)


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
