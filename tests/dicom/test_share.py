"""How much of what real dose reports say lands in columns, by maker: printed with `pytest -s`."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from app.dicom.content import Item, tree
from app.dicom.identify import STRUCTURED_REPORTS, NotADoseObject, open_object
from app.dicom.objects import read_object
from app.dicom.reader import Reading, walk
from tests.factories import REPORT

PRIVATE = "99"  # how the names of private coding schemes begin
LOWEST_SHARE = 0.97  # of the standard's items


@dataclass
class Share:
    """The items of one maker's reports: how many there are, how many landed, and the paths of those that did not."""

    standard: int = 0
    private: int = 0
    standard_unread: int = 0
    private_unread: int = 0
    paths: set[str] = field(default_factory=set)

    def add(self, written: list[Item], reading: Reading) -> None:
        private = sum(_is_private(item) for item in written)
        own = {str(item.concept) for item in written if _is_private(item)}
        self.private += private
        self.standard += len(written) - private
        for path, values in reading.unread.items():
            count = sum(value != "" for value in values)
            if path.split(" › ")[-1] in own:
                self.private_unread += count
            else:
                self.standard_unread += count
            self.paths.add(path)
        self.standard_unread += len(reading.problems)  # what was told and not stored

    def __str__(self) -> str:
        told = f"{self.standard} standard items, {self.standard - self.standard_unread} landed"
        own = f"; {self.private} private, {self.private - self.private_unread} landed" if self.private else ""
        return told + own + "".join(f"\n    unread: {path}" for path in sorted(self.paths))


def _is_private(item: Item) -> bool:
    return bool(item.concept and item.concept.scheme.startswith(PRIVATE))


def _dose_reports(folder) -> Iterator[tuple[str, list[Item], Reading]]:
    for path in sorted(folder.glob("*.dcm")):
        dataset = open_object(str(path))
        if not str(dataset.SOPClassUID).startswith(STRUCTURED_REPORTS):
            continue
        with suppress(NotADoseObject):
            reading = read_object(dataset, REPORT)
            yield str(dataset.get("Manufacturer") or "no maker"), list(walk(tree(dataset))), reading


@pytest.fixture(scope="module")
def shares(dicom_folder) -> dict[str, Share]:
    """What lands of the dose reports of each maker."""
    found: dict[str, Share] = defaultdict(Share)
    for maker, written, reading in _dose_reports(dicom_folder):
        found[maker.split()[0].lower()].add(written, reading)
    return found


def test_nearly_all_standard_items_of_every_maker_land_in_columns(shares):
    print()
    for maker, share in sorted(shares.items()):
        print(f"{maker}: {share}")
    assert len(shares) >= 5
    low = [maker for maker, share in shares.items() if share.standard_unread > (1 - LOWEST_SHARE) * share.standard]
    assert low == []


def test_private_items_land_too(shares):
    assert {maker for maker, share in shares.items() if share.private_unread} == set()
