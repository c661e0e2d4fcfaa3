"""Made reports: what the project's own writer makes of rows, changed the way that some device would, and imported."""

from collections.abc import Callable, Iterator
from io import BytesIO

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from app.dicom.concept import Concept
from app.dicom.content import Item
from app.dicom.dialects import CURRENT, Dialect
from app.dicom.document import document, to_bytes
from app.dicom.layout import Row
from app.dicom.reader import walk
from app.dicom.writer import content
from app.extensions import db
from app.ingest.receive import Outcome, receive
from app.queries.study import everything
from tests.factories import fluoroscopy_report, header

MAMMOGRAPHY = Concept("71651007", "SCT", "Mammography")
STATIONARY = {"irradiation_event_type": Concept("113611", "DCM", "Stationary Acquisition")}
Change = Callable[[Dataset], None]


def made(root: Row | Item, dialect: Dialect = CURRENT, change: Change = lambda dataset: None, **attributes) -> BytesIO:
    """The report, or the tree, as a DICOM file; `change` may spoil its data set first."""
    tree = content(root, dialect) if isinstance(root, Row) else root
    dataset = document(tree, header() | attributes, dialect)
    change(dataset)
    return BytesIO(to_bytes(dataset))


def mammography_report(*events: dict, **values) -> Row:
    """A mammography report with these events, each by its columns."""
    return fluoroscopy_report(*[STATIONARY | event for event in events], procedure_reported=MAMMOGRAPHY, **values)


def changed(report: Row, dialect: Dialect = CURRENT) -> Item:
    """The report's content, to be spoiled."""
    return content(report, dialect)


def find(root: Item, value: str) -> Item:
    """The first item of this code below the root."""
    return next(item for item in walk(root) if item.concept and item.concept.value == value)


def drop(root: Item, *values: str) -> Item:
    """The tree without the items of these codes."""
    for item in walk(root):
        item.children = [child for child in item.children if not (child.concept and child.concept.value in values)]
    return root


def add(parent: Item, value: str, kind: str, told: str | Concept | None, unit: str = "", scheme: str = "DCM") -> Item:
    """A new item below the parent."""
    item = Item(Concept(value, scheme, value), kind, told, unit)
    parent.children.append(item)
    return item


def raw(dataset: Dataset, keyword: str, value: bytes) -> None:
    """Put these bytes into the attribute, whatever its value representation allows."""
    dataset[keyword] = RawDataElement(
        Tag(keyword), dictionary_VR(keyword), len(value), value, 0, is_implicit_VR=False, is_little_endian=True
    )


def in_report(dataset: Dataset, value: str) -> Dataset:
    """The content item of this code, as pydicom sees it."""
    return next(item for item in _items(dataset) if item.ConceptNameCodeSequence[0].CodeValue == value)


def _items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence") or ():
        yield item
        yield from _items(item)


class Imported:
    """What became of a file: the outcome, and what is stored of its study as plain values by name."""

    def __init__(self, file: BytesIO):
        self.outcome: Outcome = receive(file)
        db.session.rollback()  # what it has read before is not what is stored now
        uid = self.outcome.study_instance_uid
        told = everything(uid) if uid and self.outcome.result == "imported" else None
        self.told: dict = plain(told or {})

    @property
    def events(self) -> list[dict]:
        """The study's events."""
        return self.told["ct_events"] + self.told["projection_events"]

    @property
    def event(self) -> dict:
        """The study's first event."""
        return self.events[0]

    @property
    def study(self) -> dict:
        """The study."""
        return self.told["study"]

    @property
    def report(self) -> dict:
        """The first report of the study."""
        return self.told["reports"][0]

    @property
    def messages(self) -> list[str]:
        """What the problems say."""
        return [problem["message"] for problem in self.outcome.problems]


def plain(entry):
    """The entry of `flask show --json` without titles and units; codes as their value."""
    if isinstance(entry, list):
        return [plain(one) for one in entry]
    if not isinstance(entry, dict):
        return entry
    if "title" in entry and "value" in entry:
        return [code.split()[0] for code in _list(entry["code"])] if _is_codes(entry) else _value(entry)
    if entry.keys() >= {"rows"}:
        return plain(entry["rows"])
    return {name: plain(one) for name, one in entry.items()}


def _value(entry: dict):
    return entry["code"].split()[0] if "code" in entry else entry["value"]


def _is_codes(entry: dict) -> bool:
    return isinstance(entry.get("code"), list)


def _list(value) -> Iterator[str]:
    return iter(value if isinstance(value, list) else [value])
