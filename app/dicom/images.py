"""Images, and other objects without a content tree: their header says what the exposure was and what dose it gave."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.uid import UID

from app.dicom.damage import reading
from app.dicom.header import Header
from app.dicom.identify import NotADoseObject
from app.dicom.layout import Layout, Row
from app.dicom.reader import IMAGE, Problem, Reading
from app.dicom.unread import unread

DOSES = (
    "OrganDose", "EntranceDoseInmGy", "EntranceDose", "ImageAndFluoroscopyAreaDoseProduct",
    "AcquiredImageAreaDoseProduct",
)  # fmt: skip
EXPOSURES = (
    "KVP", "Exposure", "ExposureInuAs", "ExposureInmAs", "XRayTubeCurrent", "XRayTubeCurrentInuA",
    "XRayTubeCurrentInmA",
)  # fmt: skip
PROJECTION = {"MG", "DX", "CR", "PX", "IO", "XA", "RF"}  # modalities whose images are of one projection exposure each


@dataclass
class Image:
    """An image on its way to a reading."""

    header: Header
    layout: Layout
    problems: list[Problem] = field(default_factory=list)

    def rows(self, table: str) -> list[Row]:
        """The header's rows of the table."""
        rows, problems = self.header.rows(self.layout.parts_by_name[table].layout)
        self.problems += problems
        return rows


@dataclass(frozen=True)
class Kind:
    """One kind of object: what its header must have, and what is read from it."""

    name: str
    belongs: Callable[[str, str], bool]  # whether SOP class and modality are of the kind
    needs: tuple[str, ...]  # one of these attributes, with a value
    read: Callable[[Image], dict[str, list[Row]]]


def read_image(dataset: Dataset, layout: Layout) -> Reading:
    """What the image's header says. Raises NotADoseObject, with the reason, where that is nothing about dose."""
    with reading("Its header"):
        header = Header(dataset)
        refusal, kind = _kind(header)
    if kind is None:
        raise NotADoseObject(refusal)
    with reading("Its header"):
        image = Image(header, layout)
        parts = {table: rows for table, rows in kind.read(image).items() if rows}
        row = Row(layout, {"modality": header["Modality"].upper()}, parts)
        return Reading(row, image.problems, unread(header), len(header.taken), IMAGE)


def _kind(header: Header) -> tuple[str, Kind | None]:
    """The object's kind; where it has none that we read, the reason."""
    sop_class, modality = header["SOPClassUID"], header["Modality"].upper()
    kind = next((kind for kind in KINDS if kind.belongs(sop_class, modality)), None)
    if kind is None:
        return f"It is a {UID(sop_class).name} object; only dose reports and X-ray images are read.", None
    if not any(_has(header, keyword) for keyword in kind.needs):
        return f"It is {kind.name} whose header says nothing about dose.", None
    return "", kind


def _has(header: Header, keyword: str) -> bool:
    return bool(header.at(keyword).strip("0. \\") or header.items(keyword))


def projection(image: Image) -> dict[str, list[Row]]:
    """The one exposure that made a projection image."""
    rows = image.rows("projection_event")
    for row in rows:
        row.values["acquired_images"] = exposed_images(image.header)
    return {"projection_event": rows}


def exposed_images(header: Header) -> list[str]:
    """The image itself, and the one that it was made from: two images, one exposure.

    An image made from several others shows several exposures, and none of them is its own.
    """
    sources = header.items("SourceImageSequence")
    told = [one.at("ReferencedSOPInstanceUID") or one.at("SOPInstanceUID") for one in sources if len(sources) == 1]
    header.taken.add("SourceImageSequence")
    return list(dict.fromkeys(uid for uid in (header["SOPInstanceUID"], *told) if uid))


SECONDARY_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"
STORAGE = "1.2.840.10008.5.1.4.1.1."
PROJECTION_CLASSES = (  # CR, DX and MG and intra-oral with breast tomosynthesis, XA and XRF with their enhanced ones
    "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "12.1", "12.1.1", "12.2", "12.2.1", "13.1.3", "13.1.4",
    "13.1.5",
)  # fmt: skip


def _is_projection(sop_class: str, _modality: str) -> bool:
    return sop_class.removeprefix(STORAGE) in PROJECTION_CLASSES


def _is_captured_projection(sop_class: str, modality: str) -> bool:
    return sop_class.startswith(SECONDARY_CAPTURES) and modality in PROJECTION


KINDS = (
    Kind("an X-ray image", _is_projection, DOSES + EXPOSURES, projection),
    Kind("a secondary capture", _is_captured_projection, DOSES, projection),
)
