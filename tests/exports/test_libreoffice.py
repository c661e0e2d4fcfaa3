"""LibreOffice opens one file of each kind, and finds in it what we wrote."""

import csv
import os
import re
import subprocess
import zipfile
from datetime import date
from io import BytesIO
from itertools import zip_longest

import pytest
from python_calamine import CalamineWorkbook

from app import create_app
from app.demo.study import study
from app.exports.csv_file import text
from app.exports.kinds import KINDS
from app.exports.openskin import openskin
from app.exports.options import answered
from app.exports.order import Order
from app.extensions import db
from app.ingest.layouts import REPORT
from app.ingest.receive import receive
from app.queries.selection import Selection
from app.settings import load
from app.transactions import one_moment
from tests.exports.test_nhsbsp import view
from tests.factories import PROJECTION, ct_report, fluoroscopy_report, header, nuclear_report, report_file, row_of

# Comma, quotation marks, UTF-8, from the first line; what is no text file does not heed it.
AS_CSV = "--infilter=:44,34,76,1"
LAST_DAY = date(2026, 1, 31)
ODD = {
    "StudyDescription": "=1+1", "InstitutionName": "@SUM(A1)", "StationName": "-2 Träume",
    "RequestedProcedureDescription": "+49 é患者", "Manufacturer": "=HYPERLINK(\"http://x.example\")",
}  # fmt: skip
FLUOROSCOPY = "2.25.4712"
# Spreadsheets take for a formula what begins so; in CSV an apostrophe keeps them from it, and is seen.
PLAIN = {kind.name for kind in KINDS.values() if kind.writer.suffix == ".csv"}
FILES = sorted(name for name, kind in KINDS.items() if kind.writer.suffix in (".csv", ".xlsx"))
FORMULA = re.compile(rb"<f(?: [^>]*)?>([^<]*)")
LITERALS = {b"TRUE()", b"FALSE()"}  # how LibreOffice keeps a yes and a no of CSV
PACKED = ("2d", "tomosynthesis", "left-out")


def odd_reports():
    """A report of each modality whose texts spreadsheets like to take for something else."""
    mammography = row_of(REPORT, {"procedure_reported": PROJECTION, "projection_event": [view()]})
    radiography = row_of(REPORT, {"procedure_reported": PROJECTION, "projection_event": [view(laterality=None)]})
    yield ct_report({"acquisition_protocol": "=1+1"}), {}
    yield fluoroscopy_report({"acquisition_protocol": "-é"}, {}), {"StudyInstanceUID": FLUOROSCOPY}
    yield nuclear_report({}), {}
    yield mammography, {"Modality": "MG"}
    yield radiography, {"Modality": "DX"}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder with a file of each kind."""
    folder = tmp_path_factory.mktemp("written")
    app = create_app(load({"INSTANCE": str(tmp_path_factory.mktemp("site")), "REDIS_URL": "unix:///nowhere"}))
    with app.app_context():
        db.create_all()
        for report, changes in odd_reports():
            assert receive(report_file(report, **(header() | ODD | changes))).result == "imported"
        for number in range(15):
            for file in study(1, number, LAST_DAY, REPORT).files:
                receive(BytesIO(file))
        for kind in KINDS.values():
            write(kind, folder)
        with one_moment() as connection:
            (folder / "openskin.csv").write_text(openskin(connection, FLUOROSCOPY), encoding="utf-8", newline="")
        db.engine.dispose()
    with zipfile.ZipFile(folder / "mg-nhsbsp.zip") as pack:
        pack.extractall(folder)
    return folder


def write(kind, folder):
    """Write all studies as the kind."""
    selection = Selection.from_args(kind.modality, {"sort": "date"})
    with one_moment() as connection:
        order = Order(
            folder / f"{kind.name}{kind.writer.suffix}", connection, selection.ordered(), 1, lambda done: None,
            [("Made by", "Zoë Ångström"), ("Studies", "=all")], answered(kind.options, {}),
        )  # fmt: skip
        kind.write(order)


@pytest.fixture(scope="module")
def converted(written, soffice, tmp_path_factory):
    """What LibreOffice makes of all of them as workbooks of its own, and what it says."""
    folder = tmp_path_factory.mktemp("converted")
    files = sorted(str(path) for path in written.iterdir() if path.suffix in (".csv", ".xlsx"))
    command = [soffice, f"-env:UserInstallation=file://{folder}/profile", "--headless", AS_CSV]
    command += ["--convert-to", "xlsx", "--outdir", str(folder), *files]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ | {"HOME": str(folder)})
    assert said.returncode == 0, said.stderr
    return folder, [line for line in said.stderr.splitlines() if "javaldx" not in line]  # of Java, which nothing needs


def sheets(path):
    """The sheets of a workbook by their names."""
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def lines_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def test_it_opens_all_of_them_without_complaint(written, converted):
    folder, complaints = converted
    assert complaints == []
    names = {path.stem for path in written.iterdir() if path.suffix in (".csv", ".xlsx")}
    assert names == {path.stem for path in folder.glob("*.xlsx")} and names > {*FILES, "openskin"}


def test_it_finds_nothing_to_compute(converted):
    for path in converted[0].glob("*.xlsx"):
        with zipfile.ZipFile(path) as pack:
            parts = [name for name in pack.namelist() if name.startswith("xl/worksheets/")]
            formulas = {found for name in parts for found in FORMULA.findall(pack.read(name))}
        assert formulas <= LITERALS, path.stem


@pytest.mark.parametrize("name", sorted({*FILES} - PLAIN))
def test_a_workbook_has_the_same_sheets_and_cells_after_it(written, converted, name):
    ours, theirs = (sheets(folder / f"{name}.xlsx") for folder in (written, converted[0]))
    assert list(theirs) == list(ours)
    assert {title: len(rows) for title, rows in theirs.items()} == {title: len(rows) for title, rows in ours.items()}
    assert theirs == ours


@pytest.mark.parametrize("name", [*sorted(PLAIN), *(f"nhsbsp-1-{part}" for part in PACKED), "openskin"])
def test_a_csv_has_the_same_cells_in_it(written, converted, name):
    ours, (theirs,) = lines_of(written / f"{name}.csv"), sheets(converted[0] / f"{name}.xlsx").values()
    assert len(theirs) == len(ours) > 0
    for our_line, their_line in zip(ours, theirs, strict=True):  # columns that all rows leave empty are not there
        assert [cell for cell in zip_longest(our_line, their_line, fillvalue="") if not same(*cell)] == []


def same(ours, theirs):
    """Whether the spreadsheet shows what the file has."""
    if isinstance(theirs, float):
        return float(ours) == theirs
    return ours == (theirs if isinstance(theirs, str) else text(theirs))


def test_texts_that_look_like_formulas_and_accents_are_there_to_be_seen(converted):
    cells = {cell for rows in sheets(converted[0] / "ct-xlsx.xlsx").values() for row in rows for cell in row}
    assert {*ODD.values(), "Zoë Ångström", "=all"} <= cells
    cells = {cell for rows in sheets(converted[0] / "ct-csv.xlsx").values() for row in rows for cell in row}
    assert {f"'{text}" for text in ODD.values()} <= cells
