"""The content tree out of a data set: decoded whatever it says, whole whatever is missing."""

from functools import cache
from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.dicom.characters import declared_encodings, decode
from app.dicom.content import Item, tree
from app.dicom.damage import Damaged, reading
from app.dicom.document import to_bytes
from app.dicom.encode import sequence_item
from app.dicom.reader import read, walk
from tests.factories import REPORT, ct_report, report_file

CHARACTER_SETS = {
    "declared UTF-8": ("Größe 胸 грудь صدر".encode(), ("utf8",), "Größe 胸 грудь صدر"),
    "declared Latin-1": ("Teilkörper früh".encode("latin-1"), ("latin_1",), "Teilkörper früh"),
    "declared Cyrillic": ("грудь".encode("iso8859_5"), ("iso8859_5",), "грудь"),
    "declared GB18030": ("胸部".encode("gb18030"), ("gb18030",), "胸部"),
    "declared Japanese": ("胸部".encode("iso2022_jp"), ("iso8859", "iso2022_jp"), "胸部"),
    "UTF-8 under Latin-1": ("testæøå".encode(), ("latin_1",), "testæøå"),
    "Latin-1 undeclared": (b"M\xfcller", ("latin-1",), "Müller"),
    "Latin-1 under UTF-8": (b"M\xfcller \xb0", ("utf8",), "Müller °"),
    "Latin-1 under Japanese": (b"\xb0", ("iso8859", "iso2022_jp"), "°"),
    "GB18030 that looks like UTF-8": ("联通".encode("gb18030"), ("gb18030",), "联通"),
    "UTF-8 under GB18030": ("胸部检查x".encode(), ("gb18030",), "胸部检查x"),
    "Windows under Latin-1": (b"patient\x92s", ("latin_1",), "patient’s"),
    "a degree sign among Japanese": (b"\x1b$B;3ED\x1b(B 5\xb0", ("iso8859", "iso2022_jp"), "山田 5°"),
    "switching undeclared": (b"\x1b$B;3ED\x1b(B M\xfcller", ("latin_1",), ";3ED Müller"),
    "a switch to nothing": (b"a\x1b", ("latin_1",), "a"),
    "control characters": (b"a\x07b\r\nc\td\x1fe", ("utf8",), "ab\r\nc\tde"),
    "padded": (b"text \0\0", ("latin-1",), "text"),
    "NUL inside": (b"a\0b", ("utf8",), "ab"),
}


@pytest.mark.parametrize(("written", "encodings", "text"), CHARACTER_SETS.values(), ids=CHARACTER_SETS)
def test_text_decodes_whatever_is_declared(written, encodings, text):
    assert decode(written, encodings) == text


@given(
    st.binary(max_size=60),
    st.lists(st.sampled_from(["utf8", "latin_1", "iso2022_jp", "gb18030", "euc_kr", "no such"]), min_size=1),
)
def test_no_bytes_at_all_make_decoding_raise(written, encodings):
    decoded = decode(written, tuple(encodings))
    assert "\0" not in decoded
    decoded.encode()  # a lone surrogate could not be stored


@pytest.mark.parametrize(
    "declared",
    [
        "", "ISO_IR 192", "ISO_IR 100", "\\ISO 2022 IR 87", "UTF-8", "NONSENSE", "ISO_IR 192\\ISO_IR 100", "UTF8",
        "ISO IR 192", "ISO_IR192", "latin1",
    ],
)  # fmt: skip
def test_a_report_is_read_whatever_character_set_it_declares(declared):
    dataset = dcmread(report_file(ct_report({"acquisition_protocol": "Thoräx"})))
    dataset.SpecificCharacterSet = declared.split("\\")
    reading = read(tree(dataset), REPORT)
    assert reading.row.parts["ct_event"][0].values["acquisition_protocol"] == "Thoräx"


@pytest.mark.parametrize("declared", ["ISO_IR100", "ISO IR 144", "ISO-8859-5", "iso_ir 144", "windows-1251", "CP1252"])
def test_a_misspelt_character_set_is_the_one_that_is_meant(declared):
    dataset = Dataset()
    dataset.SpecificCharacterSet = declared
    (encoding,) = declared_encodings(dataset)
    text = "früh" if "1252" in declared or "100" in declared else "грудь"
    assert decode(text.encode(encoding), (encoding,)) == text


@cache
def without_content() -> bytes:
    """A report as a file that ends where its content would begin."""
    dataset = dcmread(report_file(ct_report({})))
    del dataset.ContentSequence
    return to_bytes(dataset)


def with_content(*items: bytes) -> Item:
    """The tree of a report with these encoded items, after it was a file."""
    content = b"".join(items)
    element = b"\x40\x00\x30\xa7SQ\0\0" + pack("<L", len(content)) + content
    return tree(dcmread(BytesIO(without_content() + element)))


def test_a_tree_sixty_levels_deep_is_read():
    item = sequence_item({"ValueType": b"TEXT", "TextValue": b"bottom"})
    for _ in range(60):
        item = sequence_item({"ValueType": b"CONTAINER", "ContentSequence": item})
    assert [one.value for one in walk(with_content(item))][-1] == "bottom"


@pytest.mark.parametrize(
    "tag", ["ConceptNameCodeSequence", "ConceptCodeSequence", "ContentSequence", "MeasuredValueSequence"]
)
@pytest.mark.parametrize("vr", ["LO", "US", "DS", "UI", "FD", "AT"])
@pytest.mark.parametrize("value_type", [b"NUM", b"CODE", b"CONTAINER"])
def test_a_report_with_a_sequence_that_is_not_one_is_refused(tag, vr, value_type):
    # It might hold events: a study without them would have a dose that is too low and looks right.
    tag = Tag(tag)
    damaged = pack("<HH", tag.group, tag.element) + vr.encode() + pack("<H", 3) + b"odd"
    broken = sequence_item({"ValueType": value_type})
    broken = broken[:4] + pack("<L", len(broken) - 8 + len(damaged)) + broken[8:] + damaged
    sound = sequence_item({"ValueType": b"TEXT", "TextValue": b"read"})
    with pytest.raises(Damaged), reading("Its content"):
        with_content(broken, sound)
