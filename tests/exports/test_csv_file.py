"""CSV that every program reads the same way."""

import csv
import tracemalloc
from datetime import date, time

import pytest

from app.exports.csv_file import text, write_csv


@pytest.fixture
def written(tmp_path):
    """Writes the rows and reads the file back, as the standard library does."""

    def write(headings, rows):
        path = tmp_path / "sheet.csv"
        write_csv(path, headings, [rows])
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.reader(file, strict=True))

    return write


def test_rows_stand_under_their_headings(written):
    assert written(["One", "Two"], [["a", None], [1.5, "b"]]) == [["One", "Two"], ["a", ""], ["1.5", "b"]]


@pytest.mark.parametrize("cell", ['a, "b"; c', "two\nlines", "two\r\nlines", "testæøå 患者", " spaces "])
def test_any_text_comes_back_as_it_was(written, cell):
    assert written(["One"], [[cell]])[1] == [cell]


def test_the_file_says_that_it_is_utf_8_and_ends_lines_as_the_standard_wants(tmp_path):
    path = tmp_path / "sheet.csv"
    write_csv(path, ["Zero", "One"], [[["é", 1.5]]])
    assert path.read_bytes() == b"\xef\xbb\xbfZero,One\r\n\xc3\xa9,1.5\r\n"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, ""), (724.52, "724.52"), (29.0, "29"), (0.0, "0"), (-3.5, "-3.5"), (1e-08, "1e-08"), (4, "4"),
        (7.20097872, "7.20097872"), (date(2024, 1, 2), "2024-01-02"), (time(9, 5), "09:05:00"),
        (time(9, 5, 1, 500000), "09:05:01.500000"),
    ],
)  # fmt: skip
def test_cells_have_the_digits_that_were_stored(cell, shown):
    assert text(cell) == shown


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-12", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_compute_stays_text(cell):
    assert text(cell) == f"'{cell}"


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path):
    def peak(count):
        tracemalloc.start()
        pages = ([["some text", 1.5] * 50] for _ in range(count))
        write_csv(tmp_path / "sheet.csv", ["Heading"] * 100, pages)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak(10)
    assert peak(5000) < 2 * peak(500)
