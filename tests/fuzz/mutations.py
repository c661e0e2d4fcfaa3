"""Damage by seed: the same seed makes the same object on every machine that has the same files."""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from random import Random

from pydicom import dcmread
from pydicom.dataset import Dataset

from bench.samples import DICOM_FOLDER, Copies
from tests.factories import ct_report, fluoroscopy_report, report_file

LARGEST_SOURCE = 200_000  # bytes; the few larger ones are as damaged by the same means and would take all the time
PIXELS = 100 << 20
ITEM = b"\xfe\xff\x00\xe0"
HOLDERS_OF_LENGTHS = (ITEM, b"SQ\0\0", b"CS", b"LO", b"SH", b"UT\0\0", b"UI", b"DS", b"UC\0\0")
ODD_LENGTHS = (0, 1, 7, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
ODD_TEXTS = (
    b"", b"\0", b"NaN", b"Infinity", b"-1E+400", b"1e999999999", b"9" * 5000, b"0x10", b"1,5", b"\x1b$B\x1b(J", b"\xff",
    b"\xed\xa0\x80", b"\\" * 300, b"\x1b$)C\xb1", b"' OR 1=1 --", b"=1+1", b"\xf0\x9f\x92\x89" * 50, b"19000230",
    b"99999999999999", b"1.2." * 40, b"=".join([b"^" * 80] * 9), b"0" * 100_000,
)  # fmt: skip


TEXTS = {"DS", "LO", "SH", "UT", "DT", "UI", "CS", "DA", "TM", "IS", "PN", "AS"}


@dataclass(frozen=True)
class Case:
    """One damaged object: from what it was made, how, and its bytes."""

    seed: int
    source: str
    damage: str
    content: bytes

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.source}, {self.damage}"


class Damager:
    """Makes damaged objects from all kinds of real files, where they lie beside us, and from made reports."""

    def __init__(self) -> None:
        self.sources = dict(_sources())
        self.names = sorted(self.sources)

    def case(self, seed: int) -> Case:
        """The damaged object of this seed; objects of neighbouring seeds belong to the same studies."""
        name = Random(seed // 4).choice(self.names)
        content = self.sources[name].copy(seed // 4)
        chance = Random(seed)
        damage, change = chance.choices(DAMAGES, WEIGHTS)[0]
        return Case(seed, name, damage, _with_own_uid(change(content, chance), seed))


def _sources() -> Iterator[tuple[str, Copies]]:
    for path in sorted(DICOM_FOLDER.glob("*.dcm")):
        content = path.read_bytes()
        if len(content) <= LARGEST_SOURCE:
            yield path.name, Copies(content)
    yield "made CT report", Copies(report_file(ct_report({"dlp": 10.0}, {"dlp": 20.0})).getvalue())
    yield "made RF report", Copies(report_file(fluoroscopy_report({}, {}, {})).getvalue())


def _with_own_uid(content: bytes, seed: int) -> bytes:
    """The object under a SOP Instance UID of its own: one that is stored already would not be looked at."""
    at = content.rfind(b"\x08\x00\x18\x00UI", 0, 5000)
    if at < 0:
        return content
    (length,) = struct.unpack_from("<H", content, at + 6)
    uid = b"2.25.%d" % (10**12 + seed)
    return content if length < len(uid) else content[: at + 8] + uid.ljust(length, b"\0") + content[at + 8 + length :]


def _flip(content: bytes, chance: Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 3, 20, 200))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _flip_behind_header(content: bytes, chance: Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        damaged[chance.randrange(min(1000, len(content) // 2), len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _cut(content: bytes, chance: Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _cut_out(content: bytes, chance: Random) -> bytes:
    begin = chance.randrange(len(content))
    return content[:begin] + content[begin + chance.choice((1, 2, 8, 100, 5000)) :]


def _wrong_length(content: bytes, chance: Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 3))):
        holder = chance.choice(HOLDERS_OF_LENGTHS)
        places = _places(content, holder)
        if places:
            at = chance.choice(places) + len(holder)
            size = 4 if len(holder) == 4 else 2
            length = chance.choice((*ODD_LENGTHS, chance.randrange(1 << 16)))
            damaged[at : at + size] = (length % (1 << 8 * size)).to_bytes(size, "little")
    return bytes(damaged)


def _places(content: bytes, wanted: bytes) -> list[int]:
    places, at = [], content.find(wanted)
    while at >= 0:
        places.append(at)
        at = content.find(wanted, at + 1)
    return places


def _odd_text(content: bytes, chance: Random) -> bytes:
    """Values replaced, with their lengths and those of all that holds them put right."""

    def change(dataset: Dataset) -> None:
        leaves = [element for element in dataset.iterall() if element.VR in TEXTS]
        for element in chance.sample(leaves, min(len(leaves), chance.choice((1, 3)))):
            if element.keyword != "SOPInstanceUID":
                element._value = chance.choice(ODD_TEXTS).decode("latin-1")

    return _changed(content, change)


def _items(content: bytes, chance: Random) -> bytes:
    """Items dropped, doubled, moved and put into each other."""

    def change(dataset: Dataset) -> None:
        holders = [one for one in (dataset, *_below(dataset)) if one.get("ContentSequence")]
        for _ in range(chance.choice((1, 2, 5))):
            if holders:
                _change_items(chance.choice(holders).ContentSequence, chance.choice(holders).ContentSequence, chance)

    return _changed(content, change)


def _change_items(items, others, chance: Random) -> None:
    if not items:
        return
    at = chance.randrange(len(items))
    what = chance.choice(("drop", "double", "move", "copy elsewhere"))
    if what == "drop":
        del items[at]
    elif what == "double":
        items.insert(chance.randrange(len(items) + 1), _copy(items[at]))
    elif what == "move":
        item = items[at]
        del items[at]
        items.append(item)
    else:
        others.append(_copy(items[at]))


def _copy(dataset: Dataset) -> Dataset:
    twin = Dataset()
    for element in dataset:
        if element.VR == "SQ":
            twin.add_new(element.tag, "SQ", [_copy(item) for item in element.value])
        else:
            twin[element.tag] = element
    return twin


def _below(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence") or ():
        yield item
        yield from _below(item)


def _changed(content: bytes, change: Callable[[Dataset], None]) -> bytes:
    dataset = dcmread(BytesIO(content))
    change(dataset)
    buffer = BytesIO()
    try:
        dataset.save_as(buffer)
    except Exception:  # what can't be written can't be sent
        return content
    return buffer.getvalue()


def _deep(content: bytes, chance: Random) -> bytes:
    """Containers in containers, after everything else, without an end or with one."""
    levels = chance.choice((50, 99, 101, 400, 5000))
    opening = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff" + ITEM + b"\xff\xff\xff\xff"
    closing = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    at = content.find(b"\x40\x00\x30\xa7SQ")
    content = content[:at] if at >= 0 else content
    return content + opening * levels + (closing * levels if chance.random() < 0.8 else b"")


def _many(content: bytes, chance: Random) -> bytes:
    """More elements, or more items, than anybody needs."""
    number = chance.choice((5_000, 20_000))
    if chance.random() < 0.5:
        tags = ((0x5001 + 2 * (n >> 15), n & 0xFFFF) for n in range(number))
        return content + b"".join(struct.pack("<HH2sH", *tag, b"LO", 0) for tag in tags)
    at = content.find(b"\x40\x00\x30\xa7SQ")
    item = ITEM + struct.pack("<L", 18) + b"\x40\x00\x40\xa0CS\x0a\x00CONTAINER "
    head = content[:at] if at >= 0 else content
    return head + b"\x40\x00\x30\xa7SQ\0\0" + struct.pack("<L", len(item) * number) + item * number


def _pixels(content: bytes, chance: Random) -> bytes:
    """A hundred megabytes of pixels behind everything, promised or there."""
    there = PIXELS if chance.random() < 0.2 else 1000
    return content + struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, PIXELS) + bytes(there)


def _deflated(content: bytes, chance: Random) -> bytes:
    """Deflated, as it should be, with damage in it, or as a bomb."""
    (length,) = struct.unpack_from("<L", content, 140)
    meta, rest = content[: 144 + length], content[144 + length :]
    plain = meta.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    plain = plain[:140] + struct.pack("<L", length + len(plain) - len(meta)) + plain[144:]
    plain = plain.replace(b"UI\x14\x001.2.840.10008.1.2.1.99", b"UI\x16\x001.2.840.10008.1.2.1.99")
    if chance.random() < 0.02:
        rest += bytes(PIXELS * 3)
    packer = zlib.compressobj(wbits=-15)
    deflated = packer.compress(rest) + packer.flush()
    return plain + (_flip(deflated, chance) if chance.random() < 0.5 else deflated)


def _spliced(content: bytes, chance: Random) -> bytes:
    """The same bytes twice over, or a piece of them somewhere else."""
    begin, to = chance.randrange(len(content)), chance.randrange(len(content))
    piece = content[begin : begin + chance.choice((10, 500, 20_000))]
    return content[:to] + piece + content[to:]


DAMAGES: Sequence[tuple[str, Callable[[bytes, Random], bytes]]] = (
    ("bytes changed", _flip),
    ("bytes changed in its content", _flip_behind_header),
    ("cut short", _cut),
    ("bytes cut out", _cut_out),
    ("wrong lengths", _wrong_length),
    ("odd values", _odd_text),
    ("items dropped, doubled, moved", _items),
    ("nested deep", _deep),
    ("too many elements", _many),
    ("pixels", _pixels),
    ("deflated", _deflated),
    ("spliced", _spliced),
)
WEIGHTS = (20, 20, 6, 6, 12, 8, 12, 2, 1, 1, 4, 6)
