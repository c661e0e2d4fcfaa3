"""A connection as the upper layer wants it: whole PDUs, within a time, or an exception that says why not."""

import socket
import ssl
import time
from contextlib import suppress

from app.network.upper_layer import HEADER, MOST_BYTES, Broken

AT_ONCE = 262_144  # bytes that we ask the system for
LINGER_SECONDS = 1
QUICK = getattr(socket, "TCP_QUICKACK", None)  # Linux has it


class Silent(Exception):
    """The other side has not said what it should in the time it has."""


class Wire:
    """One connection."""

    def __init__(self, connection: socket.socket):
        self.socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, True)
        self._read = bytearray()

    def secure(self, context: ssl.SSLContext, seconds: float) -> None:
        """Agree on encryption within the time. Raises OSError, which ssl.SSLError is."""
        self.socket.settimeout(seconds)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def receive(self, first_seconds: float, rest_seconds: float) -> tuple[int, bytes] | None:
        """Kind and body of the next PDU, whose first byte may take so long, and the rest; none where they hung up.

        Raises Silent, Broken, OSError.
        """
        deadline = time.monotonic() + first_seconds
        if not self._read and not self._more(deadline):
            return None
        deadline = min(deadline, time.monotonic() + rest_seconds)
        self._fill(HEADER.size, deadline)
        kind, length = HEADER.unpack_from(self._read)
        if not 1 <= kind <= 7:
            raise Broken("what was sent is no DICOM")
        if length > MOST_BYTES:
            raise Broken(f"a PDU of {length} bytes was announced")
        self._fill(HEADER.size + length, deadline)
        body = bytes(memoryview(self._read)[HEADER.size : HEADER.size + length])
        del self._read[: HEADER.size + length]
        return kind, body

    def send(self, content: bytes, seconds: float) -> None:
        """Send all of it within the time. Raises OSError, which TimeoutError is."""
        self.socket.settimeout(seconds)
        self.socket.sendall(content)

    def linger(self) -> None:
        """Let them hang up first, as they should: what we sent last is surely read then."""
        with suppress(Silent, Broken, OSError):
            self.receive(LINGER_SECONDS, LINGER_SECONDS)

    def close(self) -> None:
        """Hang up, also where the other side does not listen."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def wake(self) -> None:
        """Let who waits for bytes of this connection find it ended; what we have to say can still be said."""
        with suppress(OSError):
            socket.socket.shutdown(self.socket, socket.SHUT_RD)

    def _fill(self, size: int, deadline: float) -> None:
        while len(self._read) < size:
            if not self._more(deadline):
                raise Broken("the connection was closed within a PDU")

    def _more(self, deadline: float) -> bool:
        """Whether bytes came; none come any more where they hung up."""
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise Silent
        self.socket.settimeout(seconds)
        if QUICK is not None:
            # Who waits for our acknowledgement before the second half of a message waits 40 ms for a lazy one.
            self.socket.setsockopt(socket.IPPROTO_TCP, QUICK, True)
        try:
            content = self.socket.recv(AT_ONCE)
        except TimeoutError:
            raise Silent from None
        self._read += content
        return bool(content)
