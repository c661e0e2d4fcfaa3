"""The fast way to read a content tree, with pydicom as its judge."""

import io
import random

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from app.dicom import elements
from app.dicom.content import tree
from app.dicom.elements import Unsure, parse
from tests.conftest import DICOM_FOLDER

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
    contents = [(dicom_folder / name).read_bytes() for name in REPORTS if "RF-RDSR-Siemens" in name or "CT-" in name]
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
