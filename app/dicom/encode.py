"""From a content tree to bytes in explicit little endian: the opposite of `content`.

pydicom would need twenty times as long for the same bytes, which the tests hold these against.
"""

from collections.abc import Mapping
from functools import cache
from struct import pack
from typing import NamedTuple

from pydicom.datadict import dictionary_VR
from pydicom.tag import Tag
from pydicom.uid import SecondaryCaptureImageStorage, XRayAngiographicImageStorage

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.relationships import relationship

VALUE_ATTRIBUTES = {"TEXT": "TextValue", "PNAME": "PersonName", "UIDREF": "UID", "DATETIME": "DateTime"}
IMAGE_CLASSES = {"121342": SecondaryCaptureImageStorage}
LONG_LENGTH = {"SQ", "UC", "UT"}  # value representations with a length of four bytes
SHORT_CODE = 16  # characters that a code value may have; longer ones have an attribute of their own
MEANING = 64  # characters that a code meaning may have


class Encoder:
    """Encodes content items in one character set."""

    def __init__(self, encoding: str):
        self.encoding = encoding
        self.code = cache(self._code)  # the same few hundred codes are half of every report

    def attributes(self, item: Item) -> dict[str, bytes]:
        """The item's attributes by keyword, its children among them."""
        found = {"ValueType": item.value_type.encode(), "ConceptNameCodeSequence": self._concept(item.concept)}
        found |= self._value(item)
        if item.children:
            found["ContentSequence"] = b"".join(self._child(item, child) for child in item.children)
        return found

    def _child(self, parent: Item, child: Item) -> bytes:
        kind = relationship(parent.concept, child.concept)
        return sequence_item({"RelationshipType": kind.encode()} | self.attributes(child))

    def _value(self, item: Item) -> dict[str, bytes]:
        if item.value_type == "CONTAINER":
            return {"ContinuityOfContent": b"SEPARATE"}
        if item.value_type == "NUM":
            return {"MeasuredValueSequence": self._measured(item)}
        if item.value_type == "CODE":
            return {"ConceptCodeSequence": self._concept(item.value if isinstance(item.value, Concept) else None)}
        if item.value_type == "IMAGE":
            return {"ReferencedSOPSequence": _image(item)}
        return {VALUE_ATTRIBUTES[item.value_type]: str(item.value or "").encode(self.encoding)}

    def _measured(self, item: Item) -> bytes:
        if item.value is None:
            return b""
        unit = self.code(item.unit, "UCUM", item.unit)
        return sequence_item({"MeasurementUnitsCodeSequence": unit, "NumericValue": str(item.value).encode()})

    def _concept(self, concept: Concept | None) -> bytes:
        return self.code(concept.value, concept.scheme, concept.meaning) if concept else b""

    def _code(self, value: str, scheme: str, meaning: str) -> bytes:
        return sequence_item({
            "CodeValue" if len(value) <= SHORT_CODE else "LongCodeValue": value.encode(self.encoding),
            "CodingSchemeDesignator": scheme.encode(self.encoding),
            "CodeMeaning": (meaning or value)[:MEANING].encode(self.encoding),
        })  # fmt: skip


def _image(item: Item) -> bytes:
    sop_class = IMAGE_CLASSES.get(item.concept.value if item.concept else "", XRayAngiographicImageStorage)
    return sequence_item({
        "ReferencedSOPClassUID": sop_class.encode(), "ReferencedSOPInstanceUID": str(item.value).encode()
    })  # fmt: skip


def sequence_item(attributes: Mapping[str, bytes]) -> bytes:
    """One item of a sequence, its attributes in the order of their tags."""
    content = b"".join(_element(keyword, attributes[keyword]) for keyword in sorted(attributes, key=_place))
    return pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


def padded(keyword: str, value: bytes) -> bytes:
    """The attribute's value with an even number of bytes."""
    return value + _form(keyword).padding if len(value) % 2 else value


def _element(keyword: str, value: bytes) -> bytes:
    form, value = _form(keyword), padded(keyword, value)
    return form.head + pack(form.length, len(value)) + value


class Form(NamedTuple):
    """How an attribute is written: what stands before the length of its value, the length, what makes it even."""

    head: bytes
    length: str
    padding: bytes


@cache
def _form(keyword: str) -> Form:
    tag, vr = Tag(keyword), dictionary_VR(keyword)
    head, padding = pack("<HH", tag.group, tag.element) + vr.encode(), b"\0" if vr == "UI" else b" "
    return Form(head + b"\0\0", "<L", padding) if vr in LONG_LENGTH else Form(head, "<H", padding)


@cache
def _place(keyword: str) -> int:
    """The attribute's place among others."""
    return int(Tag(keyword))
