"""The forms of the UK surveys of 2019."""

import json

import pytest
from python_calamine import CalamineWorkbook

from app.dicom.concept import Concept
from app.exports import phe_ct, phe_dx
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.ingest.receive import receive
from app.queries.selection import Selection
from app.transactions import one_moment
from tests.exports.test_reference import COLUMNS
from tests.factories import PROJECTION, REPORT, ct_report, header, report_file, row_of, uid

SPIRAL = Concept("116152004", "SCT", "Spiral Acquisition")
LOCALIZER = Concept("113805", "DCM", "Constant Angle Acquisition")
STATIONARY = Concept("113806", "DCM", "Stationary Acquisition")
BODY = Concept("113691", "DCM", "IEC Body Dosimetry Phantom")
ALUMINIUM, COPPER = Concept("12503006", "SCT", "Aluminum"), Concept("66925006", "SCT", "Copper")
RADIOGRAPH = Concept("113611", "DCM", "Stationary Acquisition")


@pytest.fixture
def form(database, tmp_path):
    """Fills the form for all studies; gives its heading and rows, and the notes."""

    def export(kind):
        path, writer = tmp_path / "form.xlsx", KINDS[kind].writer
        with one_moment() as connection:
            selection = Selection.from_args(KINDS[kind].modality, {"sort": "date"})
            order = Order(path, connection, selection.ordered(), 3, lambda done: None, [("Made by", "somebody")])
            KINDS[kind].write(order)
        book = CalamineWorkbook.from_path(path)
        assert book.sheet_names == ["About", writer.sheet]
        about = [line[:2] for line in book.get_sheet_by_name("About").to_python()]
        assert [line[1] for line in about if line[0] == "Note"] == order.notes
        heading, *rows = book.get_sheet_by_name(writer.sheet).to_python(skip_empty_area=False)
        return heading, rows, order.notes

    return export


def scan(**more):
    """A scan of the body."""
    source = {"identification": "A", "kvp": 120.0}
    return {"acquisition_type": SPIRAL, "ctdiw_phantom_type": BODY, "ct_source": [source], "dlp": 100.0} | more


def radiographs(*events, **changes):
    """Stores a radiography study of these exposures."""
    standard = {"irradiation_event_type": RADIOGRAPH, "dap": 1e-5, "acquisition_protocol": "Chest"}
    told = [{"irradiation_event_uid": uid()} | standard | event for event in events]
    report = row_of(REPORT, {"procedure_reported": PROJECTION, "projection_event": told})
    assert receive(report_file(report, **({"Modality": "DX"} | header() | changes))).result == "imported"


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("DX_PHE2019_projection", phe_dx.projections(1)),
        ("DX_PHE2019_exam", phe_dx.projections(6)),
        ("DX_PHE2019_exam_bespoke", phe_dx.projections(20)),
        ("CT_PHE2019", list(phe_ct.HEADINGS)),
    ],
)
def test_the_columns_are_those_of_the_form(name, headings):
    if not COLUMNS.is_file():
        pytest.skip("the reference is not here")
    ((_, known),) = json.loads(COLUMNS.read_text())[name].items()
    assert headings == known


@pytest.mark.usefixtures("database_url")
def test_a_patient_has_a_row_of_four_scans_without_localizers_and_a_comment_in_column_al(form):
    localizer = scan(acquisition_type=LOCALIZER, dlp=1.0)
    receive(report_file(ct_report(
        localizer, scan(length_of_reconstructable_volume=300.0, scanning_length=330.0, mean_ctdivol=5.5),
        scan(acquisition_type=STATIONARY, dlp=20.0),
    ), PatientSize="1.75", PatientWeight="80"))  # fmt: skip
    heading, (row,), notes = form("ct-phe-adult")
    assert row[:4] == [1, 50, 80, 175] and heading[37] == "Patient comments" and len(heading) == 38
    assert row[4:12] == [300, "", "", 120, "32 cm", "", 5.5, 100]
    assert heading[12:20] == heading[4:12] and row[19] == 20
    assert row[36:] == [121, "1 × Spiral Acquisition, 1 × Stationary Acquisition"]
    assert notes == []


def test_scans_beyond_the_form_stand_behind_the_comments_and_are_told(form):
    receive(report_file(ct_report(*[scan(dlp=float(number)) for number in range(1, 7)])))
    heading, (row,), notes = form("ct-phe-adult")
    assert len(heading) == 38 + 2 * 8 and heading[38] == "Imaged length"
    assert [row[45], row[53]] == [5, 6]
    assert notes == ["Studies with more than 4 scans: 1; the others stand behind the comments."]


def test_the_form_of_children_begins_a_column_later_and_says_who_is_none(form):
    receive(report_file(ct_report(scan()), PatientAge="007Y"))
    receive(report_file(ct_report(scan()), PatientAge="040Y"))
    heading, rows, notes = form("ct-phe-paediatric")
    assert heading[:2] == ["", "Patient No"] and heading[38] == "Patient comments"
    assert sorted(row[2] for row in rows) == [7, 40]
    assert notes == ["Patients of 16 years or more: 1; the form is not for them."]


@pytest.mark.usefixtures("database_url")
def test_a_study_of_radiographs_is_a_row_of_six(form):
    filters = [{"material": ALUMINIUM, "thickness_minimum": 1.0, "thickness_maximum": 1.0}]
    mixed = [*filters, {"material": COPPER, "thickness_minimum": 0.2, "thickness_maximum": 0.2}]
    radiographs(
        {"xray_filters": filters, "distance_source_to_detector": 1150.0, "kvp": [80.0], "exposure": [5000.0]},
        {"xray_filters": mixed, "acquisition_protocol": "Chest lateral"}, StudyDescription="Chest", StudyTime="090000",
    )  # fmt: skip
    radiographs({"xray_filters": mixed}, StudyTime="100000")
    heading, rows, notes = form("dx-phe-study")
    assert heading == phe_dx.projections(6) and notes == []
    told = dict(zip(heading, rows[0], strict=True))
    wanted = {
        "PHE Record No": 1, "Study DAP dose": 20, "DAP dose units": "cGy·cm²", "Protocol name": "Chest",
        "number of projections": 2, "Projection 1 DAP": 10, "Projection 2 DAP": 10, "Projection 3 DAP": "",
        "Projection 1 Name": "Chest", "Projection 2 Name": "Chest lateral", "FDD": 115, "Filtration in mm Al": 1,
        "kVp": 80, "mAs": 5, "Sex": "F", "Patient age": 50, "Other information, comments": "",
    }  # fmt: skip
    assert {name: told[name] for name in wanted} == wanted
    assert rows[1][heading.index("Filtration in mm Al")] == "Al 1 mm | Cu 0.2 mm"


def test_more_than_six_take_the_form_of_twenty_and_more_than_that_is_said(form):
    radiographs(*[{} for _ in range(7)], StudyTime="090000")
    heading, rows, notes = form("dx-phe-study")
    assert heading == phe_dx.projections(20) and notes == []
    radiographs(*[{} for _ in range(23)], StudyTime="100000")
    heading, rows, notes = form("dx-phe-study")
    assert rows[1][-1] == "23 exposures, of which the first 20 stand here"
    assert rows[1][heading.index("number of projections")] == 23
    assert notes == ["Studies with more than 20 exposures: 1; the others have no room in the form."]


def test_of_a_single_projection_study_the_first_stands_there_and_others_are_said(form):
    radiographs({"dap": 3e-5}, {"dap": 2e-5})
    heading, (row,), notes = form("dx-phe-projection")
    assert row[heading.index("Projection DAP dose")] == 30 and row[heading.index("Protocol name")] == "Chest"
    assert row[-1] == "2 exposures, of which the first one stands here"
    assert notes == ["Studies with more than 1 exposure: 1; the others have no room in the form."]
