"""The DICOM upper layer as it goes over the wire (PS3.8), the accepting side of it: bytes in, bytes out.

Ours instead of a library's, because the listener wants each object on the disk as it comes, in as much memory as one
part of it takes, and a thread that sleeps while nobody sends.
"""

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum

from app.dicom.document import IMPLEMENTATION_UID

APPLICATION_CONTEXT = b"1.2.840.10008.3.1.1.1"
OUR_CLASS = IMPLEMENTATION_UID.encode()
OUR_VERSION = b"OPENREM"
HEADER = struct.Struct(">BxL")  # type and length of each PDU
MOST_BYTES = 16 * 1024 * 1024  # of a PDU, whatever was agreed: who sends more is no DICOM program

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"  # VR little endian


class Kind(IntEnum):
    """The PDUs there are (PS3.8, 9.3)."""

    REQUEST = 1
    ACCEPT = 2
    REJECT = 3
    DATA = 4
    RELEASE = 5
    RELEASED = 6
    ABORT = 7


class Broken(ValueError):
    """Bytes that are no DICOM; the sentence says what is wrong with them."""


@dataclass(frozen=True)
class Refusal:
    """Why an association is rejected (PS3.8, table 9-21)."""

    result: int  # 1: for good, 2: for now
    source: int
    reason: int
    words: str


NO_PROTOCOL = Refusal(1, 2, 2, "protocol version not supported")
NO_CONTEXT = Refusal(1, 1, 2, "application context not supported")
NOT_CALLED = Refusal(1, 1, 7, "called AE title not recognised")
NOT_KNOWN = Refusal(1, 1, 3, "calling AE title not recognised")
TOO_MANY = Refusal(2, 3, 2, "too many associations")


@dataclass(frozen=True)
class Offer:
    """A presentation context that the sender offers."""

    number: int
    sop_class: str
    syntaxes: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """What who connects asks for."""

    version: int
    called: str
    calling: str
    titles: bytes  # both, as they came, for the answer
    application_context: bytes
    offers: tuple[Offer, ...]
    most_bytes: int  # of a PDU that the sender takes; 0 means any


@dataclass(frozen=True)
class Context:
    """A presentation context that was agreed on."""

    sop_class: str
    syntax: str


def read_request(body: bytes) -> Request:
    """The request of a PDU, without its first six bytes. Raises Broken."""
    if len(body) < 68:
        raise Broken("the association request is too short")
    offers, application_context, most_bytes = [], b"", 0
    for kind, value in _items(body[68:]):
        if kind == 0x10:
            application_context = value.rstrip(b"\0 ")
        elif kind == 0x20:
            offers.append(_offer(value))
        elif kind == 0x50:
            most_bytes = next((_number(value) for kind, value in _items(value) if kind == 0x51), 0)
    return Request(
        version=int.from_bytes(body[:2], "big"),
        called=title(body[4:20]),
        calling=title(body[20:36]),
        titles=body[4:68],
        application_context=application_context,
        offers=tuple(offers),
        most_bytes=most_bytes,
    )


def title(value: bytes) -> str:
    """An AE title as text, whatever its bytes are."""
    text = value.strip(b"\0 ").decode("ascii", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def agree(offers: Collection[Offer], classes: Collection[str]) -> dict[int, Context]:
    """The offers of these SOP classes, by their number, each with one of the transfer syntaxes offered."""
    return {
        offer.number: Context(offer.sop_class, _liked(offer.syntaxes))
        for offer in offers
        if offer.sop_class in classes and offer.syntaxes
    }


def accept(request: Request, agreed: dict[int, Context], most_bytes: int) -> bytes:
    """The answer that takes what was agreed, in PDUs of at most so many bytes."""
    answers = b""
    for offer in request.offers:
        context = agreed.get(offer.number)
        syntax = context.syntax if context else next(iter(offer.syntaxes), "")
        # 3: abstract syntax not supported; 0: acceptance.
        numbers = struct.pack(">BxBx", offer.number, 0 if context else 3)
        answers += _item(0x21, numbers + _item(0x40, syntax.encode()))
    user = _item(0x51, struct.pack(">L", most_bytes)) + _item(0x52, OUR_CLASS) + _item(0x55, OUR_VERSION)
    body = b"\0\1\0\0" + request.titles + _item(0x10, APPLICATION_CONTEXT) + answers + _item(0x50, user)
    return HEADER.pack(Kind.ACCEPT, len(body)) + body


def reject(refusal: Refusal) -> bytes:
    """The answer that refuses an association."""
    return HEADER.pack(Kind.REJECT, 4) + bytes((0, refusal.result, refusal.source, refusal.reason))


def abort(source: int = 2, reason: int = 0) -> bytes:
    """The end of an association in the middle; the source is 0 for the program, 2 for the protocol."""
    return HEADER.pack(Kind.ABORT, 4) + bytes((0, 0, source, reason))


def released() -> bytes:
    """The answer to who asks for the end."""
    return HEADER.pack(Kind.RELEASED, 4) + bytes(4)


def pieces(body: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """The parts of messages in a data PDU: number of the context, control byte, bytes. Raises Broken."""
    at, end = 0, len(body)
    while at < end:
        if end - at < 6:
            raise Broken("a data PDU ends within a header")
        length = int.from_bytes(body[at : at + 4], "big")
        if length < 2 or at + 4 + length > end:
            raise Broken("a part of a message is longer than its PDU")
        yield body[at + 4], body[at + 5], body[at + 6 : at + 4 + length]
        at += 4 + length


def message(number: int, command: bytes) -> bytes:
    """A message without data set, as one data PDU."""
    return HEADER.pack(Kind.DATA, len(command) + 6) + struct.pack(">LBB", len(command) + 2, number, 3) + command


def _offer(value: bytes) -> Offer:
    if len(value) < 4:
        raise Broken("a presentation context is too short")
    items = list(_items(value[4:]))
    sop_class = next((_uid(value) for kind, value in items if kind == 0x30), "")
    return Offer(value[0], sop_class, tuple(_uid(value) for kind, value in items if kind == 0x40))


def _items(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(body):
        length = int.from_bytes(body[at + 2 : at + 4], "big")
        if at + 4 + length > len(body):
            raise Broken("an item of the association request is longer than the request")
        yield body[at], body[at + 4 : at + 4 + length]
        at += 4 + length


def _item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def _uid(value: bytes) -> str:
    return value.rstrip(b"\0 ").decode("ascii", "replace")


def _number(value: bytes) -> int:
    return int.from_bytes(value[:4], "big")


def _liked(syntaxes: tuple[str, ...]) -> str:
    """What the sender names first, as its file probably is; but where it need not be guessed, no VR should be."""
    return EXPLICIT if syntaxes[0] == IMPLICIT and EXPLICIT in syntaxes else syntaxes[0]
