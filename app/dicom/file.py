"""From a file's bytes to a data set: what files do otherwise than they should, and how much of them is read.

pydicom reads. Here stand the bounds (pixels are not read, a deflated file does not fill the memory) and the one thing
that is read differently: pydicom builds objects for the items of a sequence of undefined length at once. The content
of a report keeps its bytes instead, as it does where its length is defined, for `elements.parse`.
"""

import struct
import zlib
from io import BytesIO
from os import SEEK_END
from typing import BinaryIO

from pydicom import FileDataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset, read_partial
from pydicom.tag import BaseTag, Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from app.dicom.damage import Damaged
from app.dicom.elements import CONTENT, DELIMITER_LENGTH, UNDEFINED, Unsure, end_of_items

PREAMBLE, MAGIC = 128, b"DICM"  # bytes before the magic word
HEAD = PREAMBLE + len(MAGIC)
FIRST_GROUPS = {b"\x02\x00", b"\x08\x00", b"\x00\x08"}  # of a data set without a preamble; the last is big endian
DEFLATED = DeflatedExplicitVRLittleEndian.encode()
META_BYTES = 4096  # among which a transfer syntax stands
PIXELS = {int(Tag(keyword)) for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")}
SMALL = 32 << 20  # bytes that are read at once: what a length field promises is then never more than there is
MOST_ELEMENTS = 100_000  # beside each other; real objects have hundreds
LARGEST_INFLATED = 48 << 20  # bytes; the largest report has one million, and of images only the header is wanted
UNDEFLATED = ExplicitVRLittleEndian.encode().ljust(len(DEFLATED), b"\0")
PIXEL_TAGS, CONTENT_TAGS = (
    {struct.pack(order, tag >> 16, tag & 0xFFFF) for tag in tags for order in ("<HH", ">HH")}
    for tags in (PIXELS, {CONTENT})
)
CONTENT_EXPLICIT = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff"  # its header where its length is not defined
CONTENT_IMPLICIT = b"\x40\x00\x30\xa7\xff\xff\xff\xff"


def data_set(file: BinaryIO) -> FileDataset:
    """The file's data set without its pixels. Raises Damaged where it is none; pydicom may find more that is wrong."""
    file = _whole(file)
    head = file.read(META_BYTES)
    file.seek(0)
    if DEFLATED in head and head[PREAMBLE:HEAD] == MAGIC:
        file = _inflated(file)
    return _with_content(read_partial(file, stop_when=_Enough(), force=True), file)


def _whole(file: BinaryIO) -> BinaryIO:
    """The file, in memory where it is small. Raises Damaged where it does not begin as DICOM does."""
    size = file.seek(0, SEEK_END)
    if not size:
        raise Damaged("It is empty.")
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if head.startswith(MAGIC):  # some writers leave out the preamble, but not the word behind it
        return BytesIO(bytes(PREAMBLE) + file.read(SMALL))
    if head[PREAMBLE:] != MAGIC and head[:2] not in FIRST_GROUPS:
        raise Damaged("It is not a DICOM file.")
    return BytesIO(file.read()) if size <= SMALL else file


def _inflated(file: BinaryIO) -> BinaryIO:
    """The deflated file as one that is not, up to the size that is read at all; any other file as it is."""
    file.seek(HEAD)
    meta = FileMetaDataset(read_dataset(file, False, True, stop_when=_is_behind_meta))
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        file.seek(0)
        return file
    behind = file.tell()
    inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(LARGEST_INFLATED), LARGEST_INFLATED)
    file.seek(0)
    return BytesIO(file.read(behind).replace(DEFLATED, UNDEFLATED) + inflated)


def _is_behind_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag >> 16 != 2


class _Enough:
    """Stops before pixels, before content of undefined length, and before the zeros that pad a file."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, tag: BaseTag, _vr: str | None, length: int) -> bool:
        self.read += 1
        if self.read > MOST_ELEMENTS:
            raise Damaged("It has more attributes than any object; it is damaged.")
        return tag in PIXELS or tag == 0 or (tag == CONTENT and length == UNDEFINED)


def _is_more_than_padding(file: BinaryIO) -> bool:
    """Whether anything but zeros follows."""
    return any(piece.strip(b"\0") for piece in iter(lambda: file.read(1 << 20), b""))


def _with_content(dataset: FileDataset, file: BinaryIO) -> FileDataset:
    """The data set with the content of undefined length before which its reading stopped, and what follows that."""
    begin = file.tell()
    rest = file.read(4)
    if not rest or rest in PIXEL_TAGS or not (rest.strip(b"\0") or _is_more_than_padding(file)):
        return dataset
    if rest not in CONTENT_TAGS:
        raise Damaged("It ends in its middle; send it again.")
    rest += file.read(LARGEST_INFLATED)
    header = next((known for known in (CONTENT_EXPLICIT, CONTENT_IMPLICIT) if rest.startswith(known)), b"")
    try:  # big endian gives no items here
        end = end_of_items(rest, len(header), implicit=header == CONTENT_IMPLICIT)
    except Unsure:
        file.seek(0)
        return dcmread(file, stop_before_pixels=True, force=True)
    value = rest[len(header) : end - DELIMITER_LENGTH]
    is_implicit = header == CONTENT_IMPLICIT
    dataset[CONTENT] = RawDataElement(BaseTag(CONTENT), "SQ", UNDEFINED, value, begin, is_implicit, True)
    dataset.update(read_dataset(BytesIO(rest[end:]), is_implicit, True, stop_when=_Enough()))
    return dataset
