"""A sender of our own, which times each answer while others send."""

import socket
import struct
import threading
import time
from itertools import count

from bench.samples import Copies, made

CLASS = b"1.2.840.10008.5.1.4.1.1.88.67\0"
EXPLICIT = b"1.2.840.10008.1.2.1"
PAUSE_SECONDS = 0.05
HEADER = struct.Struct(">BxL")  # kind and length of each PDU (PS3.8, 9.3)
REQUEST, DATA = 1, 4
DATA_AT = 132  # of a file: preamble and prefix


class Probe(threading.Thread):
    """Sends one object after the other in one association, with a short pause between them, until stopped."""

    def __init__(self, port: int):
        super().__init__(name="probe", daemon=True)
        self.milliseconds: list[float] = []
        self._port, self._stopping = port, threading.Event()

    def run(self) -> None:
        """Send and time."""
        copies = Copies(made("CT", 5))
        with socket.create_connection(("127.0.0.1", self._port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            connection.sendall(_request())
            _receive(connection)
            for number in count(10_000_000):
                message = _store(_data_set(copies.copy(number)), b"2.25.%d" % number)
                begun = time.perf_counter()
                connection.sendall(message)
                if _receive(connection)[0] != DATA:
                    raise RuntimeError("the listener ended the association")
                self.milliseconds.append(1000 * (time.perf_counter() - begun))
                if self._stopping.wait(PAUSE_SECONDS):
                    return

    def stop(self) -> list[float]:
        """How long the answers took, in milliseconds, from the fastest to the slowest."""
        self._stopping.set()
        self.join()
        return sorted(self.milliseconds)


def share(milliseconds: list[float], part: float) -> float:
    """What so large a part of them does not exceed."""
    return milliseconds[min(len(milliseconds) - 1, int(part * len(milliseconds)))] if milliseconds else float("nan")


def _request() -> bytes:
    context = struct.pack(">BxBx", 1, 0) + _item(0x30, CLASS.rstrip(b"\0")) + _item(0x40, EXPLICIT)
    items = _item(0x10, b"1.2.840.10008.3.1.1.1") + _item(0x20, context)
    items += _item(0x50, _item(0x51, struct.pack(">L", 16384)) + _item(0x52, b"1.2.3"))
    body = struct.pack(">Hxx16s16s32x", 1, b"ANY".ljust(16), b"PROBE".ljust(16)) + items
    return HEADER.pack(REQUEST, len(body)) + body


def _store(data_set: bytes, instance: bytes) -> bytes:
    elements = _element(0x0002, CLASS) + _element(0x0100, b"\1\0") + _element(0x0110, b"\1\0")
    elements += _element(0x0700, b"\0\0") + _element(0x0800, b"\1\0")
    elements += _element(0x1000, instance + b"\0" * (len(instance) % 2))
    command = _element(0, struct.pack("<L", len(elements))) + elements
    return _part(3, command) + _part(2, data_set)


def _part(control: int, content: bytes) -> bytes:
    return HEADER.pack(DATA, len(content) + 6) + struct.pack(">LBB", len(content) + 2, 1, control) + content


def _element(number: int, value: bytes) -> bytes:
    return struct.pack("<HHL", 0, number, len(value)) + value


def _item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def _data_set(file: bytes) -> bytes:
    """The object without its meta information."""
    return file[DATA_AT + 12 + int.from_bytes(file[DATA_AT + 8 : DATA_AT + 12], "little") :]


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    received = b""
    while len(received) < HEADER.size or len(received) < HEADER.size + HEADER.unpack_from(received)[1]:
        piece = connection.recv(65536)
        if not piece:
            raise RuntimeError("the listener hung up")
        received += piece
    return HEADER.unpack_from(received)[0], received
