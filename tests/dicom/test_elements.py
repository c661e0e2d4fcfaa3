"""The fast way to read a content tree, with pydicom as its judge."""

import io
import random
import struct

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from app.dicom import elements
from app.dicom.content import tree
from app.dicom.damage import Damaged
from app.dicom.elements import DISORDER, DOUBT, STRANGER, UNENDED, Unsure, parse
from app.dicom.identify import NotADoseObject, open_object
from app.dicom.objects import read_object
from app.dicom.reader import walk
from tests.conftest import DICOM_FOLDER
from tests.factories import REPORT

REPORTS = sorted(path.name for path in DICOM_FOLDER.glob("*SR*.dcm"))


@pytest.fixture
def judged(monkeypatch):
    """Gives the tree of a file's bytes as we read it, and as pydicom alone understands it."""

    def judge(content: bytes):
        fast = tree(dcmread(io.BytesIO(content)))
        with monkeypatch.context() as patch:
            patch.setattr(elements, "parse", _unsure)
            return fast, tree(dcmread(io.BytesIO(content)))

    return judge


def _unsure(*_, **__):
    raise Unsure


@pytest.mark.parametrize("name", REPORTS)
def test_real_reports_read_the_same_both_ways(judged, name):
    fast, slow = judged((DICOM_FOLDER / name).read_bytes())
    assert fast == slow


def test_damaged_reports_read_the_same_both_ways_or_not_at_all(judged, dicom_folder):
    # What the fast way understands otherwise than pydicom would be a wrong dose.
    chance = random.Random(4)
    contents = [(dicom_folder / name).read_bytes() for name in REPORTS]
    contents = [content for content in contents if 2500 < len(content) < 50_000]  # the fuzz run compares the others too
    compared = 0
    for _ in range(300):
        content = bytearray(chance.choice(contents))
        for _ in range(chance.choice((1, 2, 8))):
            content[chance.randrange(2000, len(content))] = chance.randrange(256)
        try:
            fast, slow = judged(bytes(content))
        except Exception:  # either way may find the file unreadable; the importer's tests are about that
            continue
        assert fast == slow
        compared += 1
    assert compared > 30


@pytest.mark.parametrize(
    "value",
    [
        b"\xfe\xff\x00\xe0\x40\x00\x00\x00",  # an item that promises more than there is
        b"\xfe\xff\x00\xe0\x08\x00\x00\x00\x40\x00\x40\xa0??\x00\x00",  # an unknown value representation
        b"\x08\x00\x05\x00CS\x00\x00",  # an element where an item belongs
        b"\xfe\xff\x00\xe0\x03\x00\x00\x00abc",  # an item too short to hold an element
    ],
)
def test_bytes_that_are_odd_are_left_to_pydicom(value):
    with pytest.raises(Unsure):
        parse(value, implicit=False)


def test_sequences_nested_without_end_are_left_to_pydicom():
    opening = b"\xfe\xff\x00\xe0\xff\xff\xff\xff\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff"
    with pytest.raises(Unsure, match="too deep"):
        parse(opening * 5000, implicit=False)


def test_a_sequence_without_items_has_none():
    assert parse(b"", implicit=False) == []


def test_values_that_pydicom_has_turned_into_objects_read_as_they_were_written():
    dataset = Dataset()
    dataset.ValueType = "TEXT"
    dataset.PersonName = "Curie^Marie"
    found = elements.from_dataset(dataset)
    assert found == {0x0040A040: b"TEXT", 0x0040A123: b"Curie^Marie"}


ITEM_OF_TEXT = (
    b"\x40\x00\x10\xa0CS\x08\x00CONTAINS\x40\x00\x40\xa0CS\x04\x00TEXT\x40\x00\x43\xa0SQ\x00\x00\x00\x00\x00\x00"
    b"\x40\x00\x60\xa1UT\x00\x00\x04\x00\x00\x00text"
)


def sequence(item: bytes, length: int | None = None) -> bytes:
    """The item, with its length unless another is told, as the value of a sequence."""
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(item) if length is None else length) + item


def doubt_of(value: bytes) -> bytes | None:
    """What the fast way finds doubtful in the first item of the sequence."""
    return parse(value, implicit=False)[0].get(DOUBT)


def test_a_sound_item_is_not_doubted():
    assert doubt_of(sequence(ITEM_OF_TEXT)) is None
    private = b"\x41\x00\x10\x00LO\x04\x00ours\x41\x00\x01\x10LO\x04\x00more"
    assert doubt_of(sequence(ITEM_OF_TEXT + private)) is None


@pytest.mark.parametrize(
    ("value", "doubt"),
    [
        (sequence(ITEM_OF_TEXT + ITEM_OF_TEXT[-16:]), DISORDER),  # the same attribute twice
        (sequence(ITEM_OF_TEXT.replace(b"\x60\xa1UT", b"\x60\x00UT")), DISORDER),
        (sequence(ITEM_OF_TEXT.replace(b"\x60\xa1UT", b"\x64\xa1UT")), STRANGER),
        (sequence(ITEM_OF_TEXT.replace(b"\x40\x00\x60\xa1", b"\x41\x00\x60\xa1")), STRANGER),  # private, of nobody
        (sequence(ITEM_OF_TEXT + sequence(b"")), STRANGER),  # an item that swallowed the next one
        (sequence(ITEM_OF_TEXT + b"\xfe\xff\x0d\xe0\x00\x00\x00\x00"), UNENDED),
        (sequence(ITEM_OF_TEXT, length=0xFFFFFFFF), UNENDED),
    ],
)
def test_what_no_device_writes_makes_an_item_doubtful(value, doubt):
    # One changed byte turns an attribute into another, or lets an item swallow the next: 1.6 % of such changes lost
    # items in silence.
    assert doubt_of(value) == doubt


def test_one_changed_byte_hides_no_item_in_silence(dicom_folder):
    chance = random.Random(7)
    sound = {name: (dicom_folder / name).read_bytes() for name in REPORTS if "SR-Siemens" in name and "RR" not in name}
    sound = {name: (content, _items_and_problems(content)) for name, content in sound.items()}
    silent = 0
    for _ in range(400):
        content, (items, problems) = sound[chance.choice(list(sound))]
        damaged = bytearray(content)
        damaged[chance.randrange(1500, len(damaged))] = chance.randrange(256)
        try:
            found = _items_and_problems(bytes(damaged))
        except (Damaged, NotADoseObject):
            continue
        silent += found[0] < items and found[1] <= problems
    assert not silent


def _items_and_problems(content: bytes) -> tuple[int, int]:
    """How many items are written in the report, which quirks may add to, and how many problems it has."""
    dataset = open_object(io.BytesIO(content))
    problems = read_object(dataset, REPORT).problems
    return sum(1 for _ in walk(tree(dataset))), len(problems)


@pytest.mark.parametrize("name", REPORTS)
def test_no_real_report_is_doubted(name):
    try:
        reading = read_object(open_object(str(DICOM_FOLDER / name)), REPORT)
    except NotADoseObject:
        return
    assert not reading.doubts
