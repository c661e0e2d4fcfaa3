"""The workbook of a modality: what each of its sheets has."""

import json

import pytest
from python_calamine import CalamineWorkbook

from app.exports import ct
from app.exports.kinds import KINDS
from app.exports.order import Order
from app.ingest.receive import receive
from app.queries.selection import Selection
from app.transactions import one_moment
from tests.exports.test_reference import COLUMNS
from tests.factories import ct_report, report_file


@pytest.fixture
def workbook(database, tmp_path):
    """Exports what the address asks for and gives the sheets by their names; notes how far it said that it was."""

    def export(kind="ct-xlsx", told=None, **args):
        selection = Selection.from_args(KINDS[kind].modality, args)
        with one_moment() as connection:
            about = [("Made by", "somebody")]
            watch = (told if told is not None else []).append
            KINDS[kind].write(Order(tmp_path / "book", connection, selection.ordered(), 3, watch, about))
        book = CalamineWorkbook.from_path(tmp_path / "book")
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    return export


@pytest.fixture
def studies(database):
    """Three studies of two protocols and one event without."""
    events = {"Thorax": {"acquisition_protocol": "Thorax", "dlp": 100.0}, "head": {"acquisition_protocol": "head"}}
    for hour, (description, names) in enumerate(
        [("Chest", ["Thorax", "Thorax"]), ("Chest", ["head"]), ("Trauma", ["head", "Thorax"])], start=10
    ):
        report = ct_report(*(events[name] for name in names))
        header = {"StudyDescription": description, "StudyTime": f"{hour}0000"}
        assert receive(report_file(report, **header)).result == "imported"
    assert receive(report_file(ct_report({"acquisition_protocol": None}), StudyTime="090000")).result == "imported"


@pytest.mark.usefixtures("studies", "database_url")
def test_the_sheets_are_frequencies_all_studies_and_each_protocol_in_alphabetical_order(workbook):
    assert list(workbook()) == ["Summary", "All data", "head", "Thorax", "No protocol"]


@pytest.mark.usefixtures("studies")
def test_the_summary_says_whose_it_is_and_what_occurs_how_often(workbook):
    lines = workbook()["Summary"]
    assert lines[0][:2] == ["Made by", "somebody"]
    assert lines[2][:2] == ["Total number of exams", 3.0]
    assert lines[4] == [
        "Study Description", "Frequency", "Requested Procedure", "Frequency", "Acquisition protocol", "Frequency",
    ]  # fmt: skip
    assert lines[5][0] == 2.0 and lines[5][4] == 2.0
    assert [line[:2] for line in lines[6:8]] == [["Chest", 2.0], ["Trauma", 1.0]]
    assert [line[4:6] for line in lines[6:8]] == [["Thorax", 3.0], ["head", 2.0]]


@pytest.mark.usefixtures("studies")
def test_a_study_is_a_row_with_its_events_to_the_right(workbook):
    heading, *rows = workbook(sort="date")["All data"]
    protocols = [heading.index(f"E{number} Acquisition protocol") for number in (1, 2)]
    assert "E3 Acquisition protocol" not in heading
    assert [[row[place] for place in protocols] for row in rows] == [
        ["", ""], ["Thorax", "Thorax"], ["head", ""], ["head", "Thorax"],
    ]  # fmt: skip


@pytest.mark.usefixtures("studies")
def test_a_protocol_has_a_row_for_each_of_its_events(workbook):
    sheets = workbook(description__has="chest")
    assert list(sheets) == ["Summary", "All data", "head", "Thorax"]
    heading, *rows = sheets["Thorax"]
    assert [row[heading.index("DLP (mGy.cm)")] for row in rows] == [100.0, 100.0]
    assert {row[heading.index("Study description")] for row in rows} == {"Chest"}


@pytest.mark.usefixtures("studies")
def test_it_tells_how_far_it_is_up_to_the_end(workbook):
    told = []
    workbook(told=told)
    assert told == sorted(told) and told[-1] == 3


def test_the_columns_are_named_as_hospitals_know_them(workbook, studies):
    if not COLUMNS.is_file():
        pytest.skip("the reference is not here")
    names = json.loads(COLUMNS.read_text())["CT_xlsx"]
    assert [*ct.STUDY.headings, *(f"E{{n}} {name}" for name in ct.EVENT.sorted().headings)] == names["All data"]
    assert [*ct.STUDY.headings, *ct.EVENT.headings] == names["(one sheet per protocol)"]
