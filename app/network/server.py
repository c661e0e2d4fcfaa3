"""pynetdicom's server, but that nobody who connects can keep others waiting."""

import logging
import socket
import ssl
from socketserver import BaseServer

from pynetdicom.transport import ThreadedAssociationServer

from app.network.visit import Place, Rules, Visit

STRANGERS = 50  # connections beyond those that may be associations: who are they, and why are they refused
THREADS = 3  # that each takes: ours, and two of pynetdicom; the listener's unit for systemd has room for them

QUICK = getattr(socket, "TCP_QUICKACK", None)  # Linux has it

log = logging.getLogger(__name__)


class Connection(socket.socket):
    """Acknowledges at once: many senders wait for it before they send the second half of a message, 40 ms otherwise."""

    def recv(self, *args) -> bytes:
        """What has come."""
        if QUICK is not None:
            self.setsockopt(socket.IPPROTO_TCP, QUICK, True)
        return super().recv(*args)


class Server(ThreadedAssociationServer):
    """Has a thread follow each connection: for its encryption, for the time it may take, for what is told of it."""

    request_queue_size = 128  # connections that the system keeps for us
    daemon_threads = True
    block_on_close = False  # associations outlive their port

    def __init__(self, *args, place: Place, rules: Rules, **more):
        self.place, self.rules = place, rules
        self.visits: dict[tuple, Visit] = {}  # by the address at the other end
        super().__init__(*args, **more)

    @property
    def associations(self) -> int:
        """How many are open."""
        return sum(visit.is_open for visit in list(self.visits.values()))

    def shutdown(self) -> None:
        """Take no more connections; pynetdicom would look for a server that its AE has started."""
        BaseServer.shutdown(self)
        self.server_close()

    def get_request(self) -> tuple[socket.socket, tuple]:
        """A connection; pynetdicom would encrypt it here, while everybody else waits."""
        accepted, address = self.socket.accept()
        connection = Connection(fileno=accepted.detach())
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, True)
        return connection, address

    def verify_request(self, request, client_address) -> bool:
        """Whether there are not too many already."""
        return len(self.visits) < self.rules.endpoint.associations + STRANGERS

    def finish_request(self, request, client_address) -> None:
        """Answer on the connection until it ends, in a thread of its own."""
        visit = self.visits[client_address] = Visit(request, client_address[0], self.place, self.rules, self._has_room)
        try:
            if visit.secure():
                super().finish_request(visit.connection, client_address)
                visit.wait()
        except ssl.SSLError as error:
            visit.reason = f"TLS: {error.reason or error}"
        except OSError as error:
            visit.reason = f"connection lost: {error.strerror or error}"
        except Exception:
            log.exception("a connection could not be answered")
        finally:
            self.visits.pop(client_address)
            self.shutdown_request(visit.connection)
            visit.end()

    def _has_room(self) -> bool:
        return self.associations < self.rules.endpoint.associations
