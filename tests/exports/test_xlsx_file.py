"""Workbooks that spreadsheets read as they were meant, however odd the texts and however many the rows."""

import tracemalloc
import zipfile
from datetime import date, datetime, time
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.exports import xlsx_file
from app.exports.xlsx_file import Book, unique_name

MOMENT = datetime(2024, 1, 2, 9, 5, 30)


@pytest.fixture
def written(tmp_path):
    """Writes a table and gives the sheets as a spreadsheet sees them."""

    def write(headings, rows, title="Table", keys=0):
        with Book(tmp_path / "book.xlsx") as book:
            book.table(title, headings, [rows], keys)
        assert [one.name for one in tmp_path.iterdir()] == ["book.xlsx"], "something was left behind"
        return read(tmp_path / "book.xlsx")

    return write


def read(path):
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_numbers_are_numbers_dates_are_dates_and_what_is_missing_is_empty(written):
    row = ["Thorax", 724.52, 3, None, "", MOMENT.date(), MOMENT.time(), MOMENT, 1e-08]
    (sheet,) = written([str(place) for place in range(len(row))], [row]).values()
    assert sheet[1] == ["Thorax", 724.52, 3.0, "", "", MOMENT.date(), MOMENT.time(), MOMENT, 1e-08]


@pytest.mark.parametrize("text", ["=1+1", "+49", "-12", "@SUM(A1)", "{=1}", "http://x.example/", "0012", "1e5", "TRUE"])
def test_text_stays_text(written, text):
    (sheet,) = written(["Text"], [[text]]).values()
    assert sheet[1] == [text]


# What XML and spreadsheets can hold; other control characters come back as spreadsheets write them.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=40
)


def test_what_looks_like_an_escape_of_spreadsheets_stays_text(written):
    (sheet,) = written(["Text"], [["_x0041_b _x005F_x0041_ x_xabcd_"]]).values()
    assert sheet[1] == ["_x0041_b _x005F_x0041_ x_xabcd_"]


def test_characters_that_xml_cannot_hold_do_not_spoil_the_workbook(written, tmp_path):
    # A name in UTF-8 may have U+FFFE or U+FFFF; as they are they would make Excel refuse the whole file.
    (sheet,) = written(["Text"], [["Tho\ufffer\uffffax"]], title="Tho\ufffer\uffffax").values()
    assert sheet[1] == ["Tho\ufffdr\ufffdax"]
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        for part in book.namelist():
            ElementTree.fromstring(book.read(part))


def test_any_text_comes_back_as_it_was(written):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(TEXTS, min_size=1, max_size=5))
    def check(texts):
        (sheet,) = written(["Text"], [[text] for text in texts]).values()
        assert [row[0] for row in sheet[1:]] == texts

    check()


def test_what_is_longer_than_a_cell_is_cut_and_says_so_there_and_on_the_first_sheet(tmp_path):
    fits, notes = "é" * xlsx_file.LONGEST_TEXT, []
    mark = "… (cut: 40,000 characters in all)"
    rows = [["é" * 40_000, "a"], [fits, "😀" * 20_000], ["\x00\x08", "b"]]
    with Book(tmp_path / "book.xlsx", notes=notes) as book:
        book.lines("About", [["Made by", "somebody"]])
        book.table("Table", ["One", "Two"], [rows])
    about, table = read(tmp_path / "book.xlsx").values()
    assert table[1][0] == "é" * (xlsx_file.LONGEST_TEXT - len(mark)) + mark
    assert table[2][0] == fits
    assert table[2][1].startswith("😀😀") and table[2][1].endswith("😀… (cut: 20,000 characters in all)")
    assert all(len(cell.encode("utf-16-le")) <= 2 * xlsx_file.LONGEST_TEXT for row in table for cell in row)
    (note,) = notes
    assert note == "Texts longer than a workbook’s cell holds (32,767 characters), which were cut: 2."
    assert about == [["Made by", "somebody"], ["Note", note]]


def test_where_nothing_is_cut_nothing_is_said(tmp_path):
    notes = []
    with Book(tmp_path / "book.xlsx", notes=notes) as book:
        book.lines("About", [["Made by", "somebody"]])
        book.table("Table", ["One"], [[["é" * xlsx_file.LONGEST_TEXT]]])
    assert notes == [] and read(tmp_path / "book.xlsx")["About"] == [["Made by", "somebody"]]


def test_more_rows_than_a_sheet_holds_go_on_on_the_next(written, monkeypatch):
    monkeypatch.setattr(xlsx_file, "ROWS", 3)
    sheets = written(["Number"], [[number] for number in range(5)])
    assert sheets == {
        "Table": [["Number"], [0.0], [1.0]],
        "Table (2)": [["Number"], [2.0], [3.0]],
        "Table (3)": [["Number"], [4.0]],
    }


def test_more_columns_than_a_sheet_holds_go_on_on_the_next_beside_the_first_ones(written, monkeypatch):
    monkeypatch.setattr(xlsx_file, "COLUMNS", 3)
    sheets = written(["Key", *"abcde"], [["x", 1, 2, 3, 4, 5], ["y", None, None, None, None, 6]], keys=1)
    assert sheets["Table"] == [["Key", "a", "b"], ["x", 1.0, 2.0], ["y", "", ""]]
    assert sheets["Table (2)"] == [["Key", "c", "d"], ["x", 3.0, 4.0], ["y", "", ""]]
    assert sheets["Table (3)"] == [["Key", "e"], ["x", 5.0], ["y", 6.0]]


def test_a_table_without_rows_has_its_headings(written):
    assert written(["One", "Two"], []) == {"Table": [["One", "Two"]]}


def test_names_of_sheets_are_what_excel_takes_and_each_is_another(tmp_path):
    taken = set()
    long = "Abdomen with contrast, portal venous phase"
    names = [unique_name(name, taken) for name in (long, long.upper(), "a/b", "A:B", "'x'", "", "History", "  ")]
    assert names == [
        "Abdomen with contrast, portal v", "ABDOMEN WITH CONTRAST, PORT (2)", "a_b", "A_B (2)", "x", "Sheet",
        "History (2)", "Sheet (2)",
    ]  # fmt: skip
    assert all(len(name) <= 31 for name in names)


def test_thousands_of_sheets_need_few_file_handles(tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (120, hard))
    try:
        with Book(tmp_path / "book.xlsx") as book:
            for number in range(300):
                book.table(f"Protocol {number}", ["Number"], [[[number]]])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(CalamineWorkbook.from_path(tmp_path / "book.xlsx").sheet_names) == 300


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path):
    def peak(count):
        tracemalloc.start()
        row = ["some text", 1.5, date(2024, 1, 2), time(9)] * 25
        with Book(tmp_path / "book.xlsx") as book:
            book.table("Table", ["Heading"] * 100, ([row] for _ in range(count)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(10)
    assert peak(4000) < 1.5 * peak(400)


def widths(path, count):
    """How wide the columns of the first sheet are, in characters."""
    with zipfile.ZipFile(path) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    told = {
        place: float(column.get("width"))
        for column in sheet.findall(".//{*}col")
        for place in range(int(column.get("min")), int(column.get("max")) + 1)
    }
    return [told.get(place + 1, 8.43) for place in range(count)]


def test_columns_are_wide_enough_for_their_headings_and_dates(tmp_path):
    # A spreadsheet shows ######## where a date is wider than its column.
    headings = ["On", "Begun", "DLP", "Total collimation (mm)", "No. of all the things that one heading can tell of"]
    rows = [[None, None, 1.5, 2.0, 3], [MOMENT.date(), MOMENT, 1.5, 2.0, 3]]
    with Book(tmp_path / "book.xlsx") as book:
        book.table("Table", headings, [rows])
    on, begun, dlp, collimation, number = widths(tmp_path / "book.xlsx", 5)
    assert on > len("2024-01-02") and begun > len("2024-01-02 09:05:30") and collimation > len(headings[3])
    assert dlp < 10 and number < 40
    with Book(tmp_path / "book.xlsx", date_format="dddd, d mmmm yyyy") as book:
        book.table("Table", headings, [rows])
    assert widths(tmp_path / "book.xlsx", 1)[0] > len("Wednesday, 25 September 2024")


def test_a_sheet_of_lines_is_as_wide_as_what_has_something_to_its_right(tmp_path):
    with Book(tmp_path / "book.xlsx") as book:
        book.lines("Summary", [["Studies", "CT studies, " * 20], ["Abdomen with contrast", 17, "CT abdomen", 3]])
    name, frequency, procedure = widths(tmp_path / "book.xlsx", 3)
    assert name > len("Abdomen with contrast") and procedure > len("CT abdomen") and frequency < 10


def test_a_failure_leaves_nothing_behind(tmp_path):
    def rows():
        yield ["a"]
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), Book(tmp_path / "book.xlsx") as book:
        book.table("Table", ["Heading"], [rows()])
    assert not list(tmp_path.iterdir())
