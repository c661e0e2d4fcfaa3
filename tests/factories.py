"""Reports that nobody ever had: rows, made by hand or at random, and the files that the writer makes of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from io import BytesIO
from itertools import count

from hypothesis import strategies as st

from app.dicom.concept import Concept
from app.dicom.dialects import CURRENT, REFERENCE_POINTS, Dialect
from app.dicom.document import to_bytes
from app.dicom.layout import Field, Layout, Row
from app.dicom.writer import EXCEPTIONAL_VALUE_TYPES, row_of, write
from app.models import Report
from app.models.columns import layout_of

REPORT = layout_of(Report)
CT = Concept("77477000", "SCT", "Computed Tomography X-Ray")
PROJECTION = Concept("113704", "DCM", "Projection X-Ray")
NUCLEAR_REPORT = replace(REPORT, claims=Concept("113500", "DCM", "Radiopharmaceutical Radiation Dose Report"))
PET = Concept("241443006", "SCT", "PET study for localization of tumor")
FDG = Concept("35321007", "SCT", "Fluorodeoxyglucose F^18^")
FLUORINE = Concept("77004003", "SCT", "^18^Fluorine")
FLUOROSCOPY = Concept("44491008", "SCT", "Fluoroscopy")

_numbers = count(1)


def uid() -> str:
    """A UID that no other call gives."""
    return f"2.25.{next(_numbers)}"


def ct_report(*events: dict, **values) -> Row:
    """A CT report with these events, each by its columns, and their sum."""
    events = tuple({"irradiation_event_uid": uid(), "dlp": 100.0, "mean_ctdivol": 5.0} | event for event in events)
    total = {
        "total_number_of_irradiation_events": float(len(events)),
        "dlp_total": sum(event["dlp"] for event in events),
    }
    return row_of(REPORT, {"procedure_reported": CT, "ct_accumulated": [total], "ct_event": list(events)} | values)


def fluoroscopy_report(*events: dict, **values) -> Row:
    """A fluoroscopy report with these events, each by its columns, and their sum."""
    standard = {"irradiation_event_type": FLUOROSCOPY, "dap": 1e-4, "dose_rp": 0.005}
    events = tuple({"irradiation_event_uid": uid()} | standard | event for event in events)
    total = {
        "dap_total": sum(event["dap"] for event in events),
        "dose_rp_total": sum(event["dose_rp"] for event in events),
        "total_fluoro_time": 60.0,
    }
    parts = {"projection_accumulated": [total], "projection_event": list(events)}
    return row_of(REPORT, {"procedure_reported": PROJECTION} | parts | values)


def nuclear_report(*administrations: dict, **values) -> Row:
    """A radiopharmaceutical dose report with these administrations, each by its columns."""
    standard = {"agent": FDG, "radionuclide": FLUORINE, "half_life": 6586.2, "administered_activity": 250.0}
    events = [{"administration_event_uid": uid()} | standard | one for one in administrations]
    return row_of(NUCLEAR_REPORT, {"associated_procedure": PET, "administration": events} | values)


def header() -> dict:
    """The header of a report of a patient whom nobody ever saw, by keywords; its UIDs are new."""
    return {
        "SOPInstanceUID": uid(), "StudyInstanceUID": uid(), "SeriesInstanceUID": uid(),
        "StudyDate": date(2026, 1, 15), "StudyTime": time(10, 30),
        "ContentDate": date(2026, 1, 15), "ContentTime": time(10, 45),
        "InstitutionName": "Hospital", "Manufacturer": "Maker", "ManufacturerModelName": "Model",
        "StationName": "ROOM1", "PatientID": "1", "PatientName": "Doe^Jane", "PatientSex": "F", "PatientAge": "050Y",
    }  # fmt: skip


def report_file(report: Row, dialect: Dialect = CURRENT, **changes) -> BytesIO:
    """The report as a DICOM file, with these attributes of the header by their keywords."""
    return BytesIO(to_bytes(write(report, header() | changes, dialect)))


KNOWN_CODES = (
    CT, PROJECTION, FLUOROSCOPY, Concept("113691", "DCM"), Concept("121007", "DCM"), Concept("51185008", "SCT"),
    Concept("373066001", "SCT"), Concept("12503006", "SCT"),
)  # fmt: skip
ZONES = st.none() | st.just(UTC) | st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=ZONES)
NUMBERS = st.builds(
    lambda digits, power: float(f"{digits}e{power}"), st.integers(-999_999, 999_999), st.integers(-6, 3)
)
UIDS = st.integers(1, 2**120).map("2.25.{}".format)


def texts(dialect: Dialect, without: str = "", longest: int = 40) -> st.SearchStrategy[str]:
    """Texts that the dialect's character set can hold and that no reader could take for another character set."""
    latin = dialect.character_set == "ISO_IR 100"
    alphabet = st.characters(
        max_codepoint=0xFF if latin else None, exclude_categories=["Cs", "Cc"], exclude_characters=without
    )
    found = st.text(alphabet, min_size=1, max_size=longest).filter(lambda text: text == text.strip())
    return found.filter(_is_not_utf8_too) if latin else found


def _is_not_utf8_too(text: str) -> bool:
    try:
        return text.isascii() or not text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return True


def codes(dialect: Dialect) -> st.SearchStrategy[Concept]:
    """Codes of the standard and private ones, longer than most devices allow among them."""
    values = st.text("ABCDEF0123456789-", min_size=1, max_size=40)
    return st.sampled_from(KNOWN_CODES) | st.builds(Concept, values, st.just("99TEST"), texts(dialect, "\\"))


def values(field: Field, dialect: Dialect) -> st.SearchStrategy:
    """Values for the column, as the reader would give them."""
    is_person = EXCEPTIONAL_VALUE_TYPES.get(field.concept.value) == "PNAME"
    # pydicom tidies the separators of a name's parts.
    text = texts(dialect, "\\^=") if is_person else texts(dialect)
    if field.concept.value == "113780":
        text |= st.sampled_from(sorted(REFERENCE_POINTS))
    one = {
        "number": NUMBERS, "text": text, "name": text, "code": codes(dialect), "uid": UIDS, "image": UIDS,
        "moment": MOMENTS,
    }[field.kind]  # fmt: skip
    return st.lists(one, min_size=1, max_size=3) if field.many else one


@st.composite
def rows(draw, layout: Layout, dialect: Dialect = CURRENT) -> Row:
    """Rows of the layout with some of its columns and parts, as far as the dialect can say them."""
    made, there = Row(layout), set()
    told = [field for field in layout.fields if field.concept and field.name not in dialect.silent]
    wanted = draw(st.sets(st.sampled_from([field.name for field in told]), max_size=12))
    for field in told:
        if field.name in wanted and (field.within is None or field.within in there):
            made.values[field.name] = draw(values(field, dialect))
            there.add(field.concept)
    for part in (one for one in layout.parts if one.layout.claims):  # the others are of headers
        if (part.within is None or part.within in there) and draw(st.booleans()):
            made.parts[part.name] = draw(st.lists(rows(part.layout, dialect), min_size=1, max_size=2))
    return made
