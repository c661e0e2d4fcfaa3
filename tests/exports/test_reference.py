"""Each modality's CSV against the spreadsheet that hospitals know, cell by cell, for real reports.

`differences/<modality>.toml` says which files are told of, which columns tell rows apart, and where we differ and why.
"""

import csv
import json
import tomllib
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from app.exports.kinds import KINDS
from app.exports.order import Order
from app.ingest.receive import receive
from app.queries.selection import Selection
from app.settings import ROOT
from tests.conftest import EXPECTED

HALF = Decimal("0.5")
COLUMNS = EXPECTED.parent / "export-columns.json"
MODALITIES = {path.stem: tomllib.loads(path.read_text()) for path in Path(__file__).parent.glob("differences/*.toml")}


@pytest.fixture
def exported(database, tmp_path):
    """Exports all studies and gives the rows as dictionaries."""

    def export(kind):
        path = tmp_path / "export.csv"
        selection = Selection.from_args(KINDS[kind].modality, {"sort": "date"})
        with database.engine.connect() as connection:
            KINDS[kind].write(Order(path, connection, selection.ordered(), 1, lambda done: None))
        return read(path, "utf-8-sig")

    return export


def read(path, encoding="utf-8"):
    with path.open(newline="", encoding=encoding) as file:
        return list(csv.DictReader(file, restval="", strict=True))


def by_name(rows, columns):
    """The rows by what the columns say; of those that say the same, the second has #2 behind it."""
    named, times = {}, Counter()
    for row in rows:
        name = " ".join(row[column] for column in columns)
        times[name] += 1
        named[name if times[name] == 1 else f"{name} #{times[name]}"] = row
    return named


def same(ours, theirs):
    """Whether two cells say the same: numbers but for rounding, texts but for what the old program did to them."""
    try:
        exact, rounded = Decimal(ours), Decimal(theirs)
        return abs(exact - rounded) <= (Decimal(0) if "." not in theirs else HALF.scaleb(rounded.as_tuple().exponent))
    except InvalidOperation:
        ours, theirs = (" ".join(text.replace(",", ";").split()) for text in (ours, theirs))
        return ours == theirs or _without_decimals(ours) == _without_decimals(theirs)


def _without_decimals(text):
    """Sentences about numbers had two decimals."""
    return [str(float(word)) if word.replace(".", "", 1).isdigit() else word for word in text.split()]


def expected_differences(told):
    """By row and column what we say instead."""
    return {
        (row, column): one.get("ours", "")
        for one in told["difference"]
        for row in one["rows"]
        for column in one["columns"]
    }


@pytest.mark.parametrize("modality", MODALITIES)
def test_real_reports_give_the_known_spreadsheet_but_for_its_faults(dicom_folder, exported, modality):
    told = MODALITIES[modality]
    reference = EXPECTED.parent / "exports" / f"{modality.upper()}_csv.csv"
    if not reference.is_file():
        pytest.skip("the reference is not here")
    for path in sorted(path for pattern in told["files"] for path in dicom_folder.glob(pattern)):
        receive(str(path))
    ours, theirs = (by_name(rows, told["row"]) for rows in (exported(f"{modality}-csv"), read(reference)))
    without = {row for one in told.get("not_ours", ()) for row in one["rows"]}
    theirs = {name: row for name, row in theirs.items() if name not in without}
    assert sorted(ours) == sorted(theirs), "a row is missing, or one too many"
    headings = [name for name in next(iter(theirs.values())) if name not in told.get("without_columns", ())]
    assert [name for name in next(iter(ours.values())) if name not in told.get("own_columns", ())] == headings
    found = {
        (row, name): ours[row][name]
        for row in theirs
        for name in headings
        if not same(ours[row][name], theirs[row][name])
    }
    assert found == expected_differences(told)


@pytest.mark.parametrize("modality", MODALITIES)
def test_each_difference_is_documented(modality):
    document = " ".join((ROOT / "docs" / "export-differences.md").read_text().split())
    told = MODALITIES[modality]
    reasons = [one["reason"] for one in (*told["difference"], *told.get("not_ours", ()))]
    assert not [reason for reason in reasons if reason not in document]


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_columns_are_named_as_hospitals_know_them(modality):
    if not COLUMNS.is_file():
        pytest.skip("the reference is not here")
    names = json.loads(COLUMNS.read_text())[f"{modality.upper()}_csv"]["(single csv table)"]
    writer = KINDS[f"{modality}-csv"].writer
    first, *others = writer.parts if hasattr(writer, "parts") else (writer.study, writer.event)
    numbered = [part.heading.replace("{name}", name) if hasattr(part, "heading") else name
                for part in others for name in part.block.headings]  # fmt: skip
    beyond = tuple(MODALITIES[modality].get("beyond", ()))
    ours = [name for name in (*first.block.headings, *numbered) if not name.startswith(beyond)]
    once = {name for name in names if name.replace(" 1", " {n}", 1) in ours and "1" in name}
    assert ours == [name.replace(" 1", " {n}", 1) if name in once else name for name in names]
