"""What holds for every kind of export: whose it is, what cells are, what sheets are called, and what it asks of the
database."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from pyarrow import parquet
from python_calamine import CalamineWorkbook
from sqlalchemy import event

from app import __version__
from app.dicom.concept import Concept
from app.exports import phe_rf
from app.exports.kinds import KINDS
from app.exports.options import answered
from app.exports.place import download_name, provenance_of
from app.extensions import db
from app.jobs.export import Wish, make
from app.models import Job
from app.queries.modalities import MODALITIES
from app.queries.selection import Selection
from tests.exports.each import store

COMPUTED = ["=1+1", "+49", "-12", "@SUM(A1)"]
ODD = ["a/b", "A:B", "x" * 40, "X" * 40, "Summary", "all DATA", "About", "data", "History", "'q'", "[1]*?", "Ächz", "1"]
FORBIDDEN = set("[]:*?/\\")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
TEXTS = {
    "Accession number",
    "Patient ID",
    "Study description",
    "Acquisition protocol",
    "accession_number",
    "patient_id",
}
ABOUT = ("Made with", "Made at", "Made by", "Studies", "Total number of exams")


class Watch:
    """Nobody hears how far it is."""

    def __call__(self, done):
        """Hear nothing."""

    def tell(self, **values):
        """Hear nothing."""


@pytest.fixture
def made(app, database, tmp_path):
    """Makes each export of the modality; gives the file of each kind."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], xlsx_date="dd.mm.yyyy", xlsx_time="hh.mm")

    def export(modality, **asked):
        for name, kind in KINDS.items():
            if kind.modality == modality:
                file = tmp_path / f"{name}{kind.writer.suffix}"
                selection = Selection.from_args(modality, {"sort": "date"} | asked)
                make(file, Wish(kind, selection, "=somebody", answered(kind.options, {})), Watch())
                yield kind, file

    return export


def studies(modality, names):
    """Stores a study for each name, so described and with such a protocol or agent."""
    for number, name in enumerate(names):
        own = {
            "ct": {"acquisition_protocol": name, "dlp": 1.5},
            "nm": {"agent": Concept(f"{number}", "99TEST", name)},
            "rf": {"acquisition_protocol": name, "positioner_primary_angle": -12.5, "dap": 1.5e-4},
        }.get(modality, {"acquisition_protocol": name})
        store(modality, own, StudyDescription=name, StudyTime=f"{10 + number // 60}{number % 60:02}00")


def sheets(file):
    """The rows of each sheet as a spreadsheet reads them."""
    book = CalamineWorkbook.from_path(file)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def texts(file):
    """What is in the CSV file, or in each of those in the zip."""
    if file.suffix == ".csv":
        return [file.read_bytes()]
    with zipfile.ZipFile(file) as pack:
        return [pack.read(name) for name in pack.namelist()]


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_says_who_made_it_when_of_what_with_which_version_and_of_how_many_studies(made, modality):
    studies(modality, ["one", "two", "three"])
    before = datetime.now().astimezone() - timedelta(seconds=1)
    for kind, file in made(modality, description__has="t"):
        words = f"{MODALITIES[modality].title}, study description contains “t”"
        story = json.loads(provenance_of(file).read_text())
        told = {"made_by": "=somebody", "made_with": f"OpenREM {__version__}", "studies": 2, "export": kind.title}
        assert story | told | {"selection": words} == story, kind.name
        assert datetime.fromisoformat(story["made_at"]) >= before
        wanted = dict(zip(ABOUT, (story[key] for key in ("made_with", "made_at", "made_by", "selection", "studies")),
                          strict=True))  # fmt: skip
        if file.suffix == ".xlsx":
            first = {line[0]: line[1] for line in next(iter(sheets(file).values())) if len(line) > 1}
            assert first | wanted == first, kind.name
        if file.suffix == ".parquet":
            inside = json.loads(parquet.read_schema(file).metadata[b"openrem"])
            assert inside == {key: wanted[key] for key in ABOUT[:4]}


@pytest.mark.parametrize("modality", MODALITIES)
def test_text_stays_text_and_numbers_and_dates_are_none(made, modality):
    studies(modality, COMPUTED)
    for kind, file in made(modality):
        if file.suffix == ".xlsx":
            check_workbook(kind, file)
        elif file.suffix in (".csv", ".zip"):
            for told in texts(file):
                check_csv(kind, told)


def check_workbook(kind, file):
    """Fail where a cell is of another type than it should be."""
    with zipfile.ZipFile(file) as pack:
        parts = {name: pack.read(name).decode() for name in pack.namelist()}
    assert not [name for name, told in parts.items() if re.search(r"<f\b|<hyperlink", told)], f"{kind.name} computes"
    _, *found = sheets(file).items()
    above = phe_rf.TITLES if kind.name == "rf-phe" else 0  # rows of the form above the titles
    tables = [rows[above:] for name, rows in found if name != "Dictionary"]
    cells = [pair for rows in tables for row in rows[1:] for pair in zip(rows[0], row, strict=False)]
    assert {cell for _, cell in cells} & set(COMPUTED) or kind.name.startswith("ct-phe"), kind.name
    numbers = {heading for heading, cell in cells if is_number(cell)}
    assert not numbers, f"{kind.name} has numbers that are text: {numbers}"
    dates = {type(cell) for heading, cell in cells if str(heading).lower() in ("study date", "study_date", "exam date")}
    assert dates <= {date}, f"{kind.name} has dates that are {dates}"
    assert not dates or "dd.mm.yyyy" in parts["xl/styles.xml"], f"{kind.name} has its own format of dates"
    assert not [cell for _, cell in cells if cell in ("None", "nan", "null")]


def is_number(cell):
    """Whether the cell is a text that says a number, and none that somebody gave as a name."""
    return isinstance(cell, str) and bool(NUMBER.fullmatch(cell)) and cell not in COMPUTED


def check_csv(kind, told):
    """Fail where a spreadsheet would compute a cell, or show letters wrongly."""
    assert told.startswith(b"\xef\xbb\xbf") and not told.startswith(b"\xef\xbb\xbf" * 2), f"{kind.name} has no mark"
    heading, *rows = csv.reader(io.StringIO(told.decode("utf-8-sig"), newline=""), strict=True)
    assert {len(row) for row in rows} <= {len(heading)}
    for row in rows:
        for name, cell in zip(heading, row, strict=True):
            assert cell[:1] not in ("=", "+", "@", "\t", "\r"), f"{kind.name}, {name}: {cell}"
            assert cell[:1] != "-" or NUMBER.fullmatch(cell), f"{kind.name}, {name}: {cell}"
            assert not re.match(r"'[-+]?\d", cell) or cell in ("'+49", "'-12"), "a number is not text"
            assert cell not in ("None", "nan", "null")
    if kind.name == "rf-long-csv":
        assert {row[heading.index("positioner_primary_angle")] for row in rows} == {"-12.5"}
    if "Study description" in heading:
        assert {row[heading.index("Study description")] for row in rows} == {f"'{text}" for text in COMPUTED}


@pytest.mark.parametrize("modality", MODALITIES)
def test_sheets_have_names_that_spreadsheets_take_and_each_another(made, modality):
    studies(modality, ODD)
    for kind, file in made(modality):
        if file.suffix == ".xlsx":
            names = list(sheets(file))
            assert len({name.casefold() for name in names}) == len(names), kind.name
            assert all(0 < len(name) <= 31 and not FORBIDDEN & set(name) for name in names), kind.name
            assert not [name for name in names if name.strip("'") != name or name.casefold() == "history"]
            assert any(name.startswith("Ächz") for name in names) or len(names) < len(ODD)


@pytest.mark.parametrize("modality", MODALITIES)
def test_ten_times_as_many_studies_take_as_many_statements(made, modality):
    def counted():
        statements, numbers = [], {}

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        for kind, _ in made(modality):
            numbers[kind.name] = len(statements)
            statements.clear()
        event.remove(db.engine, "before_cursor_execute", note)
        return numbers

    studies(modality, ["same"] * 2)
    few = counted()
    studies(modality, ["same"] * 18)
    assert counted() == few
    assert max(few.values()) < 40


def test_names_of_files_say_what_is_in_them_so_that_two_of_one_selection_are_told_apart():
    """The table with patients' IDs was called like the one without, and the long table like the usual one."""
    asked_for = datetime(2026, 1, 2, 3, 4)
    names = {name: download_name(Job(kind=name, title="Studies, last 90 days", created_at=asked_for)) for name in KINDS}
    for modality in MODALITIES:
        of_one = [names[name] for name, kind in KINDS.items() if kind.modality == modality]
        assert len(set(of_one)) == len(of_one)
    assert re.fullmatch(r"studies-last-90-days-2026-01-0[123]-\d{4}\.csv", names["ct-csv"])
    assert names["rf-long-csv-pid"].startswith("studies-last-90-days-long-with-patient-ids-2026-")
    assert all(("with-patient-ids" in names[name]) == kind.identified for name, kind in KINDS.items())
