"""The survey form for fluoroscopy: what stands where."""

import json

import pytest
from python_calamine import CalamineWorkbook

from app.exports import phe_rf, xlsx_file
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.ingest.receive import receive
from app.queries.selection import Selection
from app.transactions import one_moment
from tests.exports.test_reference import COLUMNS
from tests.factories import fluoroscopy_report, report_file

SHEET = "PHE IR-Fluoro"


@pytest.fixture
def form(database, tmp_path):
    """Exports all studies and gives the rows of the form."""

    def export():
        with one_moment() as connection:
            studies = Selection.from_args("rf", {"sort": "date"}).ordered()
            about = [("Made by", "somebody")]
            KINDS["rf-phe"].write(Order(tmp_path / "form", connection, studies, 2, lambda done: None, about))
        book = CalamineWorkbook.from_path(tmp_path / "form")
        assert book.get_sheet_by_name("About").to_python()[0] == ["Made by", "somebody"]
        return book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)

    return export


def test_what_is_not_known_of_the_form_is_said_on_the_first_sheet_and_to_whoever_asked(form, tmp_path):
    receive(report_file(fluoroscopy_report({})))
    form()
    lines = CalamineWorkbook.from_path(tmp_path / "form").get_sheet_by_name("About").to_python()
    assert ["Note", phe_rf.UNSURE] in [line[:2] for line in lines]


def test_more_patients_than_a_sheet_holds_go_on_on_the_next_below_the_same_headings(form, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_file, "ROWS", phe_rf.ROWS_ABOVE + 2)
    for hour in range(10, 15):
        receive(report_file(fluoroscopy_report({}), StudyTime=f"{hour}0000"))
    form()
    book = CalamineWorkbook.from_path(tmp_path / "form")
    sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names[1:]]
    assert book.sheet_names[1:] == [SHEET, f"{SHEET} (2)", f"{SHEET} (3)"]
    assert all(rows[:6] == sheets[0][:6] for rows in sheets)
    assert [[row[1] for row in rows[6:]] for rows in sheets] == [[1, 2], [3, 4], [5]]


@pytest.mark.usefixtures("database_url")
def test_a_study_is_a_row_below_the_forms_headings_in_the_forms_units(form, database):
    header = {"StudyDescription": "Angio", "PatientSize": 1.8, "PatientWeight": 80.0}
    receive(report_file(fluoroscopy_report({"dap": 2e-4}, {"dap": 1e-4}), **header, StudyTime="090000"))
    receive(report_file(fluoroscopy_report({}), StudyTime="100000"))
    rows = form()
    assert rows[3][5:9] == ["Gy·m²", "", "seconds", "Gy"]
    assert [row[1] for row in rows[6:]] == [1, 2]
    told = dict(zip(rows[5], rows[6], strict=True))
    assert (told["DAP"], told["Fluoroscopy time"], told["Dose at reference point"]) == (3e-4, 60, 0.01)
    assert (told["Procedure"], told["Height (cm)"], told["Patient weight (kg)"]) == ("Angio", 180, 80)
    assert told["Other information, comments"] == "2 × Fluoroscopy"
    assert [rows[6][place] for place in (5, 7, 8)] == [3e-4, 60, 0.01], "below their units"


def test_what_stands_above_the_patients_is_as_hospitals_know_it_but_for_the_titles(form, database):
    if not COLUMNS.is_file():
        pytest.skip("the reference is not here")
    receive(report_file(fluoroscopy_report({})))
    known = json.loads(COLUMNS.read_text())["RF_PHE2019"][SHEET]["heading rows"]
    ours = [[cell or None for cell in row] for row in form()[: len(known)]]
    assert [row for row in ours if "DAP" not in row] == known[:5] and len(ours[5]) == len(known[5])
