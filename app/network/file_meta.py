"""What stands before an object's bytes in a file (PS3.10): which object it is, how it is written, who sent it."""

from app.network.command import Command
from app.network.upper_layer import OUR_CLASS, OUR_VERSION, Request

_LONG = (b"OB",)


def file_meta(command: Command, syntax: str, request: Request) -> bytes:
    """Preamble and file meta information of an object that was sent."""
    elements = b"".join(
        (
            _element(0x0001, b"OB", b"\0\1"),
            _element(0x0002, b"UI", command.sop_class.encode("latin-1")),
            _element(0x0003, b"UI", command.instance.encode("latin-1")),
            _element(0x0010, b"UI", syntax.encode("ascii", "replace")),
            _element(0x0012, b"UI", OUR_CLASS),
            _element(0x0013, b"SH", OUR_VERSION),
            _element(0x0016, b"AE", request.calling.encode("ascii", "replace")),
            _element(0x0018, b"AE", request.called.encode("ascii", "replace")),
        )
    )
    length = _element(0x0000, b"UL", len(elements).to_bytes(4, "little"))
    return bytes(128) + b"DICM" + length + elements


def _element(number: int, representation: bytes, value: bytes) -> bytes:
    value += (b"\0" if representation == b"UI" else b" ") * (len(value) % 2)
    head = b"\x02\x00" + number.to_bytes(2, "little") + representation
    if representation in _LONG:
        return head + b"\0\0" + len(value).to_bytes(4, "little") + value
    return head + len(value).to_bytes(2, "little") + value
