"""Images, and other objects without a content tree: their header says what the exposure was and what dose it gave."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.uid import UID

from app.dicom import quirks
from app.dicom.concept import Concept
from app.dicom.damage import reading
from app.dicom.frames import add_frames, exposures, gather
from app.dicom.header import OTHER_TIMES, Header
from app.dicom.identify import NotADoseObject
from app.dicom.layout import Layout, Row
from app.dicom.nuclear import ADMINISTRATIONS, complete, unread_of
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
PROJECTION = {"MG", "DX", "CR", "PX", "IO", "RG", "XA", "RF"}  # modalities whose images show one exposure each
STORAGE = "1.2.840.10008.5.1.4.1.1."
# CR, DX, mammography, intra-oral; XA and XRF, enhanced ones, too; craniofacial 3D; breast tomosynthesis. 3D angiograms
# are made of runs that are images of their own.
PROJECTION_CLASSES = {
    STORAGE + suffix
    for suffix in (
        "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "12.1", "12.1.1", "12.2", "12.2.1", "13.1.2",
        "13.1.3", "13.1.4", "13.1.5",
    )
}  # fmt: skip
PET_CLASSES = {STORAGE + suffix for suffix in ("128", "128.1", "130")}  # enhanced ones, converted or made
NUCLEAR_CLASSES = {STORAGE + "20", *PET_CLASSES}
SECONDARY_CAPTURES = STORAGE + "7"
CT_IMAGES = (STORAGE + "2", STORAGE + "2.1")
SERIES_NUMBER = Concept("113607", "DCM", "Series Number")
DLP_IN_WORDS = re.compile(r"\bDLP\s*=", re.IGNORECASE)


@dataclass
class Image:
    """An image on its way to a reading."""

    header: Header
    layout: Layout
    problems: list[Problem] = field(default_factory=list)
    read: list[Header] = field(default_factory=list)  # headers of items that rows were made from

    def table(self, name: str) -> Layout:
        """The layout of the rows that a report has in the table."""
        return self.layout.parts_by_name[name].layout

    def rows(self, name: str) -> list[Row]:
        """The header's rows of the table."""
        rows, problems = self.header.rows(self.table(name))
        self.problems += problems
        return rows

    def item(self, header: Header, layout: Layout) -> Row:
        """The row that an item of a sequence is."""
        row, problems = header.row(layout)
        self.problems += problems
        self.read.append(header)
        return row


@dataclass(frozen=True)
class Kind:
    """One kind of object: how it is known, whether it says something of dose, and what is read from it."""

    name: str
    belongs: Callable[[str, Header], bool]  # by SOP class and header
    tells: Callable[[Header], bool]
    read: Callable[[Image], dict[str, list[Row]]]
    unread: Callable[[Image], dict[str, list[str]]] = lambda image: unread([image.header, *image.read])


def read_image(dataset: Dataset, layout: Layout) -> Reading:
    """What the image's header says. Raises NotADoseObject, with the reason, where that is nothing about dose."""
    with reading("Its header"):
        header = Header(dataset)
        quirks.mend_header(header)
        gather(header)
        refusal, kind = _kind(header)
    if kind is None:
        raise NotADoseObject(refusal)
    with reading("Its header"):
        image = Image(header, layout)
        row = Row(layout, {"modality": header["Modality"].upper()}, _parts(kind, image))
        taken = sum(len(one.taken) for one in (header, *image.read))
        return Reading(row, image.problems, kind.unread(image), taken, IMAGE)


def _parts(kind: Kind, image: Image) -> dict[str, list[Row]]:
    """The rows that the image gives, by their table; none that say nothing."""
    parts = kind.read(image)
    quirks.complete(image.header, parts)
    telling = {table: [row for row in rows if row.values or row.parts] for table, rows in parts.items()}
    return {table: rows for table, rows in telling.items() if rows}


def _kind(header: Header) -> tuple[str, Kind | None]:
    """The object's kind; where it has none that we read, the reason."""
    sop_class = header["SOPClassUID"]
    kind = next((kind for kind in KINDS if kind.belongs(sop_class, header)), None)
    if kind is None:
        name = UID(sop_class).name if sop_class else "nameless"
        return f"It is a {name} object; only dose reports, X-ray images and nuclear images are read.", None
    return ("", kind) if kind.tells(header) else (f"It is {kind.name} whose header says nothing about dose.", None)


def _has(header: Header, *keywords: str) -> bool:
    """Whether one of the attributes has a value that is not zero."""
    return any(header.at(keyword).strip("0. \\") for keyword in keywords)


def projection(image: Image) -> dict[str, list[Row]]:
    """The one exposure that made a projection image."""
    rows = image.rows("projection_event")
    for row in rows:
        add_frames(image.header, row, image.problems)
        row.values["acquired_images"] = exposed_images(image.header)
    return {"projection_event": rows}


def exposed_images(header: Header) -> list[str]:
    """The image itself, and what it was made from: one image of the same exposure, or several, each of its own."""
    sources = header.items("SourceImageSequence")
    told = [one.at("ReferencedSOPInstanceUID") or one.at("SOPInstanceUID") for one in sources]
    return list(dict.fromkeys(uid for uid in (header["SOPInstanceUID"], *told) if uid))


def dose_info(image: Image) -> dict[str, list[Row]]:
    """The scans that a CT lists in a secondary capture: one for each item of its exposure doses."""
    events, source = image.table("ct_event"), image.table("ct_event").parts_by_name["ct_source"].layout
    rows = []
    for item in image.header.items("ExposureDoseSequence"):
        row = image.item(item, events)
        of_tube = image.item(item, source)
        row.parts = {"ct_source": [of_tube]} if of_tube.values else {}
        row.values |= {"label_type": SERIES_NUMBER} if "irradiation_event_label" in row.values else {}
        rows.append(row)
    image.header.taken |= {"ExposureDoseSequence", *OTHER_TIMES}  # when the summary was made is not when they were
    return {"ct_event": rows, "ct_accumulated": image.rows("ct_accumulated")}


def nuclear(image: Image) -> dict[str, list[Row]]:
    """What was administered before the image was made, and the series of PET images that it belongs to."""
    rows = [image.item(item, image.table("administration")) for item in image.header.items(ADMINISTRATIONS)]
    image.problems += complete(image.header, image.read, rows)
    return {"administration": rows, "pet_series": image.rows("pet_series") if _is_pet(image.header) else []}


def _is_pet(header: Header) -> bool:
    return header["SOPClassUID"] in PET_CLASSES


def _is_nuclear(sop_class: str, header: Header) -> bool:
    return sop_class in NUCLEAR_CLASSES


def _tells_administration(header: Header) -> bool:
    return bool(header.items(ADMINISTRATIONS))


def _is_projection(sop_class: str, header: Header) -> bool:
    return sop_class in PROJECTION_CLASSES


def _is_captured_projection(sop_class: str, header: Header) -> bool:
    return sop_class.startswith(SECONDARY_CAPTURES) and header["Modality"].upper() in PROJECTION


def _is_breast(sop_class: str, header: Header) -> bool:
    """Tomosynthesis was stored as CT images before the standard had a class for it."""
    return sop_class in CT_IMAGES and header["PositionerType"].upper() == "MAMMOGRAPHIC"


def _is_capture(sop_class: str, header: Header) -> bool:
    return sop_class.startswith(SECONDARY_CAPTURES)


def _tells_exposure(header: Header) -> bool:
    known = (*DOSES, *EXPOSURES)
    return _has(header, *known) or any(_has(one, *known) for one in exposures(header)[:2])


def _tells_dose(header: Header) -> bool:
    return _has(header, *DOSES)


def _lists_scans(header: Header) -> bool:
    return bool(header.items("ExposureDoseSequence") or DLP_IN_WORDS.search(header.at("CommentsOnRadiationDose")))


KINDS = (
    Kind("an X-ray image", _is_projection, _tells_exposure, projection),
    Kind("a nuclear medicine image", _is_nuclear, _tells_administration, nuclear, lambda image: unread_of(image.read)),
    Kind("a mammography image", _is_breast, _tells_dose, projection),
    Kind("a secondary capture", _is_captured_projection, _tells_dose, projection),
    Kind("a secondary capture", _is_capture, _lists_scans, dose_info),
)
