"""Messages to a syslog server: RFC 5424 over UDP (RFC 5426), TCP (RFC 6587, counted octets) or TLS (RFC 5425)."""

import os
import re
import socket
import ssl
from datetime import UTC, datetime

from app.settings import Settings

SECURITY, NOTICE, WARNING = 10, 5, 4  # facility and severities
PORTS = {"udp": 514, "tcp": 601, "tls": 6514}
SECONDS = 10  # that a server gets to answer
KIND = "DICOM+RFC3881"  # what PS3.15 A.6 calls such messages
UDP_MOST = 65_000  # bytes in a datagram


def written(message: bytes, at: datetime, went_well: bool = True) -> bytes:
    """The message with the header of RFC 5424; `at` is in UTC."""
    priority = SECURITY * 8 + (NOTICE if went_well else WARNING)
    moment = at.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    header = f"<{priority}>1 {moment} {source()} OpenREM {os.getpid()} {KIND} - "
    return header.encode() + b"\xef\xbb\xbf" + message


def source() -> str:
    """This machine's name, in signs that a header may have."""
    return re.sub(r"[^!-~]", "-", socket.gethostname())[:255] or "-"


class Server:
    """A syslog server, as far as it can be reached. Raises OSError from everything where it can't."""

    def __init__(self, settings: Settings):
        self._protocol = settings.syslog_protocol
        port = settings.syslog_port or PORTS[self._protocol]
        family = socket.SOCK_DGRAM if self._protocol == "udp" else socket.SOCK_STREAM
        self._socket = _connected(settings.syslog_host, port, family)
        if self._protocol == "tls":
            trusted = ssl.create_default_context(cafile=settings.syslog_ca or None)
            self._socket = trusted.wrap_socket(self._socket, server_hostname=settings.syslog_host)

    def send(self, message: bytes) -> None:
        """Hand the message over."""
        if self._protocol == "udp":
            self._socket.send(message[:UDP_MOST])
        else:
            self._require_listener()
            self._socket.sendall(b"%d %b" % (len(message), message))

    def close(self) -> None:
        """Say goodbye."""
        self._socket.close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def _require_listener(self) -> None:
        """A server that has gone says so before we write into the void; it never says anything else."""
        self._socket.setblocking(False)
        try:
            if not self._socket.recv(1):
                raise ConnectionResetError("the server has closed the connection")
        except (BlockingIOError, ssl.SSLWantReadError):
            pass  # it is there
        finally:
            self._socket.settimeout(SECONDS)


def _connected(host: str, port: int, family: socket.SocketKind) -> socket.socket:
    failure: OSError = OSError(f"{host} has no address")
    for *kind, _, address in socket.getaddrinfo(host, port, type=family):
        connection = socket.socket(*kind)
        connection.settimeout(SECONDS)
        try:
            connection.connect(address)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure
