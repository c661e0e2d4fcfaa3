"""Files that are not made as they should be are read all the same, or refused with a sentence."""

import io
import struct
import time
import zlib

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from app.dicom import file as dicom_file
from app.dicom.content import tree
from app.dicom.damage import Damaged
from app.dicom.file import HEAD
from app.dicom.identify import open_object
from app.dicom.objects import read_object
from tests.conftest import DICOM_FOLDER
from tests.factories import REPORT, ct_report, report_file

EVENTS = ({"dlp": 123.45, "acquisition_protocol": "Thorax"}, {"dlp": 10.5})
CONTENT = Tag("ContentSequence")


@pytest.fixture
def sound() -> Dataset:
    """A made report, as pydicom has it once everything in it was looked at."""
    dataset = dcmread(report_file(ct_report(*EVENTS)))
    list(dataset.iterall())
    return dataset


def in_syntax(dataset: Dataset, syntax: str, **options) -> bytes:
    """The data set as a file of the transfer syntax."""
    dataset.file_meta.TransferSyntaxUID = syntax
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True, **options)
    return buffer.getvalue()


def without_meta(content: bytes) -> bytes:
    """What follows the preamble and the file's meta information."""
    (length,) = struct.unpack_from("<L", content, HEAD + 8)
    return content[HEAD + 12 + length :]


def doses(content: bytes) -> list:
    """The doses of the report's events, and the problems."""
    reading = read_object(open_object(io.BytesIO(content)), REPORT)
    return [row.values.get("dlp") for row in reading.row.parts["ct_event"]] + reading.problems


SYNTAXES = (
    ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian,
)  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_every_transfer_syntax_is_read(sound, syntax):
    assert doses(in_syntax(sound, syntax)) == [123.45, 10.5]


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_sequences_of_undefined_length_are_read(sound, syntax):
    for element in sound.iterall():
        element.is_undefined_length = element.VR == "SQ"
        for item in element.value if element.VR == "SQ" else ():
            item.is_undefined_length_sequence_item = True
    assert doses(in_syntax(sound, syntax)) == [123.45, 10.5]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_data_set_without_preamble_and_meta_information_is_read(sound, syntax):
    assert doses(without_meta(in_syntax(sound, syntax))) == [123.45, 10.5]


def test_a_file_without_preamble_or_without_preamble_and_magic_word_is_read(sound):
    content = in_syntax(sound, ExplicitVRLittleEndian)
    assert doses(content[HEAD - 4 :]) == doses(content[HEAD:]) == [123.45, 10.5]


def test_a_report_said_to_be_compressed_as_images_are_is_read(sound):
    content = in_syntax(sound, ExplicitVRLittleEndian)
    sound.file_meta.TransferSyntaxUID = JPEG2000
    meta = io.BytesIO()
    dcmwrite(meta, sound, implicit_vr=False, little_endian=True)
    assert doses(meta.getvalue()) == doses(content) == [123.45, 10.5]


@pytest.mark.parametrize("claimed", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_a_file_whose_transfer_syntax_is_not_the_one_that_it_names_is_read(sound, claimed):
    content = in_syntax(sound, claimed)
    other = next(one for one in (ImplicitVRLittleEndian, ExplicitVRLittleEndian) if one != claimed)
    wrong = content[: len(content) - len(without_meta(content))] + without_meta(in_syntax(sound, other))
    with pytest.warns(UserWarning, match="Expected .* VR"):
        assert doses(wrong) == [123.45, 10.5]


def test_group_lengths_are_passed_over(sound):
    sound.add_new(0x00080000, "UL", 1234)
    for item in sound.ContentSequence:
        item.add_new(0x00400000, "UL", 99)
    assert doses(in_syntax(sound, ImplicitVRLittleEndian)) == [123.45, 10.5]


def test_elements_of_the_meta_information_inside_the_data_set_are_passed_over(sound):
    content = in_syntax(sound, ExplicitVRLittleEndian)
    meta = b"\x02\x00\x13\x00SH\x04\x00ours"
    behind = len(content) - len(without_meta(content))
    assert doses(content[:behind] + meta + content[behind:]) == [123.45, 10.5]


def test_the_data_set_has_the_say_over_the_objects_uid(sound):
    sound.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    buffer = io.BytesIO()
    dcmwrite(buffer, sound)
    assert open_object(io.BytesIO(buffer.getvalue())).SOPInstanceUID == sound.SOPInstanceUID != "1.2.3.4"


@pytest.mark.parametrize(
    "padding", [b"\0", b"\0" * 512, b"\xfc\xff\xfc\xffOB\0\0\x04\0\0\0\0\0\0\0"], ids=["1", "512", "FFFC"]
)
def test_what_pads_the_file_changes_nothing(sound, padding):
    assert doses(in_syntax(sound, ExplicitVRLittleEndian) + padding) == [123.45, 10.5]


def test_known_attributes_under_the_unknown_value_representation_are_read(sound):
    content = in_syntax(sound, ExplicitVRLittleEndian)
    for keyword, kind in (("StudyInstanceUID", b"UI"), ("StudyDate", b"DA")):
        tag = struct.pack("<HH", Tag(keyword).group, Tag(keyword).element)
        at = content.index(tag + kind) + 4
        (length,) = struct.unpack_from("<H", content, at + 2)
        content = content[:at] + b"UN\0\0" + struct.pack("<L", length) + content[at + 4 :]
    assert doses(content) == [123.45, 10.5]
    assert open_object(io.BytesIO(content)).StudyInstanceUID == sound.StudyInstanceUID


@pytest.mark.parametrize("is_implicit", [True, False], ids=["implicit", "explicit"])
def test_content_under_the_unknown_value_representation_is_read(sound, is_implicit):
    # The standard has the items of such a sequence in implicit VR; some writers leave them as they were.
    source = dcmread(io.BytesIO(in_syntax(sound, ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian)))
    value = source.get_item(CONTENT).value
    del sound[CONTENT]
    sound[CONTENT] = RawDataElement(CONTENT, "UN", len(value), value, 0, False, True)
    assert doses(in_syntax(sound, ExplicitVRLittleEndian))[:2] == [123.45, 10.5]


def test_empty_sequences_and_values_of_odd_length_are_read(sound):
    content = in_syntax(sound, ExplicitVRLittleEndian)
    odd = content.replace(b"SH\x04\x00DCM ", b"SH\x03\x00DCM")
    assert len(odd) < len(content)
    with pytest.raises(Damaged):  # its sequences have become longer than they say
        doses(odd)
    for element in sound.iterall():
        element.is_undefined_length = element.VR == "SQ"
        for item in element.value if element.VR == "SQ" else ():
            item.is_undefined_length_sequence_item = True
    odd = in_syntax(sound, ExplicitVRLittleEndian).replace(b"SH\x04\x00DCM ", b"SH\x03\x00DCM")
    assert doses(odd) == [123.45, 10.5]


@pytest.mark.parametrize(
    "content", [b"", b"DICM", b"<html>", b"\0" * 5000, b"PK\x03\x04", b"\x08\x00" * 80, b"DICM" * 99]
)
def test_what_is_not_dicom_is_refused_with_a_sentence(content):
    with pytest.raises(Damaged, match="It "):
        open_object(io.BytesIO(content))


def test_a_deflated_bomb_is_inflated_only_so_far(sound):
    content = in_syntax(sound, DeflatedExplicitVRLittleEndian)
    plain = without_meta(in_syntax(sound, ExplicitVRLittleEndian))
    sound.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    bomb = zlib.compressobj(9, wbits=-15)
    huge = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 1 << 30)
    deflated = bomb.compress(plain + huge) + b"".join(bomb.compress(bytes(1 << 20)) for _ in range(300)) + bomb.flush()
    begun = time.perf_counter()
    assert doses(content[: len(content) - len(without_meta(content))] + deflated) == [123.45, 10.5]
    assert time.perf_counter() - begun < 5


def test_deflated_bytes_that_are_damaged_are_refused(sound):
    content = bytearray(in_syntax(sound, DeflatedExplicitVRLittleEndian))
    content[-200:-100] = bytes(100)
    with pytest.raises(Damaged):
        doses(bytes(content))


def test_what_ends_a_data_set_in_its_middle_does_not_hide_the_rest(sound):
    # pydicom takes an item's end for the end of the data set, and says nothing of what follows.
    content = in_syntax(sound, ExplicitVRLittleEndian)
    at = content.index(b"\x40\x00\x43\xa0SQ")
    with pytest.raises(Damaged, match="ends in its middle"):
        open_object(io.BytesIO(content[:at] + b"\xfe\xff\x0d\xe0\0\0\0\0" + content[at:]))


def test_a_length_of_gigabytes_takes_no_memory(sound, monkeypatch):
    monkeypatch.setattr(dicom_file, "SMALL", 0)  # as if the file were a large one, which is not read at once
    content = bytearray(in_syntax(sound, ExplicitVRLittleEndian))
    at = content.index(b"\x40\x00\x30\xa7SQ") + 8
    content[at : at + 4] = b"\xf0\xff\xff\xff"
    with pytest.raises(Damaged):
        open_object(io.BytesIO(bytes(content)))


@pytest.mark.parametrize("name", sorted(path.name for path in DICOM_FOLDER.glob("*.dcm")))
def test_real_files_are_read_as_pydicom_reads_them(name):
    ours, theirs = open_object(DICOM_FOLDER / name), dcmread(DICOM_FOLDER / name, stop_before_pixels=True)
    assert list(ours.keys()) == list(theirs.keys())
    assert tree(ours) == tree(theirs)
    assert ours == theirs


def test_zeros_behind_the_data_set_are_not_read_one_by_one(sound):
    content = in_syntax(sound, ExplicitVRLittleEndian)
    begun = time.perf_counter()
    assert doses(content + bytes(20 << 20)) == [123.45, 10.5]
    assert time.perf_counter() - begun < 3
    with pytest.raises(Damaged):
        doses(content + bytes(100) + b"\x08\x00\x05\x00CS\x04\x00more")


def test_attributes_without_number_are_refused(sound):
    elements = b"".join(struct.pack("<HH2sH", 0x5001 + 2 * (n >> 15), n & 0x7FFF, b"LO", 0) for n in range(100_001))
    with pytest.raises(Damaged, match="more attributes than any object"):
        open_object(io.BytesIO(in_syntax(sound, ExplicitVRLittleEndian) + elements))


def test_items_without_number_are_refused(sound):
    content = without_meta(in_syntax(sound, ExplicitVRLittleEndian))
    items = b"\xfe\xff\x00\xe0\x00\x00\x00\x00" * 400_001
    head = content[: content.index(b"\x40\x00\x30\xa7SQ")]
    with pytest.raises(Damaged, match="larger than any report"):
        doses(head + b"\x40\x00\x30\xa7SQ\0\0" + struct.pack("<L", len(items)) + items)
