"""The command sets that come before data sets (PS3.7): the only part of a message that the listener reads."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from app.network.upper_layer import Broken

MOST_BYTES = 65536  # of a command set; usual ones have 150
NO_DATA_SET = 0x0101
ANSWER = 0x8000
_ELEMENT = struct.Struct("<HHL")
_SHORT = struct.Struct("<H")


class Operation(IntEnum):
    """What we are asked to do."""

    STORE = 0x0001
    ECHO = 0x0030
    CANCEL = 0x0FFF


class Status(IntEnum):
    """What we answer (PS3.4 table B.2-1, PS3.7 annex C)."""

    SUCCESS = 0x0000
    PROCESSING_FAILURE = 0x0110
    CLASS_NOT_SUPPORTED = 0x0122
    UNRECOGNISED_OPERATION = 0x0211
    OUT_OF_RESOURCES = 0xA700
    NOT_OF_ITS_CLASS = 0xA900
    NOT_UNDERSTOOD = 0xC000


@dataclass(frozen=True)
class Command:
    """A command set, as far as we use it."""

    operation: int
    number: int  # of the message
    has_data: bool
    sop_class: str
    instance: str


def read(content: bytes) -> Command:
    """The command of these bytes, implicit VR little endian. Raises Broken."""
    values = {}
    at = 0
    while at < len(content):
        if at + 8 > len(content):
            raise Broken("a command ends within an element")
        group, element, length = _ELEMENT.unpack_from(content, at)
        at += 8
        if group or length > len(content) - at:
            raise Broken("a command has an element that is none")
        values[element] = content[at : at + length]
        at += length
    return Command(
        operation=_short(values, 0x0100),
        number=_short(values, 0x0110, 0),
        has_data=_short(values, 0x0800) != NO_DATA_SET,
        sop_class=_text(values.get(0x0002, b"")),
        instance=_text(values.get(0x1000, b"")),
    )


def answer(command: Command, status: int, comment: str = "") -> bytes:
    """The answer to a command, encoded."""
    elements = _element(0x0002, _padded(command.sop_class)) if command.sop_class else b""
    elements += _element(0x0100, _SHORT.pack(command.operation | ANSWER))
    elements += _element(0x0120, _SHORT.pack(command.number))
    elements += _element(0x0800, _SHORT.pack(NO_DATA_SET))
    elements += _element(0x0900, _SHORT.pack(status))
    if comment:
        elements += _element(0x0902, _padded(comment[:64], b" "))
    if command.instance:
        elements += _element(0x1000, _padded(command.instance))
    return _element(0x0000, struct.pack("<L", len(elements))) + elements


def _element(number: int, value: bytes) -> bytes:
    return _ELEMENT.pack(0, number, len(value)) + value


def _padded(text: str, filler: bytes = b"\0") -> bytes:
    value = text.encode("latin-1", "replace")
    return value + filler * (len(value) % 2)


def _short(values: dict[int, bytes], element: int, default: int | None = None) -> int:
    value = values.get(element)
    if value is None and default is not None:
        return default
    if value is None or len(value) != 2:
        raise Broken(f"a command has no proper element (0000,{element:04X})")
    return _SHORT.unpack(value)[0]


def _text(value: bytes) -> str:
    return value.rstrip(b"\0 ").decode("latin-1")
