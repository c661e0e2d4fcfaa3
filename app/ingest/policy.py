"""What a site wants of objects that come: which devices' are ignored, and which kinds are kept once they were read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

from app.dicom import damage
from app.dicom.header import Header
from app.dicom.reader import IMAGE

RDSR, MG, DX, CTPHIL, NM = KINDS = ("rdsr", "mg", "dx", "ctphil", "nm")
NO_MATCH = "nomatch"  # what says nothing of dose
OF_IMAGES = {"MG": MG, "CT": CTPHIL, "NM": NM, "PT": NM}  # by the modality of the study; others are DX
ATTRIBUTES = {
    "manufacturer": "Manufacturer",
    "model_name": "ManufacturerModelName",
    "station_name": "StationName",
    "software_versions": "SoftwareVersions",
    "serial_number": "DeviceSerialNumber",
}
WORDS = {
    "manufacturer": "maker",
    "model_name": "model",
    "station_name": "station",
    "software_versions": "software",
    "serial_number": "serial number",
}


class Ignored(Exception):
    """The site does not want the object; the sentence says by which rule."""


@dataclass(frozen=True)
class Rule:
    """A device whose objects are ignored: for each that counts a text or a pattern with *, whatever its capitals."""

    manufacturer: str = ""
    model_name: str = ""
    station_name: str = ""
    software_versions: str = ""
    serial_number: str = ""

    def matches(self, device: Mapping[str, str | None]) -> bool:
        """Whether the device is meant; a rule that names nothing means none."""
        asked = list(self._asked())
        return bool(asked) and all(_is_like(pattern, device.get(name) or "") for name, pattern in asked)

    @property
    def words(self) -> str:
        """The rule for people: maker “Acme*”, station “CT 1”."""
        return ", ".join(f"{WORDS[name]} “{pattern}”" for name, pattern in self._asked())

    def _asked(self) -> Iterator[tuple[str, str]]:
        return ((one.name, pattern) for one in fields(self) if (pattern := getattr(self, one.name)))


@dataclass(frozen=True)
class Policy:
    """What becomes of objects."""

    deleted: frozenset[str] = frozenset()  # of KINDS those that are not kept once they were read; NO_MATCH
    rules: tuple[Rule, ...] = ()

    def check(self, header: Header) -> None:
        """Raises Ignored where a rule means the object's device."""
        if not self.rules:
            return
        with damage.reading("Its header"):
            device: dict[str, str | None] = {name: header[keyword].strip() for name, keyword in ATTRIBUTES.items()}
        for rule in self.rules:
            if rule.matches(device):
                raise Ignored(f"Ignored by rule: {rule.words}.")

    def keeps(self, kind: str, modality: object) -> bool:
        """Whether an object of this kind, of a study of this modality, is kept."""
        return (OF_IMAGES.get(str(modality), DX) if kind == IMAGE else RDSR) not in self.deleted


KEEP_ALL = Policy()


def _is_like(pattern: str, text: str) -> bool:
    """Whether the text, or one of its values, is what the pattern says."""
    matches = _compiled(pattern).fullmatch
    return any(matches(" ".join(one.split())) for one in (text, *text.split("\\")))


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = map(re.escape, " ".join(pattern.split()).split("*"))
    return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)
