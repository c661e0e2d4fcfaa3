"""Images of nuclear medicine: what was administered (PS3.3 C.8.4.10, C.8.9.2), and the series of PET images.

Hundreds of images tell of one administration. Nothing here is of a single image, so that all of a series read alike.
"""

from datetime import datetime, timedelta

from pydicom.datadict import keyword_for_tag

from app.dicom.header import Header
from app.dicom.layout import Row
from app.dicom.reader import Problem
from app.dicom.values import Unreadable, clock, day

# MBq. PS3.3 wants Bq in PET images and MBq in others; devices write what they like. Nobody is given 100 GBq, and
# nothing below 0.1 MBq can be seen: a number tells which of the two it is, save for the few between.
MOST_IN_MBQ, LEAST_IN_BQ = 20_000.0, 100_000.0
MBQ = 1_000_000
CLOCKS = timedelta(hours=1)  # an injection may follow the start of the images, and clocks differ
# Images of these are made within the day, so that the day of an injection is known; of others they are made for days.
SHORTEST = 7 * 3600.0  # seconds of half-life
SHORT_LIVED = {  # CID 18 and 4020
    "77004003", "72454006", "40565003", "21576001", "129504001", "424875009", "35337001", "79197006", "61716009",
    "424079002", "425364008", "71425003", "422934004", "423764008", "48895003", "78023008", "17910003", "75696008",
}  # fmt: skip


ADMINISTRATIONS = "RadiopharmaceuticalInformationSequence"
TIMES = (("started_at", "RadiopharmaceuticalStartTime"), ("stopped_at", "RadiopharmaceuticalStopTime"))


def complete(header: Header, items: list[Header], rows: list[Row]) -> list[Problem]:
    """Mend the unit of the activity, and put the day to times that came without; gives what could not be read."""
    problems: list[Problem] = []
    for item, row in zip(items, rows, strict=True):
        _mend_activity(item, row, problems)
        if not _is_of_a_day(row):
            continue
        item.taken |= {attribute for _, attribute in TIMES}
        for name, attribute in TIMES:
            moment = None if name in row.values else _dated(item, attribute, _imaged(header), problems)
            row.values |= {name: moment} if moment else {}
    return problems


def _is_of_a_day(row: Row) -> bool:
    """Whether nobody makes images of it on another day than that of the injection."""
    nuclide, half_life = row.values.get("radionuclide"), row.values.get("half_life")
    return half_life <= SHORTEST if half_life else nuclide is not None and nuclide.value in SHORT_LIVED


def _mend_activity(item: Header, row: Row, problems: list[Problem]) -> None:
    told = row.values.pop("administered_activity", 0.0)
    activity = megabecquerels(told)
    if activity:  # zero is how devices say that they don't know
        row.values["administered_activity"] = activity
    elif told:
        why = "is in neither Bq nor MBq what anybody is given"
        problems.append(Problem(item.label("RadionuclideTotalDose"), why, f"{told:g}"))


def megabecquerels(written: float) -> float | None:
    """The activity in MBq, which the standard's attribute leaves open; None where the number fits neither unit."""
    if 0 <= written <= MOST_IN_MBQ:
        return written
    return float(f"{written / MBQ:.15g}") if LEAST_IN_BQ < written <= MOST_IN_MBQ * MBQ else None


def _dated(item: Header, attribute: str, imaged: datetime | None, problems: list[Problem]) -> datetime | None:
    """The time with the day of the images; the day before where it would come after them."""
    written = item.at(attribute)
    if not written or imaged is None:
        return None
    try:
        told = datetime.combine(imaged, clock(written))
    except Unreadable as problem:
        problems.append(Problem(item.label(attribute), str(problem), written))
        return None
    return (told - timedelta(days=1) if told > imaged + CLOCKS else told).replace(tzinfo=item.zone)


def _imaged(header: Header) -> datetime | None:
    """When the images began: the series may be made of them days later, an image of it may be of the next day."""
    moments = []
    for kind in ("Series", "Acquisition"):
        try:
            moments.append(datetime.combine(day(header.at(f"{kind}Date")), clock(header.at(f"{kind}Time"))))
        except Unreadable:
            continue
    return min(moments, default=None)


def unread_of(items: list[Header]) -> dict[str, list[str]]:
    """What the items say of administrations and no column took, by the attribute's name."""
    found: dict[str, list[str]] = {}
    for item in items:
        for keyword in filter(None, map(keyword_for_tag, item.dataset.keys())):
            below = item.items(keyword) if keyword.endswith("Sequence") else []
            told = f"{len(below)} items" if below else item.at(keyword)
            if told and keyword not in item.taken:
                found.setdefault(item.label(keyword), []).append(told)
    return found
